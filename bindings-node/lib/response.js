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

/** As the addon takes them: a line for each name and each value. A line break in one is folded, as HTTP has it. */
const lines = (name, value) => `${name}\n${value.includes('\n') ? value.replace(/\r?\n/g, ' ') : value}\n`;

const SIGNED = ['wechatpay-serial', 'wechatpay-signature', 'wechatpay-timestamp', 'wechatpay-nonce', 'wechatpay-signature-type'];

/** The headers that matter for a notification. */
function wechatpayHeaders(headers) {
  let text = '';
  // As Node keeps them, in lower case: look them up. The last of them may be absent.
  if (headers !== null && typeof headers === 'object' && SIGNED.every((name, index) => index === 4 || typeof headers[name] === 'string')) {
    for (const name of SIGNED) if (typeof headers[name] === 'string') text += lines(name, headers[name]);
    return text;
  }
  eachHeader(headers, 'headers', (name, value) => {
    // Also names that something on the way changed, such as `HTTP_WECHATPAY_SERIAL`: the core says what happened to them.
    if (/^[^\n]*wechatpay[-_][^\n]*$/i.test(name)) text += lines(name, value);
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
  let headers = '';
  eachHeader(response.headers, 'response.headers', (name, value) => {
    if (!name.includes('\n')) headers += lines(name, value);
  });
  const whole = (body) => ({ status, headers, body: bytes(body, 'response.body') });
  const { body } = response;
  if (typeof response.arrayBuffer === 'function') {
    if (response.bodyUsed) throw invalid('WRONG_TYPE', 'response', 'was read already. Pass it before reading it.');
    return response.arrayBuffer().then(whole);
  }
  if (body && typeof body.arrayBuffer === 'function' && !ArrayBuffer.isView(body)) return body.arrayBuffer().then(whole);
  return whole(body ?? Buffer.alloc(0));
}

module.exports = { eachHeader, wechatpayHeaders, readResponse };
