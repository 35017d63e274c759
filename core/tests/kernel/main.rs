//! The kernel through its public face: every rule that guards the money, without a socket.
#![allow(unreachable_pub, clippy::panic, clippy::unwrap_used, reason = "a test is a crate of its own")]

mod answers;
mod certificates;
mod configuration;
mod explanations;
mod front_end;
mod notifications;
#[cfg(feature = "pkcs12")]
mod pkcs12;
mod platform;
mod requests;
mod secrets;
mod vectors;
