'use strict';

const { describe, invalid } = require('./error.js');

/** A Buffer over the same bytes, or an error that names the argument. */
function bytes(value, name) {
  if (ArrayBuffer.isView(value)) {
    if (isDetached(value.buffer)) throw detached(name);
    return Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
  if (isArrayBuffer(value)) {
    if (isDetached(value)) throw detached(name);
    return Buffer.from(value);
  }
  throw invalid('WRONG_TYPE', name, `must be a Buffer, Uint8Array or ArrayBuffer, not ${describe(value)}.`);
}

function isArrayBuffer(value) {
  const tag = Object.prototype.toString.call(value);
  return tag === '[object ArrayBuffer]' || tag === '[object SharedArrayBuffer]';
}

/** `ArrayBuffer.prototype.detached` came with Node 22. A view on a detached buffer cannot be made. */
function isDetached(buffer) {
  if (buffer.byteLength > 0) return false;
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}

function detached(name) {
  return invalid('WRONG_TYPE', name, 'is over an ArrayBuffer that was transferred away: its bytes are gone.');
}

module.exports = { bytes };
