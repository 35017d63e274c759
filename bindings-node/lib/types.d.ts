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
  /** How many requests went out for the call: 1 without retries, 0 when another HTTP client sent it. */
  attempts: number;
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

/**
 * What `openBusinessView` takes. A mini-program gives `businessType` and `extraData`, a page in WeChat `businessType` and `queryString`, an
 * app `businessType`, `query` and `extInfo`. Members that the client side does not take do no harm.
 */
export interface BusinessView {
  businessType: string;
  extraData: Record<string, string>;
  queryString: string;
  query: string;
  extInfo: string;
}

/**
 * What the confirmation of a transfer is opened with. A mini-program and a page in WeChat give `mchId`, `appId` and `package` to
 * `requestMerchantTransfer`, an app gives `businessType` and `query` to `WXOpenBusinessView`.
 */
export interface TransferConfirmation {
  mchId: string;
  appId: string;
  package: string;
  businessType: string;
  query: string;
}

/** What `wx.navigateToMiniProgram` takes. */
export interface MiniProgram {
  appId: string;
  path: string;
  extraData: Record<string, string>;
}

/** A coupon that the plugin of mini-programs shall hand out. */
export interface PluginCoupon {
  /** Number of the stock. */
  stockId: string;
  /** The merchant's number of this handing out: the same number gives the coupon once. */
  outRequestNo: string;
  /** Code of the coupon, of a merchant's stock whose codes are named when they are handed out. */
  couponCode?: string;
  /** Merchant who made the stock; needed for cash coupons (`favor`), not taken for a merchant's own. */
  createCouponMerchant?: string;
  /** When the payer got the coupon by the merchant's own books, RFC 3339. */
  customizeSendTime?: string;
}

/** What the plugin `send-coupon` takes: each member is the attribute of the same name. */
export interface CouponPlugin {
  send_coupon_params: Array<{
    stock_id: string;
    out_request_no: string;
    coupon_code?: string;
    create_coupon_merchant?: string;
    customize_send_time?: string;
  }>;
  send_coupon_merchant: string;
  sign: string;
}

/** What pages, mini-programs and apps open WeChat with, beside the cashier. All of it is local; nothing is sent. */
export interface FrontEnd {
  /** Hands out one to ten coupons through the plugin of mini-programs. Signed with `apiV2Key`. */
  couponPlugin(how: { coupons: readonly PluginCoupon[] }): Promise<CouponPlugin>;

  /**
   * Where a browser is sent to pay an H5 order, and from where it comes back to `redirectUrl`, whose host must be one of the domains set for
   * H5 payments. That the browser is back says nothing about the money: query the order.
   */
  h5Redirect(what: { h5Url: string; redirectUrl: string }): Promise<string>;

  /** The QR code of a Native order as a picture: SVG without size, black on white. */
  nativeQr(what: { codeUrl: string }): Promise<string>;

  /** Opens an order of WeChat Pay score for the payer to confirm; `package` is what creating the order answered. */
  payscoreOrder(what: { package: string }): Promise<BusinessView>;

  /** Opens the details of an order of WeChat Pay score. Signed with `apiV2Key`. */
  payscoreOrderDetail(what: { serviceId: string; outOrderNo: string }): Promise<BusinessView>;

  /**
   * Opens the page on which the payer permits orders of WeChat Pay score; the token is what `payscore.permissions.apply` answered. The
   * page of this is no longer in the official documentation.
   */
  payscorePermission(what: { applyPermissionsToken: string }): Promise<BusinessView>;

  /**
   * Address of the page on which a payer takes a merchant's coupon. Nothing comes back: `busifavor.coupons.list` tells what became of it.
   * Signed with `apiV2Key`.
   */
  h5CouponUrl(what: { stockId: string; outRequestNo: string; openId: string; couponCode?: string }): Promise<string>;

  /** Opens the component in which a payer takes product coupons; the token is what handing them out beforehand answered. */
  productCoupon(what: { token: string }): Promise<BusinessView>;

  /** Opens the component in which a payer becomes a member of a brand. The token is good for an hour. */
  memberCard(what: { token: string }): Promise<BusinessView>;

  /**
   * Opens the page on which a payee confirms a transfer, or permits transfers without being asked; `packageInfo` is what making the transfer
   * or asking for the permission answered. That the page was shown says nothing about the money: query the transfer.
   */
  transferConfirmation(what: { appid: string; packageInfo: string }): Promise<TransferConfirmation>;

  /**
   * Opens the page on which a car owner starts the parking service for a plate. What came of it is asked with `parking.services.find`. A
   * service provider names the sub-merchant.
   */
  parkingService(what: { openid: string; plateNumber: string; plateColor: string; subMchid?: string }): Promise<MiniProgram>;
}
