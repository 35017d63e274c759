//! What the generated typed API is made of, and what its users see besides models.
//!
//! Requests are strict: the kernel checks them against the operation table before anything is sent. Replies are
//! tolerant: a field that is absent, `null` or of another type than documented is `None`, an unknown value of an enum
//! is kept as text, and [`Reply::json`] has everything as WeChat Pay sent it.

mod open_enum;
mod reply;
mod sensitive;
mod setters;
mod timestamp;
mod tolerant;

pub(crate) use open_enum::open_enum;
pub use reply::Reply;
pub use sensitive::Sensitive;
pub(crate) use setters::setters;
pub use timestamp::Timestamp;
pub(crate) use tolerant::{tolerant, tolerant_int, tolerant_text};

/// The request of an operation that takes nothing.
#[cfg(feature = "transport")]
#[derive(Debug, serde::Serialize)]
pub(crate) struct NoFields {}
