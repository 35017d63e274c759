//! The texts that are signed. Every line ends with a line feed, the last one too.

use crate::http::Method;

/// Scheme of the `Authorization` header, and value of `Wechatpay-Signature-Type`.
pub const SIGNATURE_TYPE: &str = "WECHATPAY2-SHA256-RSA2048";

/// How a deliberately wrong signature of WeChat Pay begins: it wants to see whether signatures are checked.
pub const PROBE_PREFIX: &str = "WECHATPAY/SIGNTEST/";

/// How far a timestamp may lie from the local clock, in seconds, both ways.
pub const CLOCK_WINDOW_SECONDS: u64 = 300;

/// Header names.
pub mod header {
    /// Serial number of the platform certificate, or id of the WeChat Pay public key.
    pub const SERIAL: &str = "Wechatpay-Serial";
    /// Signature in base64.
    pub const SIGNATURE: &str = "Wechatpay-Signature";
    /// Unix seconds.
    pub const TIMESTAMP: &str = "Wechatpay-Timestamp";
    /// Random text.
    pub const NONCE: &str = "Wechatpay-Nonce";
    /// Algorithm of the signature.
    pub const SIGNATURE_TYPE: &str = "Wechatpay-Signature-Type";
    /// SHA-1 of the file that is answered, where its digest is signed.
    pub const STATEMENT_SHA1: &str = "Wechatpay-Statement-Sha1";
    /// What WeChat Pay's support asks for.
    pub const REQUEST_ID: &str = "Request-ID";
}

/// What a merchant signs: method, path with query exactly as sent, timestamp, nonce, body (or the `meta` of an upload).
pub fn request_message(
    method: Method,
    path_and_query: &str,
    timestamp: u64,
    nonce: &str,
    body: &[u8],
) -> Vec<u8> {
    let mut message = format!("{method}\n{path_and_query}\n{timestamp}\n{nonce}\n").into_bytes();
    message.extend_from_slice(body);
    message.push(b'\n');
    message
}

/// What WeChat Pay signs, in answers and notifications: timestamp, nonce, body, all as received.
pub fn answer_message(timestamp: &str, nonce: &str, body: &[u8]) -> Vec<u8> {
    let mut message = format!("{timestamp}\n{nonce}\n").into_bytes();
    message.extend_from_slice(body);
    message.push(b'\n');
    message
}
