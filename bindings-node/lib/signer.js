'use strict';

const { describe, makeError } = require('./error.js');

/** How many errors of a signer are kept until the error of their call is made. */
const KEPT = 100;

/** What a client asks of the signer that takes the place of its private key. */
class Signing {
  #sign;
  #decrypt;
  #thrown = new Map();
  /** The client's half in the addon, which waits for answers. */
  native;

  constructor(signer) {
    const { sign, decrypt } = methods(signer);
    this.#sign = sign;
    this.#decrypt = decrypt;
  }

  get decrypts() {
    return this.#decrypt !== undefined;
  }

  /** Answers a question of the addon, when the signer has. Never throws: an exception here would be nobody's. */
  async answer(question, decrypt, base64) {
    try {
      const bytes = await (decrypt ? this.#decrypt : this.#sign)(Buffer.from(base64, 'base64'));
      if (!(bytes instanceof Uint8Array)) throw new TypeError(`the signer must give a Buffer, not ${describe(bytes)}`);
      this.native.answer(question, Buffer.from(bytes).toString('base64'), undefined);
    } catch (error) {
      const why = error instanceof Error ? error.message || error.name : String(error);
      if (this.#thrown.size >= KEPT) this.#thrown.delete(this.#thrown.keys().next().value);
      this.#thrown.set(why, error);
      this.native.answer(question, undefined, why);
    }
  }

  /** Puts what the signer threw in the place of its text. */
  explain(error) {
    const why = error.cause?.message;
    if (why === undefined || !this.#thrown.has(why)) return;
    Object.defineProperty(error, 'cause', { value: this.#thrown.get(why), configurable: true, writable: true });
    this.#thrown.delete(why);
  }
}

function methods(signer) {
  if (typeof signer === 'function') return { sign: signer, decrypt: undefined };
  const method = (name) => {
    const value = signer[name];
    if (value === undefined) return undefined;
    if (typeof value !== 'function') throw refused(`options.signer.${name} must be a function, not ${describe(value)}.`);
    return value.bind(signer);
  };
  if (signer === null || typeof signer !== 'object') throw refused(`options.signer must be an object or a function, not ${describe(signer)}.`);
  const decrypt = method('decrypt');
  const sign = method('sign');
  if (sign !== undefined) return { sign, decrypt };
  const signDigest = method('signDigest');
  if (signDigest === undefined) throw refused('options.signer must be a function, or have a method sign or signDigest.');
  const { createHash } = require('node:crypto');
  return { sign: (message) => signDigest(createHash('sha256').update(message).digest()), decrypt };
}

function refused(message) {
  return makeError({ kind: 'config', code: 'CONFIG', message, text: `CONFIG: ${message}` });
}

module.exports = { Signing };
