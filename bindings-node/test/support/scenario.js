'use strict';

// Runs one scenario of tests/scenarios; the format is in tests/README.md. Whatever it does not know is an error.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { inspect } = require('node:util');
const { Client, WeChatPayError, fen } = require('wechatpay-rs');
const { mismatch } = require('./matching.js');

const SPELLING = {
  base_url: 'baseUrl',
  mchid: 'mchid',
  private_key: 'privateKey',
  merchant_serial: 'merchantSerial',
  merchant_certificate: 'merchantCertificate',
  api_v2_key: 'apiV2Key',
  api_v3_key: 'apiV3Key',
  wechatpay_public_key_id: 'wechatpayPublicKeyId',
  wechatpay_public_key: 'wechatpayPublicKey',
  hk_public_key_id: 'hkPublicKeyId',
  hk_public_key: 'hkPublicKey',
  platform_certificates: 'platformCertificates',
  retries: 'retries',
  connect_timeout: 'connectTimeout',
  read_timeout: 'readTimeout',
  timeout: 'timeout',
  failover_base_url: 'failoverBaseUrl',
};

const OPTIONS_OF_CALLS = { ...SPELLING, accept_language: 'acceptLanguage', headers: 'headers' };

const VERBS = {
  client: [],
  with_options: [],
  for_sub_merchant: [],
  call: ['params'],
  request: ['body'],
  prepare: ['params'],
  send: [],
  finish: ['response'],
  upload: ['file', 'params'],
  download: [],
  bill: ['kind'],
  fen: [],
  notification: ['attempt', 'header_case', 'header_lists', 'body_suffix', 'body_as'],
  parse_notification: [],
  answer_notification: [],
  jsapi_payment: [],
  app_payment: [],
  front_end: ['params'],
  encrypt_field: [],
  decrypt_field: [],
  sandbox: ['body'],
};

const camel = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());

/** The arguments of a function, under the names of this language. */
function camelKeys(value) {
  if (Array.isArray(value)) return value.map(camelKeys);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [camel(name), camelKeys(inner)]));
}

class Scenario {
  #sandbox;
  /** What was handed over last. */
  #notification;
  #variables;
  #printed = [];
  #client = null;
  #options;

  constructor(sandbox, constants) {
    this.#sandbox = sandbox;
    const own = sandbox.credentials;
    this.#options = {
      base_url: own.base_url,
      mchid: own.mchid,
      private_key: own.merchant_private_key,
      merchant_serial: own.merchant_serial_no,
      api_v2_key: own.api_v2_key,
      api_v3_key: own.api_v3_key,
      wechatpay_public_key_id: own.wechatpay_public_key_id,
      wechatpay_public_key: own.wechatpay_public_key,
      retries: 0,
    };
    this.#variables = { ...own, ...constants };
  }

  async run({ name, note, client, secrets = [], steps, ...unknown }) {
    assert.deepEqual(unknown, {}, `${name}: unknown members`);
    void note;
    await this.#sandbox.control('POST', '/sandbox/reset');
    const clock = await this.#sandbox.control('GET', '/sandbox/clock');
    Object.assign(this.#variables, {
      today: clock.time.slice(0, 10),
      notify_url: 'http://127.0.0.1:1/notify',
      dead_url: 'http://127.0.0.1:1',
      second_base_url: this.#sandbox.url.replace('127.0.0.1', 'localhost'),
    });
    this.#makeClient(this.#filled(client ?? {}));
    for (const [index, step] of steps.entries()) {
      try {
        await this.#step(step);
      } catch (error) {
        error.message = `step ${index + 1} (${JSON.stringify(step).slice(0, 160)}): ${error.message}`;
        throw error;
      }
    }
    await this.#client?.close();
    await this.#checkSecrets(secrets);
  }

  async #step(step) {
    const { expect, error: wanted, save, note, ...rest } = step;
    void note;
    const verbs = Object.keys(rest).filter((name) => name in VERBS);
    assert.equal(verbs.length, 1, `exactly one verb, not ${verbs}`);
    const [verb] = verbs;
    const { [verb]: argument, ...options } = this.#filled(rest);
    for (const name of Object.keys(options)) assert.ok(VERBS[verb].includes(name), `${verb} has no option ${name}`);
    let result;
    try {
      result = await this.#perform(verb, argument, options);
    } catch (error) {
      if (!(error instanceof WeChatPayError)) throw error;
      this.#print(error);
      assert.ok(wanted, `it failed: ${error}`);
      result = seen(error);
    }
    if (wanted) assert.ok(result.kind && 'outcome_unknown' in result, 'it should have failed');
    if (result !== null && typeof result === 'object') this.#printed.push(inspect(this.#client, { depth: 9 }));
    const expected = wanted ?? expect;
    if (expected !== undefined) assert.equal(mismatch(this.#filled(expected), result), undefined);
    if (save) this.#variables[save] = result;
  }

  async #perform(verb, argument, options) {
    const client = this.#client;
    switch (verb) {
      case 'client':
        await client.close();
        this.#makeClient(argument);
        return null;
      case 'with_options': {
        const renamed = Object.entries(argument).map(([name, value]) => [
          OPTIONS_OF_CALLS[name],
          name === 'timeout' ? value * 1000 : value,
        ]);
        this.#client = client.withOptions(Object.fromEntries(renamed));
        return null;
      }
      case 'for_sub_merchant':
        this.#client = client.forSubMerchant(argument);
        return null;
      case 'call':
        return client.call(argument, options.params);
      case 'request': {
        const [method, target] = split(argument);
        return client.request(method, target, options.body);
      }
      case 'prepare': {
        const { method, url, headers, body } = await client.prepare(argument, options.params);
        return { method, url, headers, body: body?.toString() ?? '' };
      }
      case 'send': {
        const { method, url, headers, body } = argument;
        const response = await fetch(url, { method, headers, body: body || undefined, redirect: 'manual' });
        return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
      }
      case 'finish': {
        const { status, headers, body } = options.response;
        return client.finish(argument, { status, headers, body: Buffer.from(body) });
      }
      case 'upload': {
        const { file, params } = options;
        return client.upload(argument, content(file), { fileName: file.name, params });
      }
      case 'download':
        return inFolder(async (folder) => {
          const file = path.join(folder, 'file');
          try {
            const { bytes, sha1 } =
              argument.operation === undefined
                ? await client.download(argument.answer ?? argument.url, file, { sha1: argument.sha1 })
                : await client.callForFile(argument.operation, argument.params, file);
            return { bytes, sha1, text: fs.readFileSync(file, 'utf8') };
          } catch (error) {
            assert.deepEqual(fs.readdirSync(folder), [], 'a failed download left something behind');
            throw error;
          }
        });
      case 'bill':
        return inFolder(async (folder) => {
          const file = path.join(folder, 'bill');
          fs.writeFileSync(file, argument);
          const result = { rows: [], summary: null };
          const onSummary = (summary) => (result.summary = summary);
          const how = { any: {}, without_totals: { totals: false } };
          const kind = options.kind ?? 'any';
          const read = { onSummary, ...(how[kind] ?? { kind }) };
          for await (const row of client.billRows(file, read)) result.rows.push(row);
          return result;
        });
      case 'fen':
        return fen(argument);
      case 'notification': {
        const { notifications } = await this.#sandbox.control('GET', '/sandbox/notifications?wait=true');
        const newest = notifications.filter((one) => one.event_type === argument).at(-1);
        assert.ok(newest, `there is no notification ${argument}`);
        const attempt = newest.attempts.at(options.attempt === undefined ? -1 : options.attempt - 1);
        const { header_case, header_lists, body_suffix = '', body_as } = options;
        const headers = listed(cased(attempt.headers, header_case), header_lists);
        const raw = written(Buffer.from(attempt.body + body_suffix), body_as);
        return (this.#notification = await client.notifications.parse(headers, raw));
      }
      case 'parse_notification': {
        const raw = content({ ...argument, text: argument.body });
        return (this.#notification = await client.notifications.parse(argument.headers, raw));
      }
      case 'answer_notification':
        return client.notifications.answer(this.#notification, argument);
      case 'jsapi_payment':
        return client.jsapiPayment({ appid: argument.appid, prepayId: argument.prepay_id });
      case 'app_payment':
        return client.appPayment({ ...argument, prepayId: argument.prepay_id });
      case 'front_end':
        return client.frontEnd[camel(argument)](camelKeys(options.params));
      case 'encrypt_field':
        return client.encryptField(argument);
      case 'decrypt_field':
        return client.decryptField(argument);
      case 'sandbox': {
        const [method, target] = split(argument);
        return this.#sandbox.control(method, target, options.body);
      }
      default:
        throw new Error(`there is no verb ${verb}`);
    }
  }

  #makeClient(changes) {
    const options = {};
    for (const [name, value] of Object.entries({ ...this.#options, ...changes })) {
      if (value === null) continue;
      assert.ok(name in SPELLING, `there is no client option ${name}`);
      options[SPELLING[name]] = name.endsWith('timeout') ? value * 1000 : value;
    }
    if (this.#sandbox.credentials.root_certificate) options.platformRoot = this.#sandbox.credentials.root_certificate;
    this.#client = new Client(options);
    this.#printed.push(inspect(this.#client, { depth: 9, showHidden: true }), JSON.stringify(this.#client));
  }

  /** The value with its variables filled in. */
  #filled(value) {
    if (typeof value === 'string') {
      const whole = /^\$\{([^}]+)\}$/.exec(value);
      if (whole) return this.#variable(whole[1]);
      return value.replace(/\$\{([^}]+)\}/g, (_, name) => {
        const found = this.#variable(name);
        return typeof found === 'string' ? found : JSON.stringify(found);
      });
    }
    if (Array.isArray(value)) return value.map((element) => this.#filled(element));
    if (value !== null && typeof value === 'object') {
      return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, this.#filled(member)]));
    }
    return value;
  }

  #variable(name) {
    let value = this.#variables;
    for (const part of name.split('.')) {
      assert.ok(value !== null && typeof value === 'object' && part in value, `there is no variable ${name}`);
      value = value[part];
    }
    return value;
  }

  #print(error) {
    for (let at = error; at instanceof Error; at = at.cause) this.#printed.push(String(at), inspect(at), JSON.stringify(at));
  }

  async #checkSecrets(more) {
    const own = this.#sandbox.credentials;
    const secrets = [own.api_v2_key, own.api_v3_key, 'mchid="', ...more];
    secrets.push(...own.merchant_private_key.split('\n').filter((line) => !line.startsWith('-----') && line.length >= 16));
    const { requests } = await this.#sandbox.control('GET', '/sandbox/requests');
    for (const { headers } of requests) {
      for (const [name, value] of headers) {
        const signature = /^authorization$/i.test(name) && /signature="([^"]+)"/.exec(value);
        if (signature) secrets.push(signature[1]);
      }
    }
    assert.ok(this.#printed.length > 0);
    for (const secret of secrets) {
      const leak = this.#printed.find((text) => text?.includes(secret));
      assert.equal(leak, undefined, `${secret.slice(0, 8)}… was printed`);
    }
  }
}

/** An error as all languages see it. */
function seen(error) {
  return {
    kind: error.kind,
    code: error.code,
    message: error.description,
    detail: error.detail ?? null,
    status: error.status ?? null,
    request_id: error.requestId ?? null,
    operation: error.operation ?? null,
    body: error.body ?? null,
    retryable: error.retryable,
    outcome_unknown: error.outcomeUnknown,
    authenticated: error.authenticated,
    attempts: error.attempts,
    notification_reply: error.notificationReply ?? null,
    text: error.message,
  };
}

function split(target) {
  const [method, ...rest] = target.split(' ');
  return [method, rest.join(' ')];
}

function cased(headers, how) {
  if (how === undefined) return headers;
  assert.ok(how === 'lower' || how === 'upper', how);
  const entries = Array.isArray(headers) ? headers : Object.entries(headers);
  return entries.map(([name, value]) => [how === 'lower' ? name.toLowerCase() : name.toUpperCase(), value]);
}

function listed(headers, wanted) {
  if (wanted === undefined) return headers;
  assert.equal(wanted, true);
  const entries = Array.isArray(headers) ? headers : Object.entries(headers);
  return Object.fromEntries(entries.map(([name, value]) => [name, [value]]));
}

/** A body as something on the way made it. */
function written(body, how) {
  switch (how) {
    case undefined:
      return body;
    case 'base64':
      return Buffer.from(body.toString('base64'));
    case 'bom':
      return Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body]);
    default:
      throw new Error(`there is no body_as ${how}`);
  }
}

/** Bytes given as `text`, `base64` or a number of `zeros`. */
function content({ text, base64, zeros }) {
  if (text !== undefined) return Buffer.from(text);
  return base64 !== undefined ? Buffer.from(base64, 'base64') : Buffer.alloc(zeros);
}

async function inFolder(work) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wechatpay-scenario-'));
  try {
    return await work(folder);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

module.exports = { Scenario };
