'use strict';

const { invalid } = require('./error.js');

const MAX_DEPTH = 64;
const LONE_SURROGATE = /\p{Surrogate}/u;
const plain = (name) => /^[A-Za-z_$][\w$]*$/.test(name);

/**
 * JSON text of parameters, or an error that names the argument. `JSON.stringify` alone would turn NaN into null, a Date
 * into text, and leave out what is undefined: silent changes to a request about money.
 */
function encode(value, name, operation) {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw invalid('WRONG_TYPE', name, `must be an object with the parameters, not ${describe(value)}.`, operation);
  }
  check(value, name, operation, []);
  return JSON.stringify(value);
}

function check(value, path, operation, parents) {
  switch (typeof value) {
    case 'string':
      if (LONE_SURROGATE.test(value)) {
        const problem = 'holds half of a surrogate pair: the text was cut in the middle of a character.';
        throw invalid('UNSUPPORTED_CHARACTER', path, problem, operation);
      }
      return;
    case 'boolean':
      return;
    case 'number':
      if (!Number.isFinite(value)) {
        throw invalid('WRONG_TYPE', path, `is ${value}, which JSON cannot hold.`, operation);
      }
      if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
        const problem = `is ${value}: beyond 2^53 JavaScript numbers are not exact. Numbers of orders are text.`;
        throw invalid('WRONG_TYPE', path, problem, operation);
      }
      return;
    case 'undefined':
      throw invalid('WRONG_TYPE', path, 'is undefined. Leave it out, or set it to null to leave it out.', operation);
    case 'object':
      break;
    default:
      throw invalid('WRONG_TYPE', path, `is ${describe(value)}, which has no place in JSON.${hint(value)}`, operation);
  }
  if (value === null) return;
  if (parents.includes(value)) {
    throw invalid('TOO_DEEP', path, 'contains itself.', operation);
  }
  if (parents.length >= MAX_DEPTH) {
    throw invalid('TOO_DEEP', path, `is nested more than ${MAX_DEPTH} levels deep.`, operation);
  }
  parents.push(value);
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      check(value[index], `${path}[${index}]`, operation, parents);
    }
  } else {
    refuseSpecial(value, path, operation);
    for (const name of Object.keys(value)) {
      check(value[name], plain(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`, operation, parents);
    }
  }
  parents.pop();
}

/** Objects that are not what they look like: dates, maps, bytes, decimals, everything with `toJSON`. */
function refuseSpecial(value, path, operation) {
  if (value instanceof Date || typeof value.toJSON === 'function') {
    throw invalid('WRONG_TYPE', path, `is ${describe(value)}; plain JSON values are needed.${hint(value)}`, operation);
  }
  const tag = Object.prototype.toString.call(value);
  if (tag !== '[object Object]' || ArrayBuffer.isView(value)) {
    throw invalid('WRONG_TYPE', path, `is ${describe(value)}; plain JSON values are needed.`, operation);
  }
}

function hint(value) {
  if (value instanceof Date) return ' Write times as 2018-06-08T10:34:56+08:00; `toISOString()` gives an accepted text.';
  if (typeof value === 'bigint') return ' Amounts are whole numbers of fen: `Number(…)`. Numbers of orders are text.';
  return '';
}

function describe(value) {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  switch (typeof value) {
    case 'object': {
      const name = value.constructor && value.constructor.name;
      return name && name !== 'Object' ? `a ${name}` : 'an object';
    }
    case 'string':
      return 'a text';
    case 'undefined':
      return 'undefined';
    default:
      return `a ${typeof value}`;
  }
}

/** A text argument, or an error that names it. */
function text(value, name) {
  if (typeof value !== 'string') throw invalid('WRONG_TYPE', name, `must be a text, not ${describe(value)}.`);
  if (LONE_SURROGATE.test(value)) throw invalid('UNSUPPORTED_CHARACTER', name, 'holds half of a surrogate pair.');
  return value;
}

module.exports = { encode, check, describe, text };
