//! Numbers and texts that the platform hands out, in the shapes that WeChat Pay gives them.

use time::OffsetDateTime;

const ALPHANUMERIC: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const DIGITS: &[u8] = b"0123456789";
const HEX: &[u8] = b"0123456789abcdef";

/// Random bytes of the operating system. Without them the sandbox has no keys and no nonces, so a failure here ends
/// the process instead of going on with something predictable.
pub(crate) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if getrandom::fill(&mut bytes).is_err() {
        eprintln!("wechatpay-sandbox: the operating system gives no random numbers; cannot go on");
        std::process::abort();
    }
    bytes
}

fn random_text(alphabet: &[u8], length: usize) -> String {
    // A byte modulo the alphabet is slightly uneven, which does no harm to identifiers of a test system.
    let mut text = String::with_capacity(length);
    while text.len() < length {
        for byte in random_bytes::<64>() {
            if text.len() == length {
                break;
            }
            text.push(char::from(alphabet[usize::from(byte) % alphabet.len()]));
        }
    }
    text
}

/// Letters and digits.
pub(crate) fn alphanumeric(length: usize) -> String {
    random_text(ALPHANUMERIC, length)
}

/// Decimal digits.
pub(crate) fn digits(length: usize) -> String {
    random_text(DIGITS, length)
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(length: usize) -> String {
    random_text(HEX, length)
}

/// `4200…`, 28 digits, with the day in it.
pub(crate) fn transaction_id(now: OffsetDateTime) -> String {
    format!("4200{}{}{}", digits(6), compact_date(now), digits(10))
}

/// `wx` and 34 more characters, with the moment in it.
pub(crate) fn prepay_id(now: OffsetDateTime) -> String {
    format!("wx{}{:02}{:02}{:02}{}0000", compact_date(now), now.hour(), now.minute(), now.second(), hex(16))
}

/// `5030…`, 29 digits.
pub(crate) fn refund_id(now: OffsetDateTime) -> String {
    format!("5030{}{}{}", digits(7), compact_date(now), digits(10))
}

/// As in answers of WeChat Pay: upper-case hexadecimal.
pub(crate) fn request_id() -> String {
    format!("08{}", hex(38).to_uppercase())
}

fn compact_date(now: OffsetDateTime) -> String {
    format!("{:04}{:02}{:02}", now.year(), u8::from(now.month()), now.day())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_documented_lengths() {
        let now = OffsetDateTime::UNIX_EPOCH;
        assert_eq!(transaction_id(now).len(), 28);
        assert_eq!(prepay_id(now).len(), 36);
        assert_eq!(refund_id(now).len(), 29);
        assert_ne!(alphanumeric(32), alphanumeric(32));
    }
}
