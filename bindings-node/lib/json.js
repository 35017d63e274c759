'use strict';

const { describe, invalid, wellFormed } = require('./error.js');

const MAX_DEPTH = 64;
/** The core reads whole numbers in 64 bits, with sign or without. */
const MIN_WHOLE = -(2n ** 63n);
const MAX_WHOLE = 2n ** 64n - 1n;

/**
 * JSON text of parameters, or an error that names the argument. `JSON.stringify` alone would turn NaN into null, a Date
 * into text, and leave out what is undefined: silent changes to a request about money.
 */
function encode(value, name, operation) {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'object' || Array.isArray(value)) {
    const advice = typeof value === 'string' ? '; when it is JSON, pass the object itself.' : '.';
    throw invalid('WRONG_TYPE', name, `must be an object with the parameters, not ${describe(value)}${advice}`, operation);
  }
  const check = new Check(name, operation);
  check.value(value);
  return check.hasBigInt ? write(value) : JSON.stringify(value);
}

/** As `JSON.stringify`, for what was checked and holds a BigInt. */
function write(value) {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map(write).join()}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  return `{${Object.keys(value).map((name) => `${JSON.stringify(name)}:${write(value[name])}`).join()}}`;
}

/** One walk through parameters. Where it is, it says only when something is wrong. */
class Check {
  #names;
  #operation;
  #parents = [];
  hasBigInt = false;

  constructor(name, operation) {
    this.#names = [name];
    this.#operation = operation;
  }

  value(value) {
    switch (typeof value) {
      case 'string':
        if (!wellFormed(value)) {
          const problem = 'holds half of a surrogate pair: the text was cut in the middle of a character.';
          this.#refuse('UNSUPPORTED_CHARACTER', problem);
        }
        return;
      case 'boolean':
        return;
      case 'number':
        if (!Number.isFinite(value)) this.#refuse('WRONG_TYPE', `is ${value}, which JSON cannot hold.`);
        if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
          const problem =
            'is beyond 2^53, where numbers of JavaScript are not exact any more. Numbers of orders are text; a whole number can ' +
            'be given as a BigInt.';
          this.#refuse('WRONG_TYPE', problem);
        }
        return;
      case 'bigint':
        if (value < MIN_WHOLE || value > MAX_WHOLE) this.#refuse('WRONG_TYPE', 'is beyond 64 bits. Numbers of orders are text.');
        this.hasBigInt = true;
        return;
      case 'undefined':
        return this.#refuse('WRONG_TYPE', 'is undefined. Leave it out, or set it to null to leave it out.');
      case 'object':
        if (value !== null) this.#members(value);
        return;
      default:
        this.#refuse('WRONG_TYPE', `is ${describe(value)}, which has no place in JSON.`);
    }
  }

  #members(value) {
    const parents = this.#parents;
    if (parents.includes(value)) this.#refuse('TOO_DEEP', 'contains itself.');
    if (parents.length >= MAX_DEPTH) this.#refuse('TOO_DEEP', `is nested more than ${MAX_DEPTH} levels deep.`);
    parents.push(value);
    if (Array.isArray(value)) {
      for (let index = 0; index < value.length; index += 1) this.#member(index, value[index]);
    } else {
      const problem = special(value);
      if (problem !== undefined) this.#refuse('WRONG_TYPE', problem);
      for (const name of Object.keys(value)) this.#member(name, value[name]);
    }
    parents.pop();
  }

  #member(name, value) {
    this.#names.push(name);
    this.value(value);
    this.#names.pop();
  }

  #refuse(code, problem) {
    const path = this.#names.reduce((path, name) => {
      if (typeof name === 'number') return `${path}[${name}]`;
      return /^[A-Za-z_$][\w$]*$/.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`;
    });
    throw invalid(code, path, problem, this.#operation);
  }
}

/** Objects that are not what they look like: dates, maps, bytes, decimals, everything with `toJSON`. */
function special(value) {
  if (value instanceof Date || typeof value.toJSON === 'function') {
    return `is ${describe(value)}; plain JSON values are needed.${hint(value)}`;
  }
  const tag = Object.prototype.toString.call(value);
  return tag === '[object Object]' ? undefined : `is ${describe(value)}; plain JSON values are needed.`;
}

function hint(value) {
  if (value instanceof Date) return ' Write times as 2018-06-08T10:34:56+08:00; `toISOString()` gives an accepted text.';
  return '';
}

module.exports = { encode };
