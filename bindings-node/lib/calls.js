'use strict';

const { describe, fromNative, invalid, makeError } = require('./error.js');

const MAX_TIMEOUT = 2 ** 31 - 1;

/** What a message of the addon says; src/outcome.rs has the same numbers. */
const FAILED = 0;
const PROGRESS = 2;

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
  #next = 1;
  #idle = [];

  /** Called by the addon. Must not throw: an exception here would be nobody's. */
  report = (id, what, text, about) => {
    const call = this.#pending.get(id);
    if (call === undefined) return; // Given up.
    if (what === PROGRESS) {
      this.#progress(id, call, text);
    } else if (what === FAILED) {
      this.#settle(id, call.reject, { native: text });
    } else {
      this.#settle(id, call.resolve, { text, about });
    }
  };

  get size() {
    return this.#pending.size;
  }

  /**
   * Starts a call: `begin(id)` hands it to the addon. Gives the two texts of its outcome.
   * `options` may hold `signal` and `timeout` (milliseconds); `reads` tells whether giving up leaves no doubt behind.
   */
  async start(native, begin, { operation, options, reads, onProgress }) {
    const { signal, timeout } = options === undefined ? NONE : checked(options, operation);
    if (signal && signal.aborted) throw givenUp(operation, signal.reason, true);
    try {
      return await this.#run(native, begin, { operation, signal, timeout, reads, onProgress });
    } catch (failure) {
      // The error is made here, where V8 knows who waits, so that its stack leads to the caller.
      if (failure instanceof Error) throw failure;
      throw failure.native === undefined ? failure.thrown : fromNative(failure.native);
    }
  }

  #run(native, begin, { operation, signal, timeout, reads, onProgress }) {
    return new Promise((resolve, reject) => {
      const id = this.#next;
      this.#next = id >= 0xffff_ffff ? 1 : id + 1;
      const call = { resolve, reject, onProgress, release: null };
      this.#pending.set(id, call);
      hold();
      if (signal || timeout !== undefined) {
        this.#watch(native, id, call, signal, timeout, operation, reads);
      }
      try {
        begin(id);
      } catch (error) {
        this.#settle(id, reject, error);
      }
    });
  }

  /** Resolves when nothing is pending. */
  idle() {
    return this.#pending.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  #watch(native, id, call, signal, timeout, operation, reads) {
    const giveUp = (reason) => {
      const unsent = native.cancel(id);
      this.#settle(id, call.reject, givenUp(operation, reason, unsent || reads()));
    };
    const onAbort = () => giveUp(signal.reason);
    const timer =
      timeout === undefined
        ? undefined
        : setTimeout(() => giveUp(new DOMException(`no answer within ${timeout} ms`, 'TimeoutError')), timeout);
    if (signal) signal.addEventListener('abort', onAbort, { once: true });
    call.release = () => {
      clearTimeout(timer);
      if (signal) signal.removeEventListener('abort', onAbort);
    };
  }

  #progress(id, call, text) {
    const [received, total] = JSON.parse(text);
    try {
      call.onProgress?.({ received, total: total ?? undefined });
    } catch (error) {
      // The caller's own error goes back to the caller, and the callback is not asked again.
      this.#settle(id, call.reject, { thrown: error });
    }
  }

  #settle(id, how, value) {
    const call = this.#pending.get(id);
    if (call === undefined) return;
    this.#pending.delete(id);
    call.release?.();
    how(value);
    release();
    if (this.#pending.size === 0) {
      // Later: first whoever waits for the call learns how it ended.
      for (const resolve of this.#idle.splice(0)) setImmediate(resolve);
    }
  }
}

const NONE = {};

function checked(options, operation) {
  if (options === null) return NONE;
  if (typeof options !== 'object') {
    throw invalid('WRONG_TYPE', 'options', `must be an object, not ${describe(options)}.`, operation);
  }
  const { signal, timeout } = options;
  if (signal !== undefined && !(signal && typeof signal.addEventListener === 'function' && 'aborted' in signal)) {
    throw invalid('WRONG_TYPE', 'options.signal', `must be an AbortSignal, not ${describe(signal)}.`, operation);
  }
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout > 0 && timeout <= MAX_TIMEOUT)) {
    const problem = `must be a number of milliseconds above 0, not ${typeof timeout === 'number' ? timeout : describe(timeout)}.`;
    throw invalid('WRONG_TYPE', 'options.timeout', problem, operation);
  }
  return { signal, timeout };
}

/** The caller did not wait for the answer. `safe`: nothing was sent, or it only reads. */
function givenUp(operation, reason, safe) {
  const timedOut = reason && reason.name === 'TimeoutError';
  const consequence = safe
    ? 'It changed nothing.'
    : 'The request may have taken effect: look up what became of it before doing anything else.';
  const code = timedOut ? 'NO_ANSWER' : 'ABORTED';
  const message = `${timedOut ? 'the caller\'s time-out ran out' : 'the call was given up'}. ${consequence}`;
  const text = `${operation ? `${operation}: ` : ''}${code}: ${message}`;
  return makeError({ kind: 'timeout', code, message, text, operation, cause: reason, outcome_unknown: !safe });
}

module.exports = { Calls };
