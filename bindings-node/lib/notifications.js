'use strict';

const { bytes } = require('./bytes.js');
const { encode } = require('./json.js');
const { describe, fromNative, invalid } = require('./error.js');
const { headerLines } = require('./response.js');

/** Verifies and decrypts what WeChat Pay sends. */
class Notifications {
  #native;
  #run;

  constructor(native, run) {
    this.#native = native;
    this.#run = run;
  }

  /**
   * `headers` as the framework has them, `body` the raw bytes. Verifying takes microseconds and is done at once, on this
   * thread; only where the core says that a certificate must be downloaded first does it wait for the network, elsewhere.
   */
  async parse(headers, body) {
    const flat = headerLines(headers, 'headers');
    const raw = rawBody(body);
    let notification;
    try {
      notification = this.#native.parseNotificationNow(flat, raw);
    } catch (error) {
      throw fromNative(error.message);
    }
    if (notification !== null) return JSON.parse(notification);
    const run = async (begin) => (await this.#run('notifications.parse', begin)).text;
    const local = await run((id) => this.#native.parseNotificationLocal(id, flat, raw));
    return JSON.parse(local || (await run((id) => this.#native.parseNotification(id, flat, raw))));
  }

  /** The signed answer to a notification that asks for one; the core says which do, and what may be in it. */
  async answer({ type }, answer) {
    const json = encode(answer, 'answer');
    const { text } = await this.#run('notifications.answer', (id) => this.#native.answerNotification(id, type ?? undefined, json));
    return JSON.parse(text);
  }
}

function rawBody(body) {
  if (ArrayBuffer.isView(body) || body instanceof ArrayBuffer) return bytes(body, 'body');
  if (typeof body === 'string') {
    const problem =
      'is a text. Pass the bytes as they came (a Buffer): decoding and encoding again can change them, and then the ' +
      'signature fits no more.';
    throw invalid('WRONG_TYPE', 'body', problem);
  }
  const problem =
    `must be the raw bytes of the request (Buffer or Uint8Array), not ${describe(body)}. A framework that parsed the ` +
    'JSON has thrown away what was signed: keep the raw body, as wechatpay-rs/http does for Express, Koa, Fastify and Nest.';
  throw invalid('WRONG_TYPE', 'body', problem);
}

module.exports = { Notifications };
