'use strict';

const { Client, answerInfo } = require('./lib/client.js');
const { WeChatPayError } = require('./lib/error.js');
const { kinds, ...errors } = require('./lib/generated/errors.js');
const native = require('./lib/native.js');

const fen = (yuan) => require('./lib/download.js').fen(yuan);

module.exports = { Client, WeChatPayError, ...errors, answerInfo, fen, version: native.version() };
