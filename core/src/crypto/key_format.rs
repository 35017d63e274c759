//! Finds out what a piece of key material is: so that every usual format loads, and a wrong one is called by its name.

use std::fmt;

use x509_parser::asn1_rs::{Any, FromDer as _, Tag};
use zeroize::Zeroizing;

use super::key_text::{self, Damage, Piece};
use super::wrap::pkcs1_to_pkcs8;

/// How often base64 may be wrapped in base64: tools and people do it once or twice.
const MOST_LAYERS: usize = 3;

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
    OpenSsh,
    ApiV3Key,
    Path,
    Empty,
    /// Two of what is wanted, which are not the same.
    Two,
    /// A text that was a key once.
    Damaged(Damage),
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
            Self::OpenSsh => "an OpenSSH key",
            Self::ApiV3Key => "32 characters long, like an APIv3 key",
            Self::Path => "what looks like a file name",
            Self::Empty => "empty",
            Self::Two => "two different ones in one text; leave one of them",
            Self::Damaged(damage) => return damage.fmt(f),
            Self::Unknown => "not in any key format known here",
        })
    }
}

/// What is looked for: one text may hold several things, such as a certificate and its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    PrivateKey,
    PublicKey,
    Certificate,
}

impl Wanted {
    fn fits(self, format: Format) -> bool {
        match self {
            Self::PrivateKey => matches!(format, Format::Pkcs8 | Format::Pkcs1Private),
            Self::PublicKey => matches!(format, Format::Spki | Format::Pkcs1Public),
            Self::Certificate => format == Format::Certificate,
        }
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

    /// Reads PEM text, base64 without its PEM lines, base64 of all that, or DER.
    pub(crate) fn read(input: &[u8], wanted: Wanted) -> Self {
        Self::read_layer(input, wanted, MOST_LAYERS)
    }

    fn read_layer(input: &[u8], wanted: Wanted, layers: usize) -> Self {
        match key_text::as_text(input) {
            Some(text) => Self::read_text(&text, wanted, layers),
            None => Self { format: classify(input), der: Zeroizing::new(input.to_vec()) },
        }
    }

    fn read_text(text: &str, wanted: Wanted, layers: usize) -> Self {
        let original = text.trim();
        let text = key_text::clean(text);
        if text.trim().is_empty() {
            return Self::bare(Format::Empty);
        }
        if original.len() == 32 && original.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Self::bare(Format::ApiV3Key);
        }
        let found =
            key_text::pieces(&text).iter().map(|piece| Self::of_piece(piece, wanted, layers)).collect();
        let material = choose(found, wanted);
        match material.format {
            Format::Unknown if looks_like_path(original) => Self::bare(Format::Path),
            _ => material,
        }
    }

    fn of_piece(piece: &Piece<'_>, wanted: Wanted, layers: usize) -> Self {
        if piece.is_encrypted() {
            return Self::bare(Format::EncryptedPkcs8);
        }
        if piece.is_openssh() {
            return Self::bare(Format::OpenSsh);
        }
        let der = match piece.decode() {
            Ok(der) => der,
            Err(damage) => return Self::bare(damage.map_or(Format::Unknown, Format::Damaged)),
        };
        let format = classify(&der);
        if format != Format::Unknown {
            return Self { format, der };
        }
        // Base64 of a whole PEM text, as it is put into environment variables and Kubernetes secrets.
        let inner = (layers > 0).then(|| Self::read_layer(&der, wanted, layers - 1));
        match inner {
            Some(inner) if !matches!(inner.format, Format::Unknown | Format::Empty) => inner,
            _ => Self::bare(piece.damage_of(&der).map_or(Format::Unknown, Format::Damaged)),
        }
    }
}

/// What is wanted, when it is there; otherwise what stands for the whole.
fn choose(mut found: Vec<Material>, wanted: Wanted) -> Material {
    let fitting: Vec<usize> = (0..found.len()).filter(|index| wanted.fits(found[*index].format)).collect();
    let Some(first) = fitting.first().copied() else {
        let whole = found.iter().position(|material| {
            !matches!(material.format, Format::Unknown | Format::Empty | Format::Damaged(_))
        });
        let damaged = || found.iter().position(|material| material.format != Format::Unknown);
        return match whole.or_else(damaged) {
            Some(index) => found.swap_remove(index),
            None => Material::bare(Format::Unknown),
        };
    };
    // A chain of certificates begins with the one that it is about.
    let same = |index: &usize| *pkcs8(&found[*index]) == *pkcs8(&found[first]);
    if wanted != Wanted::Certificate && !fitting.iter().all(same) {
        return Material::bare(Format::Two);
    }
    found.swap_remove(first)
}

fn pkcs8(material: &Material) -> Zeroizing<Vec<u8>> {
    match material.format {
        Format::Pkcs1Private => pkcs1_to_pkcs8(&material.der),
        _ => material.der.clone(),
    }
}

fn looks_like_path(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let drive =
        || lower.as_bytes().first().is_some_and(u8::is_ascii_alphabetic) && lower[1..].starts_with(":\\");
    text.len() < 512
        && !text.contains('\n')
        && ([".pem", ".p12", ".pfx", ".key", ".crt", ".cer", ".der", ".txt"]
            .iter()
            .any(|end| lower.ends_with(end))
            || ["/", "./", "../", "~/"].iter().any(|start| lower.starts_with(start))
            || drive())
}

/// Tells the formats apart by the types of their first elements; the key libraries do the real parsing.
fn classify(der: &[u8]) -> Format {
    structure(der).unwrap_or(Format::Unknown)
}

fn structure(der: &[u8]) -> Option<Format> {
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
