//! The id of a WeChat Pay public key: `PUB_KEY_ID_` and digits.
//!
//! It is checked when the client is made. With a wrong one the first refund would be carried out, and only then would its
//! answer fail to verify.

use crate::error::{Error, Result};

pub(crate) const PREFIX: &str = "PUB_KEY_ID_";

/// Whether the serial of a message is that of a public key, as opposed to a certificate's.
pub(crate) fn is_public_key_id(serial: &str) -> bool {
    serial.starts_with(PREFIX)
}

/// The id without blanks around it.
///
/// # Errors
/// [`ErrorKind::Config`](crate::ErrorKind::Config) when it is none; the message says what is wrong with it.
pub(crate) fn public_key_id(given: &str) -> Result<&str> {
    let id = given.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}'));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if id.strip_prefix(PREFIX).is_some_and(is_digits) {
        return Ok(id);
    }
    let head = id.get(..PREFIX.len()).filter(|head| head.eq_ignore_ascii_case(PREFIX));
    let tail = &id[head.map_or(0, str::len)..];
    // Only what is surely an id is quoted: it may be a key that was put into the wrong place.
    let problem = if id.is_empty() {
        "it is missing".to_owned()
    } else if head.is_some() && is_digits(tail) {
        format!("{id} must be in capitals: {PREFIX}{tail}")
    } else if is_digits(id) {
        format!("{id} has lost its beginning: {PREFIX}{id}, if that is the whole of the rest")
    } else if head.is_some() {
        match tail.chars().find(|c| !c.is_ascii_digit()) {
            None => format!("nothing follows {PREFIX}"),
            Some(other) => format!("{other:?} is no digit"),
        }
    } else if id.len() >= 16 && id.len() <= 40 && id.bytes().all(|b| b.is_ascii_hexdigit()) {
        format!(
            "{id} is the serial number of a certificate, which goes with a certificate and not with a public key"
        )
    } else {
        format!("what was given does not begin with {PREFIX}")
    };
    Err(Error::config(format!(
        "the WeChat Pay public key needs its id as the merchant platform shows it beside the key, {PREFIX} and digits: {problem}."
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "PUB_KEY_ID_0119000000012026010100000000000000";

    #[test]
    fn an_id_is_taken_with_blanks_around_it() {
        for given in [ID.to_owned(), format!(" {ID}\r\n"), format!("\u{feff}{ID}\u{200b}")] {
            assert_eq!(public_key_id(&given).unwrap(), ID);
        }
        assert_eq!(public_key_id("PUB_KEY_ID_1").unwrap(), "PUB_KEY_ID_1");
    }

    #[test]
    fn what_is_wrong_with_an_id_is_said() {
        for (given, said) in [
            (ID.to_lowercase(), "must be in capitals: PUB_KEY_ID_0119"),
            (ID.replace("PUB_KEY_ID_", "Pub_Key_Id_"), "must be in capitals"),
            (ID.replace("PUB_KEY_ID_", ""), "has lost its beginning: PUB_KEY_ID_0119"),
            (ID.replace("PUB_KEY_ID_", "KEY_ID_"), "does not begin with PUB_KEY_ID_"),
            (ID.replace("PUB_KEY_ID_", "PUB-KEY-ID-"), "does not begin with PUB_KEY_ID_"),
            (ID.replace("01", "O1"), "'O' is no digit"),
            (ID.replace("2026", "20\n26"), "'\\n' is no digit"),
            (format!("{ID}\0"), "'\\0' is no digit"),
            ("PUB_KEY_ID_".to_owned(), "nothing follows"),
            ("PUB_KEY_ID_…".to_owned(), "'…' is no digit"),
            (String::new(), "it is missing"),
            (" \n".to_owned(), "it is missing"),
            ("5157F09EFDC096DE15EBE81A47057A7232F1B8E1".to_owned(), "serial number of a certificate"),
        ] {
            let message = public_key_id(&given).unwrap_err().message().to_owned();
            assert!(message.contains(said), "{given:?}: {message}");
            assert!(!message.chars().any(char::is_control), "{message:?}");
        }
    }

    #[test]
    fn a_key_in_the_wrong_place_is_not_quoted() {
        for given in [
            "-----BEGIN PRIVATE KEY-----\nMIIEvQ",
            "0123456789abcdefghijklmnopqrstuv",
            "键".repeat(9).as_str(),
        ] {
            let message = public_key_id(given).unwrap_err().message().to_owned();
            assert!(!message.contains(given) && !message.contains("MIIEvQ"), "{message}");
        }
    }
}
