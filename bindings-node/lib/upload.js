'use strict';

const { basename } = require('node:path');
const { fileURLToPath } = require('node:url');
const { bytes } = require('./bytes.js');
const { describe, invalid, makeError, text } = require('./error.js');

/**
 * Name and content of a file to upload: a path, bytes, a Blob or File, or a stream. What takes time is done `during` the
 * call, and ends with it.
 */
async function readUpload(file, options, maxBytes, { operation, during }) {
  const wanted = options?.fileName;
  if (wanted !== undefined) text(wanted, 'options.fileName');
  if (typeof file === 'string' || file instanceof URL) {
    const path = typeof file === 'string' ? file : fileURLToPath(file);
    return { name: wanted ?? basename(path), content: await during(() => readPath(path, maxBytes, operation)) };
  }
  if (file !== null && typeof file === 'object') {
    if (ArrayBuffer.isView(file) || file instanceof ArrayBuffer) {
      return { name: named(wanted, operation), content: bytes(file, 'file') };
    }
    if (typeof file.arrayBuffer === 'function') {
      const name = wanted ?? file.name ?? named(undefined, operation);
      checkSize(file.size, maxBytes, operation);
      return { name, content: Buffer.from(await during(() => file.arrayBuffer())) };
    }
    if (typeof file[Symbol.asyncIterator] === 'function') {
      const fromPath = typeof file.path === 'string' ? basename(file.path) : undefined;
      const name = named(wanted ?? fromPath, operation);
      const chunks = chunksOf(file);
      return { name, content: await during(() => collect(chunks, maxBytes, operation), chunks.abandon) };
    }
  }
  throw invalid('WRONG_TYPE', 'file', `must be a path, Buffer, Blob or stream, not ${describe(file)}.`, operation);
}

async function readPath(path, maxBytes, operation) {
  const { open } = require('node:fs/promises');
  let handle;
  try {
    handle = await open(path);
    checkSize((await handle.stat()).size, maxBytes, operation);
    return await handle.readFile();
  } catch (error) {
    if (error.kind !== undefined) throw error;
    const message = `the file ${path} could not be read: ${error.message}.`;
    throw makeError({ kind: 'io', code: 'IO', message, text: `IO: ${message}`, operation, cause: error });
  } finally {
    await handle?.close();
  }
}

/** The pieces of a stream, and how to let go of one that gives none. */
function chunksOf(stream) {
  // A reader can be cancelled while it waits; the iterator of a web stream cannot.
  if (typeof stream.getReader === 'function') {
    const reader = stream.getReader();
    const cancel = () => void reader.cancel().catch(() => {});
    return { next: () => reader.read(), end: cancel, abandon: cancel };
  }
  const iterator = stream[Symbol.asyncIterator]();
  const end = () => void Promise.resolve(iterator.return?.()).catch(() => {});
  const abandon = () => (typeof stream.destroy === 'function' ? stream.destroy() : end());
  return { next: () => iterator.next(), end, abandon };
}

/** A stream has no length: reading stops where the limit is passed, not where memory ends. */
async function collect(chunks, maxBytes, operation) {
  const parts = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await chunks.next();
      if (done) return Buffer.concat(parts);
      const part = typeof value === 'string' ? Buffer.from(value) : bytes(value, 'file');
      size += part.length;
      checkSize(size, maxBytes, operation);
      parts.push(part);
    }
  } catch (error) {
    chunks.end();
    throw error;
  }
}

function checkSize(size, maxBytes, operation) {
  if (maxBytes !== undefined && size > maxBytes) {
    throw invalid('TOO_LONG', 'file', `has more than ${maxBytes} bytes, the most that WeChat Pay accepts.`, operation);
  }
}

function named(name, operation) {
  if (name !== undefined) return name;
  throw invalid('MISSING_PARAMETER', 'options.fileName', 'is missing: bytes have no name of their own.', operation);
}

module.exports = { readUpload };
