import type { ErrorKind, LocalErrorCode } from './generated/errors.js';

/** The HTTP answer to a notification. */
export interface NotificationReply {
  status: number;
  /** Empty, or JSON (`Content-Type: application/json`). It tells a stranger an error code and nothing more. */
  body: string;
  /** Value of the header `Authorization` of a signed answer; all others have none. */
  authorization?: string;
}

/**
 * Base of every error that a call gives. `switch` on `kind` or use `instanceof` with the class of a kind; then look at
 * `outcomeUnknown` before you do anything else.
 */
export class WeChatPayError extends Error {
  protected constructor();
  /** What kind of thing went wrong: a closed list. */
  readonly kind: ErrorKind;
  /** WeChat Pay's own code for kind `api`, otherwise one of this library's. An open set: new codes appear without notice. */
  readonly code: LocalErrorCode | (string & {});
  /** What happened and what to do, without request id and code. `message` has those in front. */
  readonly description: string;
  /** HTTP status, when there was an answer. */
  readonly status: number | undefined;
  /** `Request-ID` of the answer: what WeChat Pay's support asks for. */
  readonly requestId: string | undefined;
  /** The operation that was called, for example `payments.jsapi.prepay`. */
  readonly operation: string | undefined;
  /**
   * WeChat Pay's `detail` (which field, which value, what is wrong with it), or the same made here. Not shown by `console.log`, and
   * by `toJSON` without values.
   */
  readonly detail: { [key: string]: unknown } | undefined;
  /** The same request may be sent again without harm and with hope. */
  readonly retryable: boolean;
  /** The request may have taken effect although it failed here: query before doing anything else. */
  readonly outcomeUnknown: boolean;
  /** The answer carried a valid signature. Error answers usually do not: cancel no order on an unauthenticated 404. */
  readonly authenticated: boolean;
  /** How often the call was tried, also when no connection could be made; 0 when it failed before. */
  readonly attempts: number;
  /** Body of the answer as text, unverified unless `authenticated`. Not shown by `console.log` nor `toJSON`. */
  readonly body: string | undefined;
  /**
   * What WeChat Pay is to be answered when `notifications.parse` failed with this error. `undefined` for what was refused before
   * the notification was looked at, such as a body that is no Buffer: answer `notificationReplies.handlerFailed`.
   */
  readonly notificationReply: NotificationReply | undefined;
  readonly cause?: unknown;
  /** What a log may keep. */
  toJSON(): { [key: string]: unknown };
}
