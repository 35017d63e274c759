'use strict';

const { bytes } = require('./bytes.js');
const { describe, invalid } = require('./error.js');

/** Calls `take(name, value)` for each header, however the framework keeps them. */
function eachHeader(headers, argument, take) {
  if (headers === null || typeof headers !== 'object') {
    throw invalid('WRONG_TYPE', argument, `must be the headers (an object, Headers or Map), not ${describe(headers)}.`);
  }
  const one = (name, value) => {
    if (value === undefined || value === null) return;
    const values = Array.isArray(value) ? value : [value];
    for (const text of values) take(String(name), String(text));
  };
  if (Array.isArray(headers)) {
    if (headers.every(Array.isArray)) {
      for (const [name, value] of headers) one(name, value);
    } else {
      // Node's `rawHeaders`: names and values in turn.
      for (let index = 0; index + 1 < headers.length; index += 2) one(headers[index], headers[index + 1]);
    }
  } else if (typeof headers.entries === 'function') {
    for (const [name, value] of headers.entries()) one(name, value);
  } else {
    for (const name of Object.keys(headers)) one(name, headers[name]);
  }
}

/** What every signed message has. */
const SIGNED = ['wechatpay-serial', 'wechatpay-timestamp', 'wechatpay-nonce', 'wechatpay-signature'];
/** All that the core reads of a message that has them. */
const READ = [...SIGNED, 'wechatpay-signature-type', 'request-id', 'content-encoding'];
const isRead = new Set(READ);

/** As the addon takes them: a line for each name and each value. A line break in a value is folded, as HTTP has it. */
const lines = (name, value) => `${name}\n${value.includes('\n') ? value.replace(/\r?\n/g, ' ') : value}\n`;

/**
 * The headers as a text. Where those of every signed message are there under their own names, only what the core reads
 * crosses over; otherwise all, for the core says what happened to them.
 */
function headerLines(headers, argument) {
  let text = '';
  // Going through these sorts them first, which takes longer than asking for a few.
  if (headers?.[Symbol.toStringTag] === 'Headers' && SIGNED.every((name) => headers.has(name))) {
    for (const name of READ) if (headers.has(name)) text += lines(name, headers.get(name));
    return text;
  }
  const complete = SIGNED.every((name) => typeof headers?.[name] === 'string');
  eachHeader(headers, argument, (name, value) => {
    if (complete ? isRead.has(name.toLowerCase()) : !name.includes('\n')) text += lines(name, value);
  });
  return text;
}

/**
 * Status, headers and bytes of an answer: a Fetch `Response`, undici's result, or `{ status, headers, body }`. A promise
 * of them where the body has to be read first.
 */
function readResponse(response) {
  if (response === null || typeof response !== 'object') {
    throw invalid('WRONG_TYPE', 'response', `must be a Response or { status, headers, body }, not ${describe(response)}.`);
  }
  const status = response.status ?? response.statusCode;
  if (!Number.isInteger(status) || status < 100 || status > 999) {
    throw invalid('WRONG_TYPE', 'response.status', `must be an HTTP status, not ${String(status)}.`);
  }
  const headers = headerLines(response.headers, 'response.headers');
  const whole = (body) => ({ status, headers, body: bytes(body, 'response.body') });
  const { body } = response;
  if (typeof response.arrayBuffer === 'function') {
    if (response.bodyUsed) throw invalid('WRONG_TYPE', 'response', 'was read already. Pass it before reading it.');
    return response.arrayBuffer().then(whole);
  }
  if (body && typeof body.arrayBuffer === 'function' && !ArrayBuffer.isView(body)) return body.arrayBuffer().then(whole);
  return whole(body ?? Buffer.alloc(0));
}

module.exports = { headerLines, readResponse };
