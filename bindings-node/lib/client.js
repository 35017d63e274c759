'use strict';

const native = require('./native.js');
const families = require('./generated/api.js');
const { Calls } = require('./calls.js');
const { encodeOptions } = require('./options.js');
const { describe, fromNative, invalid, makeError, text } = require('./error.js');

// What is not needed for a first client is loaded when it is needed: each file costs a third of a millisecond.
let encode = (...parameters) => {
  ({ encode } = require('./json.js'));
  return encode(...parameters);
};

/** What is known of the answer behind an object that a call returned. */
const answers = new WeakMap();

function parsed({ text: json, about }) {
  const value = JSON.parse(json);
  if (value !== null && typeof value === 'object') answers.set(value, about);
  return value;
}

/** Calls WeChat Pay for one merchant. Make one and keep it. */
class Client {
  #native;
  #calls = new Calls();
  #closed = null;

  constructor(options) {
    const encoded = encodeOptions(options);
    try {
      this.#native = new native.NativeClient(encoded, this.#calls.report);
    } catch (error) {
      throw fromNative(error.message);
    }
  }

  get notifications() {
    const { Notifications } = require('./notifications.js');
    const { lazy } = require('./lazy.js');
    const run = (what, begin) => this.#start(what, begin, { reads: true });
    return lazy(this, 'notifications', new Notifications(this.#native, run));
  }

  get mchid() {
    return this.#native.mchid;
  }

  /** Starts a call unless the client is closed. */
  #start(operation, begin, { options, reads, onProgress }) {
    if (this.#closed !== null) {
      const message = 'the client was closed.';
      const text = `${operation}: CLOSED: ${message}`;
      return Promise.reject(makeError({ kind: 'closed', code: 'CLOSED', message, text, operation }));
    }
    const onlyReads = typeof reads === 'boolean' ? () => reads : () => native.onlyReads(reads);
    return this.#calls.start(this.#native, begin, { operation, options, reads: onlyReads, onProgress });
  }

  /** What the addon does at once. */
  #now(work) {
    try {
      return work();
    } catch (error) {
      throw fromNative(error.message);
    }
  }

  // The methods below are `async` so that a wrong argument is a rejection like every other failure, and so that the
  // caller's own frames are in the stack of the error.

  async call(operation, params, options) {
    text(operation, 'operation');
    const json = encode(params, 'params', operation);
    const begin = (id) => this.#native.call(id, operation, json);
    return parsed(await this.#start(operation, begin, { options, reads: operation }));
  }

  async request(method, path, body, options) {
    text(method, 'method');
    text(path, 'path');
    const json = encode(body, 'body') || undefined;
    const what = `${method} ${path.split('?')[0]}`;
    const begin = (id) => this.#native.request(id, method, path, json);
    return parsed(await this.#start(what, begin, { options, reads: method }));
  }

  async upload(operation, file, options, maxBytes) {
    text(operation, 'operation');
    const { readUpload } = require('./upload.js');
    const { name, content } = await readUpload(file, options, maxBytes, operation);
    const begin = (id) => this.#native.upload(id, operation, name, content);
    return parsed(await this.#start(operation, begin, { options, reads: true }));
  }

  async prepare(operation, params) {
    text(operation, 'operation');
    const json = encode(params, 'params', operation);
    return prepared(await this.#start(operation, (id) => this.#native.prepare(id, operation, json), { reads: true }));
  }

  async finish(operation, response) {
    text(operation, 'operation');
    const { readResponse } = require('./response.js');
    const read = readResponse(response);
    const { status, headers, body } = read instanceof Promise ? await read : read;
    const outcome = this.#now(() => this.#native.finishNow(operation, status, headers, body));
    if (outcome !== null) return parsed(outcome);
    const begin = (id) => this.#native.finish(id, operation, status, headers, body);
    return parsed(await this.#start(operation, begin, { reads: true }));
  }

  async prepareRequest(method, path, body) {
    text(method, 'method');
    text(path, 'path');
    const json = encode(body, 'body') || undefined;
    const begin = (id) => this.#native.prepareRequest(id, method, path, json);
    return prepared(await this.#start(`${method} ${path.split('?')[0]}`, begin, { reads: true }));
  }

  async finishRequest(method, response) {
    text(method, 'method');
    const { readResponse } = require('./response.js');
    const read = readResponse(response);
    const { status, headers, body } = read instanceof Promise ? await read : read;
    const outcome = this.#now(() => this.#native.finishRequestNow(method, status, headers, body));
    if (outcome !== null) return parsed(outcome);
    const begin = (id) => this.#native.finishRequest(id, method, status, headers, body);
    return parsed(await this.#start(method, begin, { reads: true }));
  }

  async download(source, destination, options) {
    const { sourceOf, toWritable, pathOf } = require('./download.js');
    const { url, sha1 } = sourceOf(source);
    const onProgress = options?.onProgress;
    if (onProgress !== undefined && typeof onProgress !== 'function') {
      throw invalid('WRONG_TYPE', 'options.onProgress', `must be a function, not ${describe(onProgress)}.`);
    }
    const fetch = async (path) => {
      const begin = (id) => this.#native.download(id, url, sha1, path, onProgress !== undefined);
      return JSON.parse((await this.#start('download', begin, { options, reads: true, onProgress })).text);
    };
    const path = pathOf(destination);
    return path === undefined ? toWritable(fetch, destination, options) : fetch(path);
  }

  billRows(source, options) {
    const { billRows } = require('./download.js');
    return billRows(this, source, options, {
      open: (path) => new native.BillFile(path, 'any'),
      next: async (file, limit) => {
        const begin = (id) => this.#native.nextRows(id, file, limit);
        return JSON.parse((await this.#start('billRows', begin, { options, reads: true })).text);
      },
    });
  }

  async jsapiPayment({ appid, prepayId }) {
    text(appid, 'appid');
    text(prepayId, 'prepayId');
    const begin = (id) => this.#native.jsapiPayment(id, appid, prepayId);
    return JSON.parse((await this.#start('jsapiPayment', begin, { reads: true })).text);
  }

  async appPayment({ appid, prepayId }) {
    text(appid, 'appid');
    text(prepayId, 'prepayId');
    const begin = (id) => this.#native.appPayment(id, appid, prepayId);
    return JSON.parse((await this.#start('appPayment', begin, { reads: true })).text);
  }

  async encryptField(plain) {
    text(plain, 'plain');
    const begin = (id) => this.#native.encryptField(id, plain);
    const { text: ciphertext, about: serial } = await this.#start('encryptField', begin, { reads: true });
    return { ciphertext, serial };
  }

  async decryptField(ciphertext) {
    text(ciphertext, 'ciphertext');
    const begin = (id) => this.#native.decryptField(id, ciphertext);
    return (await this.#start('decryptField', begin, { reads: true })).text;
  }

  /** Takes no more calls and resolves when those under way have ended, one way or the other. */
  close() {
    if (this.#closed === null) {
      this.#native.close();
      this.#closed = this.#calls.idle();
    }
    return this.#closed;
  }
}

for (const name of Object.keys(families)) {
  Object.defineProperty(Client.prototype, name, {
    get() {
      const { lazy } = require('./lazy.js');
      return lazy(this, name, new (families[name]())(this));
    },
    enumerable: true,
    configurable: true,
  });
}

// Node 18.18 has the symbol; older versions do without `await using`.
if (Symbol.asyncDispose) {
  Client.prototype[Symbol.asyncDispose] = Client.prototype.close;
}

function prepared({ text: head, about: body }) {
  const [method, url, ...lines] = head.split('\n');
  const headers = {};
  for (let index = 0; index < lines.length; index += 2) headers[lines[index]] = lines[index + 1];
  // `fetch` refuses a body, even an empty one, on GET.
  return body === '' ? { method, url, headers } : { method, url, headers, body: Buffer.from(body) };
}

/** Status, request id and key serial of the answer that a call returned. */
function answerInfo(answer) {
  const about = answers.get(answer);
  if (about === undefined) return undefined;
  const [status, serial, requestId] = about.split('\n');
  return { status: Number(status), requestId: requestId || undefined, serial };
}

module.exports = { Client, answerInfo };
