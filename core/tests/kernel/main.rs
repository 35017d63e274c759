//! The kernel through its public face: every rule that guards the money, without a socket.

mod answers;
mod certificates;
mod configuration;
mod notifications;
#[cfg(feature = "pkcs12")]
mod pkcs12;
mod platform;
mod requests;
mod secrets;
mod vectors;
