'use strict';

const { describe, invalid } = require('./error.js');

const MAX_TIMEOUT = 2 ** 31 - 1;
const GIVEN_UP = Symbol('given up');

/**
 * The caller's hold on one call, by `signal` and `timeout` (milliseconds): on everything that belongs to the call, from
 * the first byte of a stream that is read for it to the last byte that is written of its file.
 */
class Hold {
  #signal;
  #timer;
  #end;
  #giveUp = null;
  /** Why the call was given up; `undefined` until then. */
  reason;

  constructor({ signal, timeout }) {
    this.#signal = signal;
    if (timeout !== undefined) {
      this.#end = performance.now() + timeout;
      const late = () => this.#give(new DOMException(`no answer within ${timeout} ms`, 'TimeoutError'));
      this.#timer = setTimeout(late, timeout);
    }
    if (signal?.aborted) this.#onAbort();
    else signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  #onAbort = () => this.#give(this.#signal.reason ?? new DOMException('This operation was aborted', 'AbortError'));

  #give(reason) {
    if (this.reason !== undefined) return;
    this.reason = reason;
    this.#giveUp?.(reason);
  }

  get timedOut() {
    return this.reason?.name === 'TimeoutError';
  }

  /** Milliseconds that are left. */
  get left() {
    return this.#end === undefined ? undefined : Math.max(this.#end - performance.now(), 0);
  }

  /** Who is told when the call is given up: the part of it that is under way. */
  tell(giveUp) {
    this.#giveUp = giveUp;
  }

  /** What `work` gives, or `error()` as soon as the call is given up; then `abandon` ends the work. */
  async during(work, error, abandon) {
    if (this.reason === undefined) {
      const outcome = await new Promise((resolve, reject) => {
        this.tell(() => {
          resolve(GIVEN_UP);
          abandon?.();
        });
        work().then(resolve, reject);
      });
      this.tell(null);
      if (outcome !== GIVEN_UP) return outcome;
    }
    // Made here, so that its stack leads to the caller.
    throw error();
  }

  /** The call has ended: nothing waits for the signal or the time any more. */
  end() {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#giveUp = null;
  }
}

/** The hold that the options of a call ask for; `undefined` for none. */
function holdOf(options, operation) {
  if (options === undefined || options === null) return undefined;
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
  return signal === undefined && timeout === undefined ? undefined : new Hold({ signal, timeout });
}

module.exports = { holdOf };
