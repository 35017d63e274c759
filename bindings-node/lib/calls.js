'use strict';

const { fromNative } = require('./error.js');

/** What a message of the addon says; src/outcome.rs has the same numbers. */
const FAILED = 0;
const PROGRESS = 2;
const SIGN = 3;
const DECRYPT = 4;

const MAX_TIMEOUT = 2 ** 31 - 1;

/**
 * The addon's way back into JavaScript does not keep the process alive. One timer does, exactly as long as a promise of
 * any client is pending: so a call given up holds nothing, and a program ends when its work is done.
 */
let alive;
let pendingCalls = 0;

function hold() {
  pendingCalls += 1;
  if (pendingCalls > 1) return;
  if (alive === undefined) alive = setInterval(() => {}, MAX_TIMEOUT);
  else alive.ref();
}

function release() {
  pendingCalls -= 1;
  if (pendingCalls === 0) alive.unref();
}

/** The calls of one client that are under way: their promises, and who may give them up. */
class Calls {
  #pending = new Map();
  /** Given up, and their threads not done with them yet; with who wants to know when. */
  #leaving = new Map();
  #cleaning = 0;
  #next = 1;
  #idle = [];
  /** What signs in place of a private key, if anything does. */
  signing;

  /** Called by the addon. Must not throw: an exception here would be nobody's. */
  report = (id, what, text, about) => {
    if (what === SIGN || what === DECRYPT) {
      this.signing.answer(id, what === DECRYPT, text);
      return;
    }
    const call = this.#pending.get(id);
    if (call === undefined) {
      if (what === PROGRESS) return;
      this.#leaving.get(id)?.();
      this.#leaving.delete(id);
      this.#tellIdle();
    } else if (what === PROGRESS) {
      this.#progress(id, call, text);
    } else if (what === FAILED) {
      this.#settle(id, call.reject, { native: text });
    } else {
      this.#settle(id, call.resolve, { text, about });
    }
  };

  /**
   * Starts a call: `begin(id)` hands it to the addon. Gives the two texts of its outcome. `hold` may give it up; what that
   * leaves behind, the core says. `trace.left` is then a promise of the moment when its thread lets go of everything.
   */
  async start(native, begin, { hold: held, onProgress, trace }) {
    try {
      return await this.#run({ native, held, onProgress, trace }, begin);
    } catch (failure) {
      // The error is made here, where V8 knows who waits, so that its stack leads to the caller.
      if (failure instanceof Error) throw failure;
      if (failure.native === undefined) throw failure.thrown;
      const error = fromNative(failure.native, failure.reason);
      this.signing?.explain(error);
      throw error;
    }
  }

  #run(about, begin) {
    return new Promise((resolve, reject) => {
      const id = this.#next;
      this.#next = id >= 0xffff_ffff ? 1 : id + 1;
      const call = { resolve, reject, ...about };
      const { held } = call;
      this.#pending.set(id, call);
      hold();
      held?.tell((reason) => this.#giveUp(id, call, { reason, timedOut: held.timedOut }));
      try {
        begin(id);
      } catch (error) {
        this.#settle(id, reject, error);
      }
    });
  }

  /** Resolves when nothing is under way, on any thread. */
  idle() {
    if (!this.#busy) return Promise.resolve();
    hold();
    return new Promise((resolve) => this.#idle.push(resolve)).finally(release);
  }

  /** Does something at once, or when the thread of a call that was given up is done with it; holds the process until then. */
  afterwards({ left }, work) {
    if (left === undefined) return work();
    hold();
    this.#cleaning += 1;
    const done = () => {
      this.#cleaning -= 1;
      release();
      this.#tellIdle();
    };
    left.then(work).then(done, done);
    return undefined;
  }

  get #busy() {
    return this.#pending.size + this.#leaving.size + this.#cleaning > 0;
  }

  #giveUp(id, call, { reason, timedOut, thrown }) {
    const error = call.native.giveUp(id, timedOut === true);
    // The call has ended: what came of it is on its way.
    if (error === null && thrown === undefined) return;
    if (error !== null) {
      const left = new Promise((resolve) => this.#leaving.set(id, resolve));
      if (call.trace !== undefined) call.trace.left = left;
    }
    this.#settle(id, call.reject, thrown ?? { native: error, reason });
  }

  #progress(id, call, text) {
    const [received, total] = JSON.parse(text);
    try {
      call.onProgress?.({ received, total: total ?? undefined });
    } catch (thrown) {
      // The caller's own error goes back to the caller, the callback is not asked again, and nothing more is fetched.
      this.#giveUp(id, call, { thrown: { thrown } });
    }
  }

  #settle(id, how, value) {
    const call = this.#pending.get(id);
    if (call === undefined) return;
    this.#pending.delete(id);
    call.held?.tell(null);
    how(value);
    release();
    this.#tellIdle();
  }

  #tellIdle() {
    if (this.#busy) return;
    // Later: first whoever waits for the call learns how it ended.
    for (const resolve of this.#idle.splice(0)) setImmediate(resolve);
  }
}

module.exports = { Calls };
