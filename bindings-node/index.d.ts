import type { Families, Operations } from './lib/generated/api.js';
import type { BillRowsByKind } from './lib/generated/bill_rows.js';
import type { NotificationResources } from './lib/generated/notifications.js';
import type { NotificationReply } from './lib/error.js';
import type { ClientOptions } from './lib/generated/options.js';
import type {
  AnswerInfo,
  AppPayment,
  BillRow,
  CallOptions,
  DownloadDestination,
  Downloaded,
  DownloadOptions,
  DownloadSource,
  FileOptions,
  FrontEnd,
  HeadersLike,
  JsapiPayment,
  PreparedRequest,
  ResponseLike,
  UploadOptions,
  UploadSource,
} from './lib/types.js';

export type * from './lib/types.js';
export type * from './lib/generated/api.js';
export type * from './lib/generated/bill_rows.js';
export type * from './lib/generated/notifications.js';
export type * from './lib/generated/options.js';
export * from './lib/generated/errors.js';
export { WeChatPayError, type NotificationReply } from './lib/error.js';

/** Options of reading a bill. */
export interface BillRowsOptions extends DownloadOptions {
  /**
   * What the bill must be: its columns are demanded, and rows have English names and amounts in fen. Without it, rows of any
   * bill have the names of its own columns.
   */
  kind?: keyof BillRowsByKind | undefined;
  /**
   * False: the closing totals are neither demanded nor compared, and a file that was cut is not noticed. For files without
   * totals, or to look into one whose totals are wrong.
   */
  totals?: boolean | undefined;
  /** Is given the totals at the end of the bill, after the last row. */
  onSummary?: ((summary: BillRow) => void) | undefined;
}

/** Version of this package. */
export const version: string;

/**
 * An amount in yuan as bills have it (`'12.30'`) in fen, by the rule of the core: no float is in between. Throws a
 * `MalformedError` when the text is no amount, or not a whole number of fen.
 */
export function fen(yuan: string): number;

/** Status, request id and key serial of the answer that a call returned; for log lines. */
export function answerInfo(answer: object): AnswerInfo | undefined;

/** What all notifications have in common. */
export interface NotificationEnvelope {
  /** Unique id; the same on every repetition. The same notification may come many times. */
  id: string;
  /** RFC 3339. */
  create_time: string;
  /** For example `TRANSACTION.SUCCESS`. */
  event_type: string;
  resource_type: string;
  /** A short description in Chinese. */
  summary: string;
  /** What kind of object the resource is, for example `transaction`. */
  original_type: string;
  associated_data: string;
  /** Serial or id of the key that signed it. */
  serial: string;
}

/** A notification of one type, verified and decrypted. */
export interface NotificationOf<T extends keyof NotificationResources> extends NotificationEnvelope {
  type: T;
  resource: NotificationResources[T];
}

/** A notification whose type is not known here: verified and decrypted all the same. */
export interface UnknownNotification extends NotificationEnvelope {
  type: null;
  resource: { [field: string]: unknown };
}

/** Any notification; `type` tells which. */
export type Notification =
  | { [T in keyof NotificationResources]: NotificationOf<T> }[keyof NotificationResources]
  | UnknownNotification;

export interface Notifications {
  /**
   * Verifies and decrypts a notification: clock, serial, signature, then the content. `body` is the raw bytes of the
   * request as they came, never a parsed object. The adapters of `wechatpay-rs/http` do this and the replying.
   *
   * @throws {VerificationError} It cannot be trusted; `code` says why.
   * @throws {DecryptionError} It is WeChat Pay's, but the APIv3 key is another one.
   * What to answer is in the error's `notificationReply`.
   */
  parse(headers: HeadersLike, body: Uint8Array | ArrayBuffer): Promise<Notification>;
  /**
   * The signed answer to a notification that asks for one, such as `parking.reminders.fee_asked`. Status, body and the header
   * `Authorization` go out together, the body byte for byte; a handler of `wechatpay-rs/http` returns this and is done.
   *
   * @throws {InvalidRequestError} It asks for no answer (`NO_ANSWER_ASKED`), or the answer is not what its page says.
   */
  answer(notification: Pick<Notification, 'type'>, answer: object): Promise<NotificationReply>;
}

type ParamsOf<O extends string> = O extends keyof Operations ? Operations[O]['params'] : object | null;
type AnswerOf<O extends string> = O extends keyof Operations ? Operations[O]['answer'] : any;
type Rest<P, More extends unknown[]> = null extends P ? [params?: P, ...more: More] : [params: P, ...more: More];

/**
 * What signs in place of a private key: a KMS or an HSM. A function is taken for `sign`. It may give a promise: a thread of the client's own waits for
 * it, 30 seconds at most, and no event loop does. What it throws is the `cause` of a `SigningError`, and nothing was sent then.
 */
export type Signer =
  | ((message: Buffer) => Uint8Array | Promise<Uint8Array>)
  | {
      /** Signs with RSASSA-PKCS1-v1_5 and SHA-256: 256 bytes for a key of 2048 bits. */
      sign(message: Buffer): Uint8Array | Promise<Uint8Array>;
      /** Opens sensitive fields of answers: RSAES-OAEP with SHA-1. */
      decrypt?(ciphertext: Buffer): Uint8Array | Promise<Uint8Array>;
    }
  | {
      /** Signs this SHA-256 digest with RSASSA-PKCS1-v1_5. */
      signDigest(digest: Buffer): Uint8Array | Promise<Uint8Array>;
      /** Opens sensitive fields of answers: RSAES-OAEP with SHA-1. */
      decrypt?(ciphertext: Buffer): Uint8Array | Promise<Uint8Array>;
    };

/** Options, with a signer in place of the private key where that is in a KMS or an HSM. */
export interface SignedOptions extends ClientOptions {
  signer?: Signer;
}

/**
 * Calls WeChat Pay for one merchant: signs, sends, verifies, and sends again where that is safe. Numbers that JavaScript cannot hold
 * exactly arrive as text; a `BigInt` in parameters is sent as a whole number. Make one per merchant and
 * keep it. Calls run on threads of their own, neither on the event loop nor on libuv's pool.
 */
export class Client {
  /** @throws {ConfigError} Something is missing or does not belong together. */
  constructor(options: SignedOptions);

  /**
   * A client whose options come from environment variables: `WECHATPAY_MCHID`, `WECHATPAY_PRIVATE_KEY_PATH` and so on; the README
   * lists them. Options given here go before them.
   * @throws {ConfigError} A value cannot be read, or a name is nearly that of a variable (`WECHATPAY_PUBLIC_KEY_ID`).
   */
  static fromEnv(options?: Partial<SignedOptions>, environment?: { [name: string]: string | undefined }): Client;

  /**
   * This client, for calls that do something otherwise: with the same keys, connections and certificates. Closing one closes both.
   * @throws {ConfigError} An option is unknown or wrong.
   */
  withOptions(options: {
    /** Longest time for a whole call, in milliseconds, with everything that is sent again; for downloads too. */
    timeout?: number | undefined;
    /** How often a failed call is sent again where that is safe; 0 for never. */
    retries?: number | undefined;
    /** In which language WeChat Pay words its errors: `en`, `zh-CN`. */
    acceptLanguage?: string | undefined;
    /** Headers `Wechatpay-…` besides those that every request has. */
    headers?: { [name: string]: string } | undefined;
  }): this;

  /**
   * This client, for calls for a sub-merchant: `sub_mchid` is filled in where an operation has it and the call does not say it. Closing
   * one closes both.
   */
  forSubMerchant(subMchid: string): this;

  /** The merchant number. */
  readonly mchid: string;

  /** Notifications from WeChat Pay. */
  readonly notifications: Notifications;

  /** Carries out an operation by its name: `payments.jsapi.prepay`. */
  call<O extends keyof Operations | (string & {})>(
    operation: O,
    ...params: Rest<ParamsOf<O>, [options?: CallOptions]>
  ): Promise<AnswerOf<O>>;

  /** Calls an endpoint that is not typed here. The path carries its query and is percent-encoded already. */
  request(method: string, path: string, body?: object | null, options?: CallOptions): Promise<any>;

  /** Uploads a file by the name of the operation. */
  upload(operation: string, file: UploadSource, options?: UploadOptions): Promise<any>;

  /** A signed request, to be sent with another HTTP client. Give its answer to `finish`. */
  prepare<O extends keyof Operations | (string & {})>(
    operation: O,
    ...params: Rest<ParamsOf<O>, []>
  ): Promise<PreparedRequest>;

  /** Verifies and decodes what another HTTP client received for a request of `prepare`. */
  finish<O extends keyof Operations | (string & {})>(operation: O, response: ResponseLike): Promise<AnswerOf<O>>;

  /** As `prepare`, for an endpoint that is not typed here. */
  prepareRequest(method: string, path: string, body?: object | null): Promise<PreparedRequest>;

  /** As `finish`, for an endpoint that is not typed here. */
  finishRequest(method: string, response: ResponseLike): Promise<any>;

  /**
   * Fetches a file and checks its hash. At a path it appears only when it is whole; a stream gets its first byte only
   * when the whole file has been checked.
   *
   * @example
   * const bill = await client.bills.tradeBill({ bill_date: '2026-08-07', tar_type: 'GZIP' });
   * await client.download(bill, '/var/bills/2026-08-07.csv');
   */
  download(
    source: DownloadSource,
    destination: DownloadDestination,
    options?: DownloadOptions,
  ): Promise<Downloaded>;

  /** Carries out an operation that answers with a file, by its name. */
  callForFile(
    operation: string,
    params: object | null | undefined,
    destination: DownloadDestination,
    options?: FileOptions,
  ): Promise<Downloaded>;

  /**
   * Rows of a bill: of the answer of `bills.tradeBill` and the like, or of a file at a path.
   *
   * Rejects with a `MalformedError`: at once when this is no bill (`BILL_HEADER` and the like) or another than `kind` says
   * (`BILL_COLUMNS`); at a row that is malformed; at the end when the totals are missing (`BILL_CUT`) or do not fit the rows
   * (`BILL_TOTALS`). So settle after the loop, not inside.
   */
  billRows<K extends keyof BillRowsByKind>(
    source: DownloadSource | URL,
    options: BillRowsOptions & { kind: K },
  ): AsyncGenerator<BillRowsByKind[K], void, undefined>;
  billRows(
    source: DownloadSource | URL,
    options?: BillRowsOptions & { kind?: undefined },
  ): AsyncGenerator<BillRow, void, undefined>;

  /** Signed parameters with which a page or mini-program opens the cashier. Good for two hours, as the prepay id. */
  jsapiPayment(order: { appid: string; prepayId: string }): Promise<JsapiPayment>;

  /**
   * Signed parameters with which an app opens the cashier. `partnerid` is the number of a sub-merchant, for an order that a service provider
   * placed with the sub-merchant's own appid.
   */
  appPayment(order: { appid: string; prepayId: string; partnerid?: string }): Promise<AppPayment>;

  /** What pages, mini-programs and apps open WeChat with, beside the cashier. */
  readonly frontEnd: FrontEnd;

  /** Encrypts a text to WeChat Pay, for endpoints that are not typed; typed ones do it by themselves. */
  encryptField(plain: string): Promise<{ ciphertext: string; serial: string }>;

  /** Decrypts a text that WeChat Pay encrypted to the merchant. */
  decryptField(ciphertext: string): Promise<string>;

  /**
   * Takes no more calls, which then reject with `ClosedError`. Resolves when all that are under way have ended, one way or
   * the other, and given-up ones have left their threads. Not needed for the process to exit.
   */
  close(): Promise<void>;
}

export interface Client extends Families, AsyncDisposableLike {}

/** `await using client = new Client(…)`, where the runtime and the `lib` of TypeScript know it. */
type AsyncDisposableLike = SymbolConstructor extends { readonly asyncDispose: infer S extends symbol }
  ? { [K in S]: () => Promise<void> }
  : {};
