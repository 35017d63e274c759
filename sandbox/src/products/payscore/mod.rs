//! WeChat Pay score in the acquiring-bank mode: service orders and permissions to charge.

pub(crate) mod orders;
pub(crate) mod permissions;
