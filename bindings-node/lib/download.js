'use strict';

const fs = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { pipeline } = require('node:stream/promises');
const { fileURLToPath } = require('node:url');
const { describe, fromNative, invalid, text } = require('./error.js');
const { KINDS } = require('./generated/bill_rows.js');
const { encode } = require('./json.js');
const native = require('./native.js');

/** What is fetched: an answer such as that of `bills.tradeBill`, whole and as JSON, or a bare URL. */
function sourceOf(source, sha1) {
  if (typeof source === 'string') {
    return { url: text(source, 'source'), sha1: sha1 === undefined ? undefined : text(sha1, 'options.sha1') };
  }
  if (source === null || typeof source !== 'object' || Array.isArray(source)) {
    throw invalid('WRONG_TYPE', 'source', `must be an answer that announces a file, or a URL, not ${describe(source)}.`);
  }
  if (sha1 !== undefined) {
    throw invalid('WRONG_TYPE', 'options.sha1', 'goes with a bare URL; an answer brings its own hash.');
  }
  return { answer: encode(source, 'source') };
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

/** What the rows are read as, for the addon. */
function kindOf(options) {
  const { kind, totals } = options ?? {};
  if (kind !== undefined && !KINDS.includes(kind)) {
    const known = KINDS.map((one) => `'${one}'`).join(' or ');
    throw invalid('WRONG_TYPE', 'options.kind', `must be ${known}, not ${describe(kind)}.`);
  }
  if (totals !== undefined && typeof totals !== 'boolean') {
    throw invalid('WRONG_TYPE', 'options.totals', `must be a boolean, not ${describe(totals)}.`);
  }
  if (totals !== false) return kind ?? 'any';
  if (kind === undefined) return 'without_totals';
  throw invalid('WRONG_TYPE', 'options.totals', 'cannot be false with options.kind: such bills have totals.');
}

/** Yuan as text to fen. */
function fen(yuan) {
  text(yuan, 'yuan');
  let whole;
  try {
    whole = Number(native.fen(yuan));
  } catch (error) {
    throw fromNative(error.message);
  }
  if (Number.isSafeInteger(whole)) return whole;
  throw invalid('WRONG_TYPE', 'yuan', 'is beyond what a number of JavaScript holds exactly.');
}

/** Rows of a bill, in batches behind the scenes. Leaving the loop early releases the file. */
async function* billRows(source, options, { fetch, afterwards, open: openAs, next }) {
  const kind = kindOf(options);
  const open = (path) => openAs(path, kind);
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

module.exports = { sourceOf, pathOf, toWritable, billRows, fen };
