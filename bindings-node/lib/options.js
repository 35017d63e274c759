'use strict';

const { describe, makeError } = require('./error.js');
const OPTIONS = require('./generated/options.js');

const text = (value) => (typeof value === 'string' ? value : fail('a text', value));
const flag = (value) => (typeof value === 'boolean' ? value : fail('true or false', value));
const whole = (value) =>
  Number.isSafeInteger(value) && value >= 0 ? value : fail('a whole number, 0 or more', value);
const seconds = (value) =>
  typeof value === 'number' && value > 0 && Number.isFinite(value)
    ? value / 1000
    : fail('a number of milliseconds above 0', value);
const texts = (value) => (Array.isArray(value) ? value.map(text) : fail('an array of texts', value));
/** A key or certificate as text, or as it was read from a file: the core reads base64 of whatever it is. */
const key = (value) => (value instanceof Uint8Array ? base64(value) : text(value));
/** PEM as text, or as it was read from a file. */
const pem = (value) => (value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : text(value));
const path = (value) => (value instanceof URL ? require('node:url').fileURLToPath(value) : text(value));
const base64 = (value) => (value instanceof Uint8Array ? Buffer.from(value).toString('base64') : fail('a Buffer', value));

/** How a value of each kind is read. */
const READ = {
  text,
  texts,
  seconds,
  whole,
  flag,
  key,
  pem,
  path,
  binary: base64,
  keys: (value) => (Array.isArray(value) ? value.map(key) : texts(value)),
  paths: (value) => (Array.isArray(value) ? value.map(path) : texts(value)),
  publicKeys,
};

class Wrong extends Error {}

function fail(wanted, value) {
  // Never the value itself: it may be a key.
  throw new Wrong(`must be ${wanted}, not ${typeof value === 'number' ? value : describe(value)}`);
}

function publicKeys(value) {
  if (!Array.isArray(value)) fail('an array of { id, key } or { id, path }', value);
  return value.map((entry) => {
    if (entry === null || typeof entry !== 'object') fail('an array of { id, key } or { id, path }', entry);
    const { id, key: own, path: file } = entry;
    return { id: text(id), key: own === undefined ? null : key(own), path: file === undefined ? null : path(file) };
  });
}

function config(message) {
  return makeError({ kind: 'config', code: 'CONFIG', message, text: `CONFIG: ${message}` });
}

/** What a client may do otherwise for some calls: its name in the core, and how the value is read. */
const OF_CALLS = {
  timeout: ['timeout', seconds],
  retries: ['retries', whole],
  acceptLanguage: ['accept_language', text],
  headers: ['headers', headers],
};

function headers(value) {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) fail('an object of texts', value);
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, text(one)]));
}

/** What `withOptions` takes, as the core takes it. */
function encodeCallOptions(options) {
  if (options === null || typeof options !== 'object' || Array.isArray(options)) {
    throw config(`options must be an object, not ${describe(options)}.`);
  }
  const out = {};
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (OF_CALLS[name] === undefined) {
      throw config(`options.${name} is not known. Known are: ${Object.keys(OF_CALLS).join(', ')}.`);
    }
    const [core, read] = OF_CALLS[name];
    try {
      out[core] = read(value);
    } catch (error) {
      throw error instanceof Wrong ? config(`options.${name} ${error.message}.`) : error;
    }
  }
  return out;
}

/** The options as the JSON text that the core takes. */
function encodeOptions(options) {
  if (options === null || typeof options !== 'object' || Array.isArray(options)) {
    throw config(`options must be an object, not ${describe(options)}.`);
  }
  const out = { language: `Node/${process.versions.node}` };
  for (const name of Object.keys(options)) {
    const value = options[name];
    if (value === undefined || value === null) {
      // `process.env.X` that is not set: naming it beats a complaint about a missing key later.
      throw config(`options.${name} is ${value}. Leave it out, or check where it comes from (an unset environment variable?).`);
    }
    // No value of JSON: lib/signer.js reads it.
    if (name === 'signer') continue;
    const option = OPTIONS[name];
    if (option === undefined) {
      throw config(`options.${name} is not known. Known are: ${Object.keys(OPTIONS).join(', ')}, signer.`);
    }
    try {
      out[option[0]] = READ[option[1]](value);
    } catch (error) {
      throw error instanceof Wrong ? config(`options.${name} ${error.message}.`) : error;
    }
  }
  if (out.mchid === undefined) throw config('options.mchid, the merchant number, is missing.');
  return JSON.stringify(out);
}

/** The options that `WECHATPAY_…` variables set, under the names that they have here, and those given. */
function optionsFromEnv(environment, options) {
  const native = require('./native.js');
  const { fromNative } = require('./error.js');
  const names = Object.keys(environment).filter((name) => /^wechat/i.test(name) && environment[name] !== undefined);
  const given = Object.keys(options).map((name) => (OPTIONS[name] ? OPTIONS[name][0] : name));
  let json;
  try {
    json = native.optionsFromEnv(names, names.map((name) => String(environment[name])), given);
  } catch (error) {
    throw fromNative(error.message);
  }
  const found = JSON.parse(json);
  const all = {};
  for (const [name, [core, kind]] of Object.entries(OPTIONS)) {
    if (!(core in found)) continue;
    const value = found[core];
    all[name] = kind === 'seconds' ? value * 1000 : kind === 'binary' ? Buffer.from(value, 'base64') : value;
  }
  return { ...all, ...options };
}

module.exports = { encodeCallOptions, encodeOptions, optionsFromEnv };
