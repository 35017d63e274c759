'use strict';

const { Client, answerInfo } = require('./lib/client.js');
const { WeChatPayError } = require('./lib/error.js');
const { kinds, ...errors } = require('./lib/generated/errors.js');
const { version } = require('./package.json');

module.exports = { Client, WeChatPayError, ...errors, answerInfo, version };
