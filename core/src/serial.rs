//! The serial number of the merchant's certificate, in the forms in which tools print it.

use data_encoding::HEXUPPER;

use crate::error::{Error, Result};
use crate::public_key_id::is_public_key_id;

/// X.509 allows 20 bytes.
const MOST_DIGITS: usize = 40;

/// The serial number in upper-case hexadecimal, without the separators and the `serial=` that openssl prints.
/// `certificate` is the serial number of the merchant's certificate, when that is at hand.
///
/// # Errors
/// It is not one; the message says what it is instead.
pub(crate) fn merchant_serial(given: &str, certificate: Option<&str>) -> Result<String> {
    let needed = "the merchant's certificate serial number must be hexadecimal digits, 40 as a rule";
    let trimmed = given.trim();
    if is_public_key_id(trimmed) {
        return Err(Error::config(format!(
            "{trimmed} is the id of a WeChat Pay public key; the serial number of the merchant's own API certificate is \
             needed here (40 hexadecimal digits)."
        )));
    }
    let digits: String = without_prefix(trimmed)
        .chars()
        .filter(|c| !matches!(c, ':' | ' ' | '-' | '\u{a0}' | '\u{200b}' | '\u{feff}'))
        .map(|c| c.to_ascii_uppercase())
        .collect();
    // Not quoted as a whole: it may be a key that was put into the wrong place.
    if let Some(other) = digits.chars().find(|c| !c.is_ascii_hexdigit()) {
        return Err(Error::config(format!("{needed}, but what was given holds {other:?}.")));
    }
    if digits.is_empty() {
        return Err(Error::config(format!("{needed}, but what was given is empty.")));
    }
    // The encoding of a number whose first bit is set starts with a zero byte, and some tools show it.
    let digits = match digits.strip_prefix("00") {
        Some(rest) if digits.len() > MOST_DIGITS => rest.to_owned(),
        _ => digits,
    };
    let hexadecimal = hexadecimal_of(&digits);
    let is_decimal = match (&hexadecimal, certificate) {
        (Some(_), _) if digits.len() > MOST_DIGITS => true,
        // Few digits may be either: the certificate tells.
        (Some(hexadecimal), Some(serial)) => digits != serial && hexadecimal == serial,
        _ => false,
    };
    match hexadecimal {
        Some(hexadecimal) if is_decimal => Err(Error::config(format!(
            "{needed}, but {digits} is the number in decimal, as some programs show it. In hexadecimal it is {hexadecimal}: \
             give that."
        ))),
        _ if digits.len() > MOST_DIGITS => Err(Error::config(format!(
            "{needed}, and never more, but {} were given.{} `openssl x509 -in apiclient_cert.pem -noout -serial` shows it.",
            digits.len(),
            if digits.len() == 64 { " So many are a SHA-256 fingerprint." } else { "" }
        ))),
        _ => Ok(digits),
    }
}

/// What comes before the number in the output of openssl, or in source code.
fn without_prefix(text: &str) -> &str {
    ["serial=", "serial number:", "0x"]
        .iter()
        .find_map(|prefix| {
            let head = text.get(..prefix.len())?;
            head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
        })
        .unwrap_or(text)
}

/// A decimal number in hexadecimal, in whole bytes; none when it is not decimal, or longer than a serial number.
fn hexadecimal_of(decimal: &str) -> Option<String> {
    let mut bytes = [0_u8; MOST_DIGITS / 2];
    for digit in decimal.bytes() {
        let mut carry = u32::from(digit.is_ascii_digit().then(|| digit - b'0')?);
        for byte in bytes.iter_mut().rev() {
            carry += u32::from(*byte) * 10;
            *byte = carry.to_le_bytes()[0];
            carry >>= 8;
        }
        if carry > 0 {
            return None;
        }
    }
    let first = bytes.iter().position(|byte| *byte != 0)?;
    Some(HEXUPPER.encode(&bytes[first..]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SERIAL: &str = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1";
    const DECIMAL: &str = "464389378319535425530970086054627680253797054689";

    fn refused(given: &str, certificate: Option<&str>) -> String {
        merchant_serial(given, certificate).unwrap_err().message().to_owned()
    }

    #[test]
    fn forms_in_which_tools_print_it_are_read() {
        for given in [
            SERIAL.to_owned(),
            SERIAL.to_lowercase(),
            format!(" {SERIAL}\r\n"),
            format!("serial={SERIAL}"),
            format!("0x{SERIAL}"),
            format!("00{SERIAL}"),
            "51:57:f0:9e:fd:c0:96:de:15:eb:e8:1a:47:05:7a:72:32:f1:b8:e1".to_owned(),
            "Serial Number: 51:57:F0:9E:FD:C0:96:DE:15:EB:E8:1A:47:05:7A:72:32:F1:B8:E1".to_owned(),
            "5157 F09E FDC0 96DE 15EB E81A 4705 7A72 32F1 B8E1".to_owned(),
            format!("\u{feff}{SERIAL}\u{a0}"),
        ] {
            assert_eq!(merchant_serial(&given, None).unwrap(), SERIAL, "{given:?}");
        }
        // Certificates of tests often have short serial numbers; digits alone may well be hexadecimal.
        assert_eq!(merchant_serial("1234567890", None).unwrap(), "1234567890");
        assert_eq!(merchant_serial("1234567890", Some("1234567890")).unwrap(), "1234567890");
    }

    #[test]
    fn a_decimal_number_is_recognised_and_converted() {
        let said = refused(DECIMAL, None);
        assert!(said.contains("decimal") && said.contains(SERIAL), "{said}");
        // 4660 is 0x1234; only the certificate can tell.
        let said = refused("4660", Some("1234"));
        assert!(said.contains("decimal") && said.contains("it is 1234"), "{said}");
        assert_eq!(merchant_serial("4660", None).unwrap(), "4660");
    }

    #[test]
    fn what_is_no_serial_number_is_refused() {
        assert!(refused("PUB_KEY_ID_0119", None).contains("id of a WeChat Pay public key"));
        for given in ["", " ", "not hex", "5157F09G", "-", "0x"] {
            assert!(refused(given, None).contains("hexadecimal"), "{given:?}");
        }
        let said = refused(&format!("{SERIAL}A"), None);
        assert!(said.contains("never more, but 41"), "{said}");
        let said = refused(&"ab".repeat(32), None);
        assert!(said.contains("SHA-256 fingerprint"), "{said}");
        let said = refused(&"9".repeat(60), None);
        assert!(said.contains("60 were given"), "a number of 200 bits: {said}");
    }

    proptest! {
        #[test]
        fn decimal_and_hexadecimal_are_the_same_number(number in 1_u128..) {
            let hexadecimal = format!("{number:X}");
            let padded = if hexadecimal.len() % 2 == 0 { hexadecimal } else { format!("0{hexadecimal}") };
            prop_assert_eq!(hexadecimal_of(&number.to_string()), Some(padded));
        }

        #[test]
        fn no_text_panics(given in ".{0,80}") {
            let _ = merchant_serial(&given, Some(SERIAL));
        }
    }
}
