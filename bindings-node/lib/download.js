'use strict';

const fs = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { pipeline } = require('node:stream/promises');
const { fileURLToPath } = require('node:url');
const { describe, invalid, text } = require('./error.js');

/** URL and hash: the answer of an operation such as `bills.tradeBill`, or a bare URL. */
function sourceOf(source) {
  if (typeof source === 'string') return { url: text(source, 'source'), sha1: undefined };
  if (source === null || typeof source !== 'object') {
    throw invalid('WRONG_TYPE', 'source', `must be an answer with download_url, or a URL, not ${describe(source)}.`);
  }
  const { download_url: url, hash_type: type, hash_value: value } = source;
  text(url, 'source.download_url');
  if (value === undefined || value === null) return { url, sha1: undefined };
  if (type !== undefined && type !== 'SHA1') {
    throw invalid('WRONG_TYPE', 'source.hash_type', `is ${JSON.stringify(type)}; only SHA1 can be checked.`);
  }
  return { url, sha1: text(value, 'source.hash_value') };
}

function pathOf(destination) {
  if (typeof destination === 'string') return text(destination, 'destination');
  if (destination instanceof URL) return fileURLToPath(destination);
  if (destination !== null && typeof destination === 'object') {
    if (typeof destination.write === 'function' || typeof destination.getWriter === 'function') return undefined;
  }
  throw invalid('WRONG_TYPE', 'destination', `must be a path or a Writable, not ${describe(destination)}.`);
}

const temporaryFolder = () => fs.promises.mkdtemp(join(tmpdir(), 'wechatpay-'));
const remove = (folder) => fs.promises.rm(folder, { recursive: true, force: true, maxRetries: 5 });

/**
 * Into a stream, by way of a temporary file: the stream sees the first byte only when the hash of the last one is
 * right, and a slow reader holds up neither a thread nor WeChat Pay's server. `afterwards` does something when nobody writes
 * to the file any more.
 */
async function toWritable(fetch, writable, during, afterwards) {
  const folder = await temporaryFolder();
  try {
    const path = join(folder, 'bill');
    const done = await fetch(path);
    const ending = new AbortController();
    const write = () => pipeline(fs.createReadStream(path), writable, { signal: ending.signal });
    await during(write, () => ending.abort());
    return done;
  } finally {
    await afterwards(() => remove(folder));
  }
}

/** Rows of a bill, in batches behind the scenes. Leaving the loop early releases the file. */
async function* billRows(source, options, { fetch, afterwards, open, next }) {
  const path = typeof source === 'string' && !/^https?:\/\//i.test(source) ? source : undefined;
  if (path !== undefined || source instanceof URL) {
    return yield* rowsOf(path ?? fileURLToPath(source), options, open, next);
  }
  const folder = await temporaryFolder();
  try {
    const file = join(folder, 'bill');
    await fetch(file);
    return yield* rowsOf(file, options, open, next);
  } finally {
    await afterwards(() => remove(folder));
  }
}

async function* rowsOf(path, options, open, next) {
  const file = open(path);
  try {
    for (;;) {
      const batch = await next(file, 64 * 1024);
      yield* batch.rows;
      if (batch.done) {
        if (batch.summary !== null) options?.onSummary?.(batch.summary);
        return;
      }
    }
  } finally {
    file.close();
  }
}

module.exports = { sourceOf, pathOf, toWritable, billRows };
