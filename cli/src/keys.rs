//! Keys and certificates of the options, each by itself.

use std::path::Path;

use crate::failure::{Failure, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use wechatpay_core::crypto::{Certificate, PrivateKey, PublicKey};
use zeroize::Zeroizing;

type Options = Map<String, Value>;

fn text<'a>(options: &'a Options, name: &str) -> Option<&'a str> {
    options.get(name).and_then(Value::as_str)
}

/// What is given as text, or what the file of that name holds.
fn content(options: &Options, name: &str) -> Option<Result<Zeroizing<Vec<u8>>>> {
    if let Some(given) = text(options, name) {
        return Some(Ok(Zeroizing::new(given.as_bytes().to_vec())));
    }
    let path = text(options, &format!("{name}_path"))?;
    Some(read(Path::new(path)))
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>> {
    std::fs::read(path).map(Zeroizing::new).map_err(|error| Failure::file(path, &error))
}

/// The merchant's private key; none when there is no such option.
pub(crate) fn private_key(options: &Options) -> Option<Result<PrivateKey>> {
    if let Some(found) = content(options, "private_key") {
        return Some(found.and_then(|bytes| Ok(PrivateKey::from_bytes(&bytes)?)));
    }
    let archive = match (text(options, "private_key_p12_base64"), text(options, "private_key_p12_path")) {
        (Some(base64), _) => STANDARD.decode(base64).map(Zeroizing::new).map_err(|error| {
            Failure::new(
                format!("private_key_p12_base64 is no base64: {error}"),
                format!("private_key_p12_base64 不是 base64：{error}"),
            )
        }),
        (None, Some(path)) => read(Path::new(path)),
        (None, None) => return None,
    };
    let password =
        text(options, "private_key_password").or_else(|| text(options, "mchid")).unwrap_or_default();
    Some(archive.and_then(|archive| Ok(PrivateKey::from_pkcs12(&archive, password)?)))
}

/// The merchant's certificate.
pub(crate) fn certificate(options: &Options) -> Option<Result<Certificate>> {
    content(options, "merchant_certificate")
        .map(|found| found.and_then(|bytes| Ok(Certificate::from_bytes(&bytes)?)))
}

/// The WeChat Pay public key.
pub(crate) fn public_key(options: &Options) -> Option<Result<PublicKey>> {
    content(options, "wechatpay_public_key")
        .map(|found| found.and_then(|bytes| Ok(PublicKey::from_bytes(&bytes)?)))
}
