//! Finds out what a piece of key material is: so that every usual format loads, and a wrong one is called by its name.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use x509_parser::asn1_rs::{Any, FromDer as _, Tag};
use zeroize::Zeroizing;

/// What the bytes are, by their structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Pkcs8,
    Pkcs1Private,
    EncryptedPkcs8,
    Spki,
    Pkcs1Public,
    Certificate,
    CertificateRequest,
    Pkcs12,
    EcPrivate,
    ApiV3Key,
    Path,
    Empty,
    Unknown,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pkcs8 => "a private key (PKCS#8)",
            Self::Pkcs1Private => "an RSA private key (PKCS#1)",
            Self::EncryptedPkcs8 => "a private key encrypted with a password",
            Self::Spki => "a public key",
            Self::Pkcs1Public => "an RSA public key (PKCS#1)",
            Self::Certificate => "a certificate",
            Self::CertificateRequest => "a certificate signing request",
            Self::Pkcs12 => "a PKCS#12 file (.p12)",
            Self::EcPrivate => "an elliptic-curve private key",
            Self::ApiV3Key => "32 characters long, like an APIv3 key",
            Self::Path => "what looks like a file name",
            Self::Empty => "empty",
            Self::Unknown => "not in any key format known here",
        })
    }
}

/// DER bytes and what they are.
pub(crate) struct Material {
    pub(crate) format: Format,
    pub(crate) der: Zeroizing<Vec<u8>>,
}

impl Material {
    fn bare(format: Format) -> Self {
        Self { format, der: Zeroizing::default() }
    }

    /// Reads PEM text, base64 without its PEM lines, or DER.
    pub(crate) fn read(input: &[u8]) -> Self {
        if input.trim_ascii().is_empty() {
            return Self::bare(Format::Empty);
        }
        // DER of every kind of key starts with a SEQUENCE, whose tag is the digit zero in ASCII: tell DER from text by
        // whether it is text at all.
        match std::str::from_utf8(input) {
            Ok(text)
                if text.chars().all(|c| !c.is_control() || c.is_ascii_whitespace() || c == '\u{feff}') =>
            {
                Self::read_text(text)
            }
            _ => Self::read_der(Zeroizing::new(input.to_vec())),
        }
    }

    fn read_text(text: &str) -> Self {
        // Environment variables and JSON settings often carry line breaks as the two characters `\n`.
        let text =
            Zeroizing::new(text.trim_start_matches('\u{feff}').replace("\\r", "").replace("\\n", "\n"));
        if let Some((label, base64)) = first_pem_block(&text) {
            return match decode_base64(base64) {
                Some(der) if label == "ENCRYPTED PRIVATE KEY" || base64.contains("ENCRYPTED") => {
                    Self { format: Format::EncryptedPkcs8, der }
                }
                Some(der) => Self::read_der(der),
                None if base64.contains("ENCRYPTED") => Self::bare(Format::EncryptedPkcs8),
                None => Self::bare(Format::Unknown),
            };
        }
        let text = text.trim();
        if text.len() == 32 && text.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Self::bare(Format::ApiV3Key);
        }
        if let Some(material) =
            decode_base64(text).map(Self::read_der).filter(|m| m.format != Format::Unknown)
        {
            return material;
        }
        let looks_like_path = text.len() < 512
            && !text.contains('\n')
            && [".pem", ".p12", ".pfx", ".key", ".crt", ".cer", ".der", ".txt"]
                .iter()
                .any(|ext| text.to_ascii_lowercase().ends_with(ext));
        Self::bare(if looks_like_path { Format::Path } else { Format::Unknown })
    }

    fn read_der(der: Zeroizing<Vec<u8>>) -> Self {
        let format = classify(&der).unwrap_or(Format::Unknown);
        Self { format, der }
    }
}

/// Label and base64 text of the first PEM block that is a key or certificate.
fn first_pem_block(text: &str) -> Option<(&str, &str)> {
    let mut rest = text;
    loop {
        let after = &rest[rest.find("-----BEGIN ")? + 11..];
        let (label, body) = after.split_once("-----")?;
        let end = body.find("-----END ")?;
        if label != "EC PARAMETERS" {
            return Some((label, &body[..end]));
        }
        rest = &body[end..];
    }
}

fn decode_base64(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let compact: Zeroizing<String> =
        Zeroizing::new(text.chars().filter(|c| !c.is_ascii_whitespace()).collect());
    STANDARD.decode(compact.as_bytes()).ok().map(Zeroizing::new)
}

/// Tells the formats apart by the types of their first elements; the key libraries do the real parsing.
fn classify(der: &[u8]) -> Option<Format> {
    let (_, outer) = Any::from_der(der).ok()?;
    if outer.tag() != Tag::Sequence {
        return None;
    }
    let (rest, first) = Any::from_der(outer.data).ok()?;
    let second = Any::from_der(rest).ok().map(|(_, second)| second);
    let second_tag = second.as_ref().map(Any::tag);
    Some(match (first.tag(), second_tag) {
        (Tag::Integer, Some(Tag::Sequence)) if first.data == [3] => Format::Pkcs12,
        (Tag::Integer, Some(Tag::Sequence)) => Format::Pkcs8,
        (Tag::Integer, Some(Tag::OctetString)) => Format::EcPrivate,
        (Tag::Integer, Some(Tag::Integer)) if first.data.len() <= 1 => Format::Pkcs1Private,
        (Tag::Integer, Some(Tag::Integer)) => Format::Pkcs1Public,
        (Tag::Sequence, Some(Tag::BitString)) => Format::Spki,
        (Tag::Sequence, Some(Tag::OctetString)) => Format::EncryptedPkcs8,
        (Tag::Sequence, Some(Tag::Sequence)) => {
            // A certificate's first element starts with its version ([0]) or serial number and is long; a request's
            // starts with a small version number followed directly by the subject.
            let (after, inner) = Any::from_der(first.data).ok()?;
            let next = Any::from_der(after).ok().map(|(_, next)| next.tag());
            match (inner.tag(), next) {
                (Tag::Integer, Some(Tag::Sequence)) if inner.data == [0] => Format::CertificateRequest,
                _ => Format::Certificate,
            }
        }
        _ => return None,
    })
}

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
