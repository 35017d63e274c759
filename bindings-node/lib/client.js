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

/** Under which OpenTelemetry's API keeps what was registered with it. */
const TELEMETRY = Symbol.for('opentelemetry.js.api.1');

/** Says to the constructor that the native half is there. */
const MADE = Symbol('made');

/** Calls WeChat Pay for one merchant. Make one and keep it. */
class Client {
  #native;
  /** Of this client and all that were made of it: the calls under way, and how it was closed. */
  #shared;

  constructor(options, made) {
    if (options === MADE) {
      this.#native = made.native;
      this.#shared = made.shared;
      return;
    }
    this.#shared = { calls: new Calls(), closed: null };
    const encoded = encodeOptions(options);
    let signing;
    if (options.signer !== undefined) {
      const { Signing } = require('./signer.js');
      signing = new Signing(options.signer);
    }
    try {
      this.#native = new native.NativeClient(encoded, this.#shared.calls.report, signing !== undefined, signing?.decrypts === true);
      if (signing !== undefined) {
        signing.native = this.#native;
        this.#shared.calls.signing = signing;
      }
    } catch (error) {
      throw fromNative(error.message);
    }
  }

  static fromEnv(options = {}, environment = process.env) {
    const { optionsFromEnv } = require('./options.js');
    return new this(optionsFromEnv(environment, options));
  }

  withOptions(options) {
    const { encodeCallOptions } = require('./options.js');
    return this.#with(encodeCallOptions(options));
  }

  forSubMerchant(subMchid) {
    text(subMchid, 'subMchid');
    return this.#with({ sub_mchid: subMchid });
  }

  #with(options) {
    const native = this.#now(() => this.#native.withOptions(JSON.stringify(options)));
    // A subclass has a constructor of its own, with options of its own.
    return Reflect.construct(Client, [MADE, { native, shared: this.#shared }], this.constructor);
  }

  get notifications() {
    const { Notifications } = require('./notifications.js');
    const { lazy } = require('./lazy.js');
    const run = (what, begin) => this.#start(what, begin);
    return lazy(this, 'notifications', new Notifications(this.#native, run));
  }

  get mchid() {
    return this.#native.mchid;
  }

  /** Starts a call unless the client is closed. */
  #start(operation, begin, about = {}) {
    if (this.#shared.closed !== null) {
      const message = 'the client was closed.';
      const text = `${operation}: CLOSED: ${message}`;
      return Promise.reject(makeError({ kind: 'closed', code: 'CLOSED', message, text, operation }));
    }
    if (about.hold?.reason !== undefined) return Promise.reject(this.#unsent(operation, about.hold));
    // Whoever wants spans has loaded OpenTelemetry's API; nobody else pays for them. Only what goes out can be held.
    if (globalThis[TELEMETRY] === undefined || !('hold' in about)) return this.#shared.calls.start(this.#native, begin, about);
    const telemetry = require('./telemetry.js');
    const span = telemetry.begin(operation, this.#native);
    const outcome = this.#shared.calls.start(this.#native, begin, about);
    return span === undefined ? outcome : telemetry.end(span, outcome);
  }

  /** Runs `work` under the hold that the options of a call ask for. */
  async #held(options, operation, work) {
    if (options === undefined || options === null) return work(undefined);
    const { holdOf } = require('./hold.js');
    const hold = holdOf(options, operation);
    try {
      return await work(hold);
    } finally {
      hold?.end();
    }
  }

  /** The error of a call that was given up before anything of it was sent: of an operation, or `METHOD /path`. */
  #unsent(what, hold) {
    return fromNative(this.#native.giveUpUnsent(what.split(' ')[0], hold.timedOut), hold.reason);
  }

  /** Runs work of this side, such as reading a stream, as long as the call is not given up. */
  #during(operation, hold) {
    if (hold === undefined) return (work) => work();
    return (work, abandon) => hold.during(work, () => this.#unsent(operation, hold), abandon);
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
    return this.#held(options, operation, async (hold) => {
      const begin = (id) => this.#native.call(id, operation, json, hold?.left);
      return parsed(await this.#start(operation, begin, { hold }));
    });
  }

  async request(method, path, body, options) {
    text(method, 'method');
    text(path, 'path');
    const json = encode(body, 'body') || undefined;
    return this.#held(options, undefined, async (hold) => {
      const begin = (id) => this.#native.request(id, method, path, json, hold?.left);
      return parsed(await this.#start(`${method} ${path.split('?')[0]}`, begin, { hold }));
    });
  }

  async upload(operation, file, options, maxBytes, params = options?.params) {
    text(operation, 'operation');
    const json = encode(params, 'params', operation);
    const { readUpload } = require('./upload.js');
    return this.#held(options, operation, async (hold) => {
      const during = this.#during(operation, hold);
      const { name, content } = await readUpload(file, options, maxBytes, { operation, during });
      const begin = (id) => this.#native.upload(id, operation, json, name, content, hold?.left);
      return parsed(await this.#start(operation, begin, { hold }));
    });
  }

  async prepare(operation, params) {
    text(operation, 'operation');
    const json = encode(params, 'params', operation);
    return prepared(await this.#start(operation, (id) => this.#native.prepare(id, operation, json)));
  }

  async finish(operation, response) {
    text(operation, 'operation');
    const { readResponse } = require('./response.js');
    const read = readResponse(response);
    const { status, headers, body } = read instanceof Promise ? await read : read;
    const outcome = this.#now(() => this.#native.finishNow(operation, status, headers, body));
    if (outcome !== null) return parsed(outcome);
    const begin = (id) => this.#native.finish(id, operation, status, headers, body);
    return parsed(await this.#start(operation, begin));
  }

  async prepareRequest(method, path, body) {
    text(method, 'method');
    text(path, 'path');
    const json = encode(body, 'body') || undefined;
    const begin = (id) => this.#native.prepareRequest(id, method, path, json);
    return prepared(await this.#start(`${method} ${path.split('?')[0]}`, begin));
  }

  async finishRequest(method, response) {
    text(method, 'method');
    const { readResponse } = require('./response.js');
    const read = readResponse(response);
    const { status, headers, body } = read instanceof Promise ? await read : read;
    const outcome = this.#now(() => this.#native.finishRequestNow(method, status, headers, body));
    if (outcome !== null) return parsed(outcome);
    const begin = (id) => this.#native.finishRequest(id, method, status, headers, body);
    return parsed(await this.#start(method, begin));
  }

  async download(source, destination, options) {
    return this.#fetched(undefined, destination, options, this.#from(source, options));
  }

  async callForFile(operation, params, destination, options) {
    text(operation, 'operation');
    const json = encode(params, 'params', operation);
    const begin = (id, ...how) => this.#native.callForFile(id, operation, json, ...how);
    return this.#fetched(operation, destination, options, begin);
  }

  /** Fetches a file to where the caller wants it. */
  #fetched(operation, destination, options, begin) {
    const { toWritable, pathOf } = require('./download.js');
    const path = pathOf(destination);
    const trace = {};
    const fetch = this.#fetching(operation ?? 'download', options, trace, begin);
    return this.#held(options, operation, (hold) => {
      const afterwards = (work) => this.#shared.calls.afterwards(trace, work);
      // A download that is given up holds the process until its unfinished file is gone.
      if (path !== undefined) return fetch(path, hold).finally(() => afterwards(() => {}));
      const during = this.#during(operation ?? 'download', hold);
      return toWritable((file) => fetch(file, hold), destination, during, afterwards);
    });
  }

  /** What begins to fetch what an answer announces, or a bare URL. */
  #from(source, options) {
    const { sourceOf } = require('./download.js');
    const { url, sha1, answer } = sourceOf(source, options?.sha1);
    return answer === undefined
      ? (id, ...how) => this.#native.download(id, url, sha1, ...how)
      : (id, ...how) => this.#native.downloadAnnounced(id, answer, ...how);
  }

  /** What fetches a file to a path. `trace` tells when its thread lets go of the path although the call was given up. */
  #fetching(what, options, trace, begin) {
    const onProgress = options?.onProgress;
    if (onProgress !== undefined && typeof onProgress !== 'function') {
      throw invalid('WRONG_TYPE', 'options.onProgress', `must be a function, not ${describe(onProgress)}.`);
    }
    return async (path, hold) => {
      const about = { hold, onProgress, trace };
      const started = this.#start(what, (id) => begin(id, path, onProgress !== undefined, hold?.left), about);
      return JSON.parse((await started).text);
    };
  }

  billRows(source, options) {
    const { billRows } = require('./download.js');
    const trace = {};
    return billRows(source, options, {
      fetch: async (path) => {
        const fetch = this.#fetching('download', options, trace, this.#from(source, options));
        await this.#held(options, undefined, (hold) => fetch(path, hold));
      },
      afterwards: (work) => this.#shared.calls.afterwards(trace, work),
      open: (path, kind) => new native.BillFile(path, kind),
      next: (file, limit) =>
        this.#held(options, undefined, async (hold) => {
          const begin = (id) => this.#native.nextRows(id, file, limit);
          return JSON.parse((await this.#start('billRows', begin, { hold })).text);
        }),
    });
  }

  get frontEnd() {
    const { FrontEnd } = require('./front-end.js');
    const { lazy } = require('./lazy.js');
    return lazy(this, 'frontEnd', new FrontEnd((opens, params) => this.#opened(opens, params)));
  }

  /** What the client side opens WeChat with. */
  async #opened(opens, params) {
    const json = JSON.stringify(params);
    return JSON.parse((await this.#start(opens, (id) => this.#native.frontEnd(id, opens, json))).text);
  }

  async jsapiPayment({ appid, prepayId }) {
    text(appid, 'appid');
    text(prepayId, 'prepayId');
    return this.#opened('jsapi_payment', { appid, prepay_id: prepayId });
  }

  async appPayment({ appid, prepayId, partnerid }) {
    text(appid, 'appid');
    text(prepayId, 'prepayId');
    if (partnerid !== undefined) text(partnerid, 'partnerid');
    return this.#opened('app_payment', { appid, prepay_id: prepayId, partnerid });
  }

  async encryptField(plain) {
    text(plain, 'plain');
    const begin = (id) => this.#native.encryptField(id, plain);
    const { text: ciphertext, about: serial } = await this.#start('encryptField', begin);
    return { ciphertext, serial };
  }

  async decryptField(ciphertext) {
    text(ciphertext, 'ciphertext');
    const begin = (id) => this.#native.decryptField(id, ciphertext);
    return (await this.#start('decryptField', begin)).text;
  }

  /** Takes no more calls and resolves when those under way have ended, one way or the other, on every thread. */
  close() {
    if (this.#shared.closed === null) {
      this.#native.close();
      this.#shared.closed = this.#shared.calls.idle();
    }
    return this.#shared.closed;
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

/** Status, request id, key serial and attempts of the answer that a call returned. */
function answerInfo(answer) {
  const about = answers.get(answer);
  if (about === undefined) return undefined;
  const [status, serial, attempts, requestId] = about.split('\n');
  return { status: Number(status), requestId: requestId || undefined, serial, attempts: Number(attempts) };
}

module.exports = { Client, answerInfo };
