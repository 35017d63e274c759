'use strict';

/** Shared by every copy of this package in a process. */
const KIND = Symbol.for('wechatpay-rs.error.kind');

/** Base of every error that this package gives for a call. */
class WeChatPayError extends Error {
  /**
   * True also for errors of another copy of this package: a bundle, a test runner's own module registry, two versions in
   * one node_modules. An `instanceof` that silently fails there would be a payment error that nobody handles.
   */
  static [Symbol.hasInstance](value) {
    if (Function.prototype[Symbol.hasInstance].call(this, value)) return true;
    const kind = value !== null && typeof value === 'object' ? value[KIND] : undefined;
    if (typeof kind !== 'string') return false;
    return this === WeChatPayError || (Object.hasOwn(this, 'kind') && this.kind === kind);
  }

  constructor(fields) {
    super(fields.text || fields.message || fields.code, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.kind = fields.kind;
    Object.defineProperty(this, KIND, { value: fields.kind });
    this.code = fields.code;
    this.status = fields.status ?? undefined;
    this.requestId = fields.request_id ?? undefined;
    this.operation = fields.operation ?? undefined;
    this.retryable = fields.retryable === true;
    this.outcomeUnknown = fields.outcome_unknown === true;
    this.authenticated = fields.authenticated === true;
    this.attempts = fields.attempts ?? 0;
    // Not enumerable: `console.log(error)` and structured loggers print what is, and a body may hold personal data.
    Object.defineProperty(this, 'description', { value: fields.message || '', configurable: true });
    Object.defineProperty(this, 'detail', { value: fields.detail ?? undefined, configurable: true });
    Object.defineProperty(this, 'notificationReply', { value: fields.notification_reply ?? undefined, configurable: true });
    Object.defineProperty(this, 'body', { value: fields.body ?? undefined, configurable: true });
  }

  get name() {
    return this.constructor.name;
  }

  /** What a log may keep: no body, no value of a parameter, no stack, no secret. */
  toJSON() {
    const { name, kind, code, message, status, requestId, operation } = this;
    const { retryable, outcomeUnknown, authenticated, attempts } = this;
    const detail = withoutValues(this.detail);
    return { name, kind, code, message, status, requestId, operation, detail, retryable, outcomeUnknown, authenticated, attempts };
  }
}

/** Which field and what is wrong with it, without the value that it had: a name, a bank card. */
function withoutValues(detail) {
  if (detail === null || typeof detail !== 'object' || Array.isArray(detail)) return undefined;
  const kept = {};
  for (const name of ['field', 'issue', 'location']) if (typeof detail[name] === 'string') kept[name] = detail[name];
  return kept;
}

/** The error of the right class from its fields. */
function makeError(fields) {
  const { kinds } = require('./generated/errors.js');
  const Class = kinds[fields.kind] || WeChatPayError;
  if (fields.cause === undefined && Array.isArray(fields.causes) && fields.causes.length > 0) {
    fields.cause = fields.causes.reduceRight((cause, text) => new Error(text, cause && { cause }), undefined);
  }
  return new Class(fields);
}

/** The error behind the JSON text that the addon gives, and what caused it on this side. */
function fromNative(json, cause) {
  let fields;
  try {
    fields = JSON.parse(json);
  } catch {
    return new Error(json); // Not ours: a wrong type at the addon's border, say.
  }
  fields.cause = cause;
  return makeError(fields);
}

/** An argument is not what it should be; nothing was sent. `argument` is a path such as `params.amount.total`. */
function invalid(code, argument, problem, operation) {
  const message = `${argument} ${problem}`;
  const text = operation ? `${operation}: ${code}: ${message}` : `${code}: ${message}`;
  return makeError({ kind: 'invalid_request', code, message, text, operation, detail: { field: argument } });
}

/** What a value is, for an error about it. Never the value itself: it may be a key. */
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

// Node 18 has no `isWellFormed`.
const wellFormed = String.prototype.isWellFormed
  ? (value) => value.isWellFormed()
  : (value) => !/\p{Surrogate}/u.test(value);

/** A text argument, or an error that names it. */
function text(value, name) {
  if (typeof value !== 'string') throw invalid('WRONG_TYPE', name, `must be a text, not ${describe(value)}.`);
  if (!wellFormed(value)) throw invalid('UNSUPPORTED_CHARACTER', name, 'holds half of a surrogate pair.');
  return value;
}

module.exports = { WeChatPayError, makeError, fromNative, invalid, describe, wellFormed, text };
