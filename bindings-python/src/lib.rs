//! The native half of the Python package `wechatpay_rs`: a [`HostClient`](wechatpay_core::host::HostClient) behind
//! four small classes. What users see is written in Python, in `python/wechatpay_rs`.
//!
//! Rules kept here: no thread holds the interpreter while it computes or waits; no panic crosses; no model is named.

mod bills;
mod client;
mod environment;
mod errors;
mod headers;
mod job;
mod notifications;
mod queue;
mod shutdown;
mod signer;
mod streams;
mod values;
mod watch;

use pyo3::prelude::*;

/// Rules for signing, sending and verifying, compiled.
#[pymodule(name = "_native", gil_used = false)]
mod native {
    #[pymodule_export]
    use crate::bills::{BillRows, fen};
    #[pymodule_export]
    use crate::client::NativeClient;
    #[pymodule_export]
    use crate::environment::options_from_env;
    #[pymodule_export]
    use crate::job::{Job, http_of};
    #[pymodule_export]
    use crate::notifications::{notification_rules, notification_too_large};
    #[pymodule_export]
    use crate::queue::{Queue, Ticket};
    #[pymodule_export]
    use crate::shutdown::{forked, shut_down};

    #[pymodule_export]
    const VERSION: &str = wechatpay_core::host::VERSION;
}
