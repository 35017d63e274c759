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
}

/** A path, bytes, a Blob or File, or a stream. */
export type UploadSource =
  | string
  | URL
  | Uint8Array
  | ArrayBuffer
  | Blob
  | AsyncIterable<Uint8Array | string>;

/** Where a file is: an answer such as that of `bills.tradeBill`, or a bare URL. Pass the answer: it holds the hash. */
export type DownloadSource =
  | string
  | { download_url: string; hash_type?: string | null; hash_value?: string | null };

/** How far a download has come. */
export interface Progress {
  /** Bytes received, compressed as they came. */
  received: number;
  /** Bytes to receive, when the server says so. */
  total: number | undefined;
}

/** Options of a download. */
export interface DownloadOptions extends CallOptions {
  /** Is told about every piece received. What it throws, the download rejects with. */
  onProgress?: ((progress: Progress) => void) | undefined;
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

/** Options of reading a bill. */
export interface BillRowsOptions extends DownloadOptions {
  /** Is given the totals at the end of the bill, after the last row. */
  onSummary?: ((summary: BillRow) => void) | undefined;
}

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

/**
 * How to make a client. Keys are PEM text or what was read from a file; the names ending in `Path` take the file itself.
 *
 * Needed: `mchid`, a private key, `merchantSerial` or the merchant certificate, and either the WeChat Pay public key with
 * its id (every new merchant) or `apiV3Key`, with which platform certificates are downloaded (older merchants).
 * Notifications need `apiV3Key` always.
 */
export interface ClientOptions {
  /** Merchant number: digits. */
  mchid: string;
  /** The merchant's private key, `apiclient_key.pem`. */
  privateKey?: string | Uint8Array;
  privateKeyPath?: string | URL;
  /** `apiclient_cert.p12` instead; its password is the merchant number unless `privateKeyPassword` says otherwise. */
  privateKeyP12?: Uint8Array;
  privateKeyPassword?: string;
  /** Serial number of the merchant's API certificate: 40 hexadecimal digits. */
  merchantSerial?: string;
  /** The certificate itself, `apiclient_cert.pem`; then the serial number need not be given. */
  merchantCertificate?: string | Uint8Array;
  merchantCertificatePath?: string | URL;
  /** The APIv3 key: 32 characters. */
  apiV3Key?: string;
  /** WeChat Pay's public key, `pub_key.pem`. */
  wechatpayPublicKey?: string | Uint8Array;
  wechatpayPublicKeyPath?: string | URL;
  /** Its id, `PUB_KEY_ID_…`. */
  wechatpayPublicKeyId?: string;
  /** Several, while one is being replaced. */
  wechatpayPublicKeys?: WechatpayPublicKey[];
  /** Platform certificates known beforehand. */
  platformCertificates?: Array<string | Uint8Array>;
  platformCertificatePaths?: string[];
  /** Who must have issued platform certificates; for tests against a sandbox. */
  platformRoot?: string | Uint8Array;
  /** Another server: a sandbox, a gateway. Plain http only for this machine. */
  baseUrl?: string;
  /** Whether the second domain is tried when the first does not answer. Default true. */
  failover?: boolean;
  failoverBaseUrl?: string;
  /**
   * Further hosts that files may be fetched from, such as `files.example.com:8443`. A download is signed, and the signature does
   * not say for which host: it goes only to WeChat Pay's hosts, the base URL's, and these.
   */
  downloadHosts?: string[];
  /** Longest wait for a connection, in milliseconds. Default 5000. */
  connectTimeout?: number;
  /** Longest wait for the answer, and for each further piece of it, in milliseconds. Default 10000. */
  readTimeout?: number;
  /** Longest time for a whole call with everything that is sent again, in milliseconds. */
  timeout?: number;
  /** How often a request is sent again at most, where that is safe. */
  retries?: number;
  /** Largest answer accepted, in bytes; downloads are not concerned. */
  maxBody?: number;
  /** Proxy: `http://user:password@host:port`, or `socks5://`. Default: what HTTPS_PROXY, ALL_PROXY and NO_PROXY say. */
  proxy?: string;
  /** Use no proxy, whatever the environment says. */
  noProxy?: boolean;
  /** Trust these CA certificates (PEM) and no others. Default: those of the system. */
  caCertificates?: string | Uint8Array;
  /** Is appended to the User-Agent. */
  userAgent?: string;
  /** Language of WeChat Pay's messages: `en`, `zh-CN`, `zh-HK`, `zh-TW`. */
  acceptLanguage?: string;
  /** Calls that may be under way at the same time; more wait in line. Default 64. */
  threads?: number;
}

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
