//! Puts a PKCS#1 key into the envelope that the cryptography libraries read.

use zeroize::Zeroizing;

/// DER of `rsaEncryption` with its NULL parameters.
const RSA_ALGORITHM: [u8; 15] =
    [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

/// Wraps a PKCS#1 private key into PKCS#8.
pub(crate) fn pkcs1_to_pkcs8(pkcs1: &[u8]) -> Zeroizing<Vec<u8>> {
    let key = Zeroizing::new(tagged(0x04, &[pkcs1]));
    Zeroizing::new(tagged(0x30, &[&[0x02, 0x01, 0x00], &RSA_ALGORITHM, &key]))
}

/// Wraps a PKCS#1 public key into an X.509 `SubjectPublicKeyInfo`.
pub(crate) fn pkcs1_to_spki(pkcs1: &[u8]) -> Vec<u8> {
    let key = tagged(0x03, &[&[0x00], pkcs1]);
    tagged(0x30, &[&RSA_ALGORITHM, &key])
}

fn tagged(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let bytes = length.to_be_bytes();
    let significant = &bytes[bytes.iter().position(|b| *b != 0).unwrap_or(bytes.len() - 1)..];
    let mut der = Vec::with_capacity(length + 10);
    der.push(tag);
    if length < 0x80 {
        der.extend_from_slice(&significant[significant.len() - 1..]);
    } else {
        der.push(0x80 | u8::try_from(significant.len()).unwrap_or(8));
        der.extend_from_slice(significant);
    }
    for part in parts {
        der.extend_from_slice(part);
    }
    der
}
