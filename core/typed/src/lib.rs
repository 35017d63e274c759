//! WeChat Pay APIv3 for merchants: every endpoint as a typed call.
//!
//! This crate is [`wechatpay_core`], which signs, sends and verifies, with types on top: everything of it is here under the
//! same name, and [`Api`] gives its [`Client`] the typed calls. 996 operations are known; each product family is a Cargo feature.
//!
//! - [A client](#a-client)
//! - [An order](#an-order), from its creation to the money
//! - [Notifications](#notifications)
//! - [When something fails](#when-something-fails)
//! - [Refunds and bills](#refunds-and-bills)
//! - [Endpoints that are not typed](#endpoints-that-are-not-typed)
//! - [Service providers and several merchants](#service-providers-and-several-merchants)
//! - [A key in a KMS or an HSM](#a-key-in-a-kms-or-an-hsm)
//! - [Tests without a merchant account](#tests-without-a-merchant-account)
//! - [Cargo features](#cargo-features) and [security](#security)
//!
//! # A client
//!
//! What a merchant has: a number, a private key (`apiclient_key.pem`) with the serial number of its certificate, the APIv3 key, and WeChat Pay's
//! public key with its id. All of it is on the merchant platform.
//!
//! ```no_run
//! use wechatpay::crypto::{ApiV3Key, PrivateKey, PublicKey};
//! use wechatpay::{Client, Config};
//!
//! # fn main() -> wechatpay::Result<()> {
//! let config = Config::new("1900000001", PrivateKey::from_file("apiclient_key.pem")?)
//!     .merchant_serial("5157F09EFDC096DE15EBE81A47057A7232F1B8E1")
//!     .api_v3_key(ApiV3Key::new("the 32 characters that you set")?)
//!     .wechatpay_public_key("PUB_KEY_ID_0119000000012026000000000000000001", PublicKey::from_file("pub_key.pem")?);
//! let client = Client::new(config)?; // opens no connection
//! # Ok(()) }
//! ```
//!
//! Merchants of before the public keys have platform certificates instead: leave `wechatpay_public_key` out, and the client downloads them
//! with the APIv3 key before its first call, and every twelve hours. Both at once is right while you move from one to the other.
//!
//! A client is cheap to clone, and clones share everything. Its methods block the calling thread; from `async` code call them in
//! `spawn_blocking`. [`Client::builder`] has time-outs, proxy, retries, and a [transport](transport::Transport) of your own.
//!
//! # An order
//!
//! Amounts are whole fen everywhere: 1234 is 12.34 yuan. These examples run, against the local WeChat Pay of this project.
//!
//! ```
//! use wechatpay::api::payments::{Amount, QueryByOutTradeNoRequest, TradeState, jsapi::{JsapiPayer, PrepayRequest}};
//! use wechatpay::Api;
//!
//! # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/sandbox.rs"));
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let (_sandbox, client, appid, openid) = sandbox()?;
//! let request = PrepayRequest::new()
//!     .with_appid(appid.clone())
//!     .with_description("Two cups of tea")
//!     .with_out_trade_no("20260808-0001") // yours, and never used twice
//!     .with_notify_url("https://shop.example.com/wechatpay/notify")
//!     .with_amount(Amount::new().with_total(1234))
//!     .with_payer(JsapiPayer::new().with_openid(openid));
//! let order = client.payments().jsapi().prepay(&request)?;
//!
//! // What the page inside WeChat, or the mini-program, opens the cashier with.
//! let prepay_id = order.prepay_id().ok_or("no prepay_id")?;
//! let cashier = client.jsapi_payment(&appid, prepay_id)?;
//! assert_eq!(cashier.sign_type, "RSA");
//!
//! // What became of it, whenever you like; on a server that lost its notification, too.
//! let query = QueryByOutTradeNoRequest::new().with_out_trade_no("20260808-0001");
//! let order = client.payments().query_by_out_trade_no(&query)?;
//! assert_eq!(order.trade_state(), Some(TradeState::Notpay));
//! println!("WeChat Pay's support asks for {:?}", order.request_id());
//! # Ok(()) }
//! ```
//!
//! **Requests are strict**: what is missing, unknown, too long, or breaks a rule of its field is refused before anything is sent, and the error
//! says where. **Replies are tolerant**: a field that is absent, `null` or of another type than documented is `None`, an unknown value of an
//! enum is kept as text, and [`Reply::json`] has everything. WeChat Pay adds fields all the time; your program goes on.
//!
//! Sensitive fields (names, phone and card numbers) are plain text on your side and encrypted on the wire, both ways; `Debug` does not show
//! them.
//!
//! # Notifications
//!
//! Give [`Client::parse_notification`] all headers and the **bytes** of the body as they came: a body that was parsed and written again has
//! another signature. It verifies, looks at the clock, decrypts, and only then shows anything.
//!
//! ```
//! use wechatpay::http::Headers;
//! use wechatpay::{Client, NotificationReply, NotificationResource};
//!
//! fn notified(client: &Client, headers: &Headers, body: &[u8]) -> NotificationReply {
//!     let notification = match client.parse_notification(headers, body) {
//!         Ok(notification) => notification,
//!         Err(error) => {
//!             eprintln!("refused: {error}"); // says why, and what to do
//!             return error.notification_reply();
//!         }
//!     };
//!     match NotificationResource::of(&notification) {
//!         NotificationResource::PaymentsTransaction(order) => {
//!             // Store it, then answer: the same notification may come many times, also at the same moment.
//!             println!("{:?} paid {:?} fen", order.out_trade_no(), order.amount().and_then(|it| it.total()));
//!             NotificationReply::accepted()
//!         }
//!         // What is not understood is not acknowledged: it comes again, and nothing is lost until you have looked.
//!         _ => NotificationReply::handler_failed(),
//!     }
//! }
//! #
//! # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/sandbox.rs"));
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let (_sandbox, client, ..) = sandbox()?;
//! let stranger = Headers::from_iter([("Wechatpay-Signature", "AAAA"), ("Wechatpay-Serial", "PUB_KEY_ID_1")]);
//! assert_eq!(notified(&client, &stranger, b"{}").status, 401);
//! # Ok(()) }
//! ```
//!
//! Answer with `status`, `body` and, where it is not empty, the header `authorization` of the [`NotificationReply`]. Stop reading at
//! [`NOTIFICATION_MAX_BYTES`].
//!
//! # When something fails
//!
//! There is one [`Error`], with a [kind](Error::kind) out of a short closed list and a [code](Error::code): WeChat Pay's own, or one of
//! [`error::codes`] for what was found here. Three questions matter when money is about:
//!
//! | | |
//! |---|---|
//! | [`Error::outcome_unknown`] | Did it happen all the same? If it may have, query before anything else; the message names the query. |
//! | [`Error::retryable`] | May the same request be sent again without harm and with hope? The client has done so itself, twice, with pauses. |
//! | [`Error::authenticated`] | Did WeChat Pay sign this? Error answers usually carry no signature: cancel no order because of one. |
//!
//! ```
//! use wechatpay::api::payments::QueryByOutTradeNoRequest;
//! use wechatpay::{Api, ErrorKind};
//!
//! # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/sandbox.rs"));
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let (_sandbox, client, ..) = sandbox()?;
//! let nobodys = QueryByOutTradeNoRequest::new().with_out_trade_no("nobody-knows-it");
//! let error = client.payments().query_by_out_trade_no(&nobodys).unwrap_err();
//! assert_eq!((error.kind(), error.code(), error.status()), (ErrorKind::Api, "ORDER_NOT_EXIST", Some(404)));
//! assert!(!error.outcome_unknown() && !error.retryable());
//!
//! let error = client.payments().query_by_out_trade_no(&QueryByOutTradeNoRequest::new()).unwrap_err();
//! assert_eq!((error.kind(), error.code()), (ErrorKind::InvalidRequest, "MISSING_PARAMETER"));
//! # Ok(()) }
//! ```
//!
//! An error answer's text is WeChat Pay's, as it came. No key, no `Authorization` header and no plain text of a sensitive field is in any
//! message, `Debug` or log line.
//!
//! A call can be limited and given up: [`Client::controlled`] with a [`CallControl`]. What it says when it is given up is about what
//! had left the machine, not about what was meant.
//!
//! # Refunds and bills
//!
//! A refund is asked for by `refunds.create` under a number of your own, which makes it safe to ask again. Bills are files: an answer announces
//! one, with its hash, and it appears at its path only when it is whole and right.
//!
//! ```no_run
//! use std::{fs::File, io::BufReader};
//! use wechatpay::api::bills::TradeBillRequest;
//! use wechatpay::api::refunds::{CreateAmount, CreateRequest};
//! use wechatpay::{Api, Client, bill::BillReader};
//!
//! fn of_yesterday(client: &Client) -> Result<(), Box<dyn std::error::Error>> {
//!     let amount = CreateAmount::new().with_refund(234).with_total(1234).with_currency("CNY");
//!     let refund = CreateRequest::new().with_out_trade_no("20260808-0001").with_out_refund_no("R-1").with_amount(amount);
//!     println!("{:?}", client.refunds().create(&refund)?.status());
//!
//!     let bills = client.bills();
//!     let announced = bills.trade_bill(&TradeBillRequest::new().with_bill_date("2026-08-07"))?;
//!     bills.download_to_path(&announced, "trade-2026-08-07.csv")?;
//!     for row in BillReader::trade(BufReader::new(File::open("trade-2026-08-07.csv")?))? {
//!         println!("{:?} fen", row?.trade()?.total()?);
//!     }
//!     // Settle here, not in the loop: its end is an error when the totals are missing or do not fit.
//!     Ok(())
//! }
//! ```
//!
//! # Endpoints that are not typed
//!
//! Everything in the table can be called by its name with plain JSON, whichever features are on; what is newer than this crate by its path.
//! Both are signed and verified like any other.
//!
//! ```
//! use serde_json::json;
//! use wechatpay::http::Method;
//!
//! # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/sandbox.rs"));
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let (_sandbox, client, ..) = sandbox()?;
//! let echo = client.call("security.echo", json!({ "echo_message": "tea", "encrypted_echo_message": "张三" }))?;
//! assert_eq!(echo["encrypted_echo_message"], "张三"); // it was encrypted on both ways
//!
//! let answer = client.request(Method::Get, "/v3/certificates", None)?;
//! assert_eq!(answer.status, 200);
//! # Ok(()) }
//! ```
//!
//! [`Kernel`] is everything without the network: [`Client::prepare`] gives a signed request for an HTTP client of your own, and
//! [`Kernel::finish`] verifies what it received.
//!
//! # Service providers and several merchants
//!
//! One client for each merchant. A service provider's client makes one for each sub-merchant, which fills in `sub_mchid` where an operation has
//! it; [`CallOptions`] do the same for time-outs, retries and headers of some calls. They share keys, connections and certificates.
//!
//! ```
//! use std::time::Duration;
//! use wechatpay::CallOptions;
//!
//! # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/sandbox.rs"));
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let (_sandbox, client, ..) = sandbox()?;
//! let shop = client.for_sub_merchant("1900000109");
//! let patient = shop.with_options(&CallOptions::new().timeout(Duration::from_secs(60)).retries(0));
//! # Ok(()) }
//! ```
//!
//! # A key in a KMS or an HSM
//!
//! [`Config::new`] takes any [`MerchantKey`](crypto::MerchantKey), a trait of two methods. With the certificate given
//! ([`Config::merchant_certificate`]), a signature of another key is found at the first call, before anything is sent. The repository's
//! `tests/examples/pkcs11.rs` does it with a PKCS #11 token.
//!
//! # Tests without a merchant account
//!
//! WeChat Pay v3 has no sandbox. `wechatpay-sandbox` is a local one, for any SDK in any language: it checks what you send as the platform does, signs
//! what it answers, plays the payer, sends notifications, and fails in every way that you ask for. Point [`Config::base_url`] at it: the examples
//! above do.
//!
//! # Cargo features
//!
//! | feature | default | |
//! |---|---|---|
//! | `payments`, `refunds`, `bills` | yes | Typed calls of these product families. |
//! | any other family: `transfers`, `partner_payments`, `profit_sharing`, … | | A family costs a second of compile time and nothing at run time. `all` turns on all. |
//! | `aws-lc` | yes | Cryptography by AWS-LC. |
//! | `rustcrypto` | | Cryptography in Rust, with no C compiler. Slower at signing. |
//! | `transport` | yes | The client over `ureq` and `rustls`. Without it no socket is opened: [`Kernel`] remains. |
//! | `pkcs12` | yes | Private keys from `apiclient_cert.p12`. |
//!
//! Rust 1.90 or newer.
//!
//! # Security
//!
//! - There is no way to switch verification off. What cannot be verified is an error, and no part of it is handed on.
//! - Nothing is signed for a host that is not WeChat Pay's, not even a download's address in an answer.
//! - Keys are overwritten when they are dropped, and shown by no `Debug`.
//! - Sizes that come from the wire are limited. Everything that parses bytes has a fuzz target.
//! - No `unsafe` code in this crate and in `wechatpay-core`.
//!
//! What is promised, and the test that shows each promise: `docs/security.md` in the repository. To report something: `SECURITY.md`.
#![forbid(unsafe_code)]
// A build with few products, or without the client, does not use everything.
#![cfg_attr(
    not(all(feature = "all", feature = "transport")),
    allow(dead_code, unused_imports, unused_macros)
)]

#[path = "generated/api/mod.rs"]
pub mod api;
#[cfg(all(feature = "bills", feature = "transport"))]
mod bills;
#[cfg(feature = "transport")]
mod call;
mod fit;
mod model;
mod notification;
mod open_enum;
mod reply;
mod sensitive;
mod timestamp;

#[cfg(feature = "transport")]
pub use api::Api;
pub use api::NotificationResource;
pub use model::Model;
pub use reply::Reply;
pub use sensitive::Sensitive;
pub use timestamp::Timestamp;
pub use wechatpay_core::*;

#[cfg(test)]
mod growth;
// Generated from a spec full of reserved and clashing names: whether it compiles is the test.
#[cfg(test)]
mod obstacle_course;
