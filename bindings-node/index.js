'use strict';

const { Client, answerInfo } = require('./lib/client.js');
const { WeChatPayError } = require('./lib/error.js');
const { kinds, ...errors } = require('./lib/generated/errors.js');
const native = require('./lib/native.js');

module.exports = { Client, WeChatPayError, ...errors, answerInfo, version: native.version() };
