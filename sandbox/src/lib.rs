//! A local WeChat Pay to develop and test against.
//!
//! It does what the platform does at the other end of the line: checks the signature of every request, checks the
//! parameters against the same description of the API that the client is generated from, keeps orders, refunds, coupons
//! and pay-score orders with their states, signs its answers, and sends encrypted notifications. A control plane under
//! `/sandbox/` plays the payer and makes things go wrong on purpose. See README.md for the reference.
//!
//! ```
//! use wechatpay_sandbox::{Options, Sandbox};
//!
//! let sandbox = Sandbox::start(Options::default())?;
//! assert!(sandbox.base_url().starts_with("http://127.0.0.1:"));
//! assert_eq!(sandbox.credentials().api_v3_key.len(), 32);
//! # Ok::<(), wechatpay_sandbox::Error>(())
//! ```

#[macro_use]
mod log;

mod answer;
mod api;
mod arrival;
mod authorization;
mod by_example;
mod call;
mod check;
mod clock;
mod connection;
mod control;
mod credentials;
mod door;
pub mod environment;
mod error;
mod examples;
mod faults;
mod file;
mod guard;
mod handlers;
mod ids;
mod json;
mod keys;
mod listening;
mod notification_answer;
mod notify;
mod page;
mod pkcs12;
mod private_file;
mod products;
mod refusal;
mod route;
mod sealed;
mod sensitive;
mod server;
mod shared;
mod signing;
mod spelling;
mod store;
mod tap;
mod transparent;
mod upload;
pub mod usage;
mod wire;

pub use credentials::Credentials;
pub use error::{Error, Result};
pub use server::{Options, Running, Sandbox};
pub use transparent::{TransparentOptions, access::TransparentAccess};

/// Whether the value of an `Authorization` header can be read. For the fuzzer.
#[doc(hidden)]
pub fn reads_authorization(header: &str) -> bool {
    authorization::Authorization::parse(Some(header)).is_ok()
}
