//! WeChat Pay APIv3 for merchants: every endpoint as a typed call.
//!
//! This crate is [`wechatpay_core`], which signs, sends and verifies, with types on top: everything of it is here under the
//! same name, and [`Api`] gives its [`Client`] the typed calls.
//!
//! ```no_run
//! use wechatpay::api::payments::{Amount, jsapi::{JsapiPayer, PrepayRequest}};
//! use wechatpay::{Api, Client, Result};
//!
//! fn order(client: &Client) -> Result<Option<String>> {
//!     let request = PrepayRequest::new()
//!         .with_appid("wxd678efh567hg6787")
//!         .with_description("Two cups of tea")
//!         .with_out_trade_no("20260808-0001")
//!         .with_notify_url("https://shop.example.com/wechatpay/notify")
//!         .with_amount(Amount::new().with_total(1234)) // fen: 12.34 yuan
//!         .with_payer(JsapiPayer::new().with_openid("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"));
//!     let order = client.payments().jsapi().prepay(&request)?;
//!     Ok(order.prepay_id().map(str::to_owned))
//! }
//! ```
//!
//! Requests are strict: what is missing or wrong is refused before anything is sent. Replies are tolerant: a field that is
//! absent, `null` or of another type than documented is `None`, an unknown value of an enum is kept as text, and
//! [`Reply::json`] has everything.
//!
//! Each product family stands behind the Cargo feature of its name; `payments`, `refunds` and `bills` are on by default, `all`
//! turns on everything. What is off can still be called by its name: [`Client::call`].
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
