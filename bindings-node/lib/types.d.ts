/** Options of one call. */
export interface CallOptions {
  /**
   * Gives the call up for good: nothing is sent (again) afterwards. The promise rejects with a `TimeoutError` (code `ABORTED`, or
   * `NO_ANSWER` for `AbortSignal.timeout`) whose `outcomeUnknown` says whether the request may have taken effect all the same.
   */
  signal?: AbortSignal | undefined;
  /**
   * Longest time for this call, in milliseconds, the reading of an uploaded stream and the writing of a download included; the
   * client's own time-outs hold besides.
   */
  timeout?: number | undefined;
}

/** Options of an upload. */
export interface UploadOptions extends CallOptions {
  /** Name that WeChat Pay sees, with the extension that fits the content. Needed for bytes, which have no name. */
  fileName?: string | undefined;
  /** With `client.upload`: what some operations want to know besides the file. Typed methods take it as an argument. */
  params?: object | null | undefined;
}

/** A path, bytes, a Blob or File, or a stream. */
export type UploadSource =
  | string
  | URL
  | Uint8Array
  | ArrayBuffer
  | Blob
  | AsyncIterable<Uint8Array | string>;

/** Where a file is: the answer that announces it, such as that of `bills.tradeBill`, or a bare URL. Pass the answer: it holds the hash. */
export type DownloadSource =
  | string
  | {
      download_url?: string | null;
      url?: string | null;
      hash_type?: string | null;
      hash_value?: string | null;
      /** Of a part of an encrypted bill, which is decrypted while it is fetched. */
      encrypt_key?: string | null;
      nonce?: string | null;
    };

/** How far a download has come. */
export interface Progress {
  /** Bytes received, compressed as they came. */
  received: number;
  /** Bytes to receive, when the server says so. */
  total: number | undefined;
}

/** Where a file goes: to a path, where it appears only when it is whole, or into a stream, which gets its first byte only then. */
export type DownloadDestination = string | URL | NodeJS.WritableStream | WritableStream;

/** Options of a call that is answered with a file. */
export interface FileOptions extends CallOptions {
  /** Is told about every piece received. What it throws, the call rejects with. */
  onProgress?: ((progress: Progress) => void) | undefined;
}

/** Options of a download. */
export interface DownloadOptions extends FileOptions {
  /** With a bare URL: `hash_value` of the same answer, when its `hash_type` is SHA1. Without it nothing vouches for the content. */
  sha1?: string | undefined;
}

/** A finished download. */
export interface Downloaded {
  /** Bytes written, decompressed. */
  bytes: number;
  /** SHA-1 of these bytes, lower-case hexadecimal. */
  sha1: string;
  /** Whether it was compared with an announced hash. Without one, nothing vouches for the content. */
  verified: boolean;
}

/** A row of a bill: name of the column (in Chinese, as in the file) to text. Amounts are in yuan, as text. */
export type BillRow = { [column: string]: string };

/** A signed request, for `fetch`, undici or any other HTTP client. Send it as it is, within five minutes. */
export interface PreparedRequest {
  method: string;
  url: string;
  headers: { [name: string]: string };
  /** Exactly the bytes that were signed; absent when there is no body. */
  body?: Buffer;
}

/** Headers as any framework has them. */
export type HeadersLike =
  | { [name: string]: string | string[] | number | undefined }
  | Iterable<[string, string]>
  | { entries(): Iterable<[string, string]> }
  | string[];

/** An answer that another HTTP client received: a Fetch `Response`, undici's result, or the parts. */
export type ResponseLike =
  | { status: number; headers: HeadersLike; arrayBuffer(): Promise<ArrayBuffer> }
  | { status: number; headers: HeadersLike; body?: Uint8Array | ArrayBuffer | null | undefined }
  | { statusCode: number; headers: HeadersLike; body?: { arrayBuffer(): Promise<ArrayBuffer> } | Uint8Array | null | undefined };

/** What is known of the answer behind an object that a call returned. */
export interface AnswerInfo {
  /** HTTP status. */
  status: number;
  /** What WeChat Pay's support asks for. */
  requestId: string | undefined;
  /** Serial or id of the key that signed the answer. */
  serial: string;
}

/** A WeChat Pay public key and its id. */
export type WechatpayPublicKey =
  | { id: string; key: string | Uint8Array; path?: undefined }
  | { id: string; path: string | URL; key?: undefined };

/** What `wx.requestPayment` and `WeixinJSBridge.invoke('getBrandWCPayRequest', …)` take. */
export interface JsapiPayment {
  appId: string;
  timeStamp: string;
  nonceStr: string;
  package: string;
  signType: string;
  paySign: string;
}

/** What the app SDK's `PayReq` takes. */
export interface AppPayment {
  appid: string;
  partnerid: string;
  prepayid: string;
  package: string;
  noncestr: string;
  timestamp: string;
  sign: string;
}
