//! What docstrings say of an option of a client.

use crate::emit::text::sentence;
use crate::ir::{ClientOption, OptionKind};

/// What a client cannot be without.
pub const NEEDED: &str = "Needed: the merchant number, a private key, and the serial number of the merchant's API certificate or the certificate itself. To verify answers: a WeChat Pay public key with its id (new merchants have nothing else), or the APIv3 key with which platform certificates are downloaded; both may be given. For notifications: the APIv3 key.";

/// Meaning, and what a number counts. `seconds` is what a time is given in: `In milliseconds.`, or nothing where it is a type
/// of its own. `notes` say more of a kind of value.
pub fn option(option: &ClientOption, seconds: &str, note: &str) -> String {
    let unit = match option.kind {
        OptionKind::Seconds => seconds,
        OptionKind::Bytes => "In bytes.",
        _ => "",
    };
    let parts = [&sentence(&option.doc), unit, note];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}
