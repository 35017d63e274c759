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

/** Where a file is: the answer that announces it, such as that of `bills.tradeBill`, or a bare URL. Pass the answer: it holds the hash. */
export type DownloadSource =
  | string
  | { download_url?: string | null; url?: string | null; hash_type?: string | null; hash_value?: string | null };

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

/** A row of a trade bill. Null: the bill has no such column, or nothing stands there. Amounts are in fen. */
export interface TradeBillRow {
  /** When the order was paid, or the refund accepted: `2026-08-08 10:34:56`, Beijing time. Column `交易时间`. */
  time: string | null;
  /** AppID of the official account, mini program or app. Column `公众账号ID`. */
  appid: string | null;
  /** Merchant number. Column `商户号`. */
  mchid: string | null;
  /** Sub-merchant number, in a service provider's bill. Column `特约商户号`, early `子商户号`. */
  sub_mchid: string | null;
  /** The merchant's terminal. Column `设备号`. */
  device_id: string | null;
  /** WeChat Pay's number of the order. Column `微信订单号`. */
  transaction_id: string | null;
  /** The merchant's number of the order. Column `商户订单号`. */
  out_trade_no: string | null;
  /** The payer's openid. Column `用户标识`. */
  openid: string | null;
  /** How it was paid: `JSAPI`, `NATIVE`, `APP`, `MWEB`, `MICROPAY`, … Column `交易类型`. */
  trade_type: string | null;
  /** `SUCCESS` for a payment, `REFUND` for a refund, `REVOKED` for a cancelled one. Column `交易状态`. */
  trade_state: string | null;
  /** Bank or balance that paid: `OTHERS`, `CMB_DEBIT`, … Column `付款银行`. */
  bank_type: string | null;
  /** Currency, `CNY`. Column `货币种类`. */
  currency: string | null;
  /** What is settled to the merchant for the order, in fen. Column `应结订单金额`, early `总金额`. */
  settlement_total: number | null;
  /** Coupons used, in fen. Column `代金券金额`, early `企业红包金额`. */
  coupon_amount: number | null;
  /** WeChat Pay's number of the refund; null in rows of payments. Column `微信退款单号`. */
  refund_id: string | null;
  /** The merchant's number of the refund; null in rows of payments. Column `商户退款单号`. */
  out_refund_no: string | null;
  /** What is taken back from the merchant for the refund, in fen. Column `退款金额`. */
  refund_amount: number | null;
  /** The part of the refund that goes back to prepaid coupons, in fen. Column `充值券退款金额`, early `企业红包退款金额`. */
  coupon_refund_amount: number | null;
  /** Where the refund goes: `ORIGINAL`, `BALANCE`, … Column `退款类型`. */
  refund_channel: string | null;
  /** State of the refund when the bill was made; it is not updated later. Column `退款状态`. */
  refund_state: string | null;
  /** When the refund was asked for (refund bills): Beijing time. Column `退款申请时间`. */
  refund_requested_at: string | null;
  /** When the refund succeeded (refund bills): Beijing time. Column `退款成功时间`. */
  refund_succeeded_at: string | null;
  /** What was sold, as given with the order. Column `商品名称`. */
  description: string | null;
  /** The merchant's own data, as given with the order (`attach`). Column `商户数据包`. */
  attach: string | null;
  /** Fee in yuan, as text, for it may have fractions of a fen; negative when it is given back. Column `手续费`. */
  fee: string | null;
  /** Rate of the fee as text: `0.60%`. Column `费率`. */
  rate: string | null;
  /** Total of the order, in fen. Column `订单金额`. */
  total: number | null;
  /** Refund as it was asked for, in fen. Column `申请退款金额`. */
  refund_requested: number | null;
  /** Note on the rate. Column `费率备注`. */
  rate_note: string | null;
}

/** A row of a fund-flow bill. Null: the bill has no such column, or nothing stands there. Amounts are in fen. */
export interface FundFlowBillRow {
  /** When it was booked: `2026-08-08 10:34:56`, Beijing time. Column `记账时间`. */
  time: string | null;
  /** WeChat Pay's number of the order, refund, withdrawal … Column `微信支付业务单号`. */
  business_id: string | null;
  /** Number of this booking. Column `资金流水单号`. */
  flow_id: string | null;
  /** Business: 交易, 退款, 提现, … Column `业务名称`. */
  business_name: string | null;
  /** Kind within the business: 交易, 扣除交易手续费, 退款, … Column `业务类型`. */
  business_type: string | null;
  /** 收入 (money in) or 支出 (money out). Column `收支类型`. */
  direction: string | null;
  /** Amount in fen, without a sign: `direction` has it. Column `收支金额(元)`. */
  amount: number | null;
  /** Balance of the account after the booking, in fen. Column `账户结余(元)`. */
  balance: number | null;
  /** Who asked for it. Column `资金变更提交申请人`. */
  applicant: string | null;
  /** Note. Column `备注`. */
  note: string | null;
  /** The merchant's own number: of the order, the refund, the withdrawal. Column `业务凭证号`. */
  voucher_id: string | null;
}

/** Options of reading a bill. */
export interface BillRowsOptions extends DownloadOptions {
  /**
   * What the bill must be: its columns are demanded, and rows have English names and amounts in fen. Without it, rows of any
   * bill have the names of its own columns.
   */
  kind?: 'trade' | 'fund_flow' | undefined;
  /**
   * False: the closing totals are neither demanded nor compared, and a file that was cut is not noticed. For files without
   * totals, or to look into one whose totals are wrong.
   */
  totals?: boolean | undefined;
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
  privateKeyP12Path?: string | URL;
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
  platformRootPath?: string | URL;
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
  caCertificatesPath?: string | URL;
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
