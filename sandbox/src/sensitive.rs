//! Sensitive fields: opened in requests, sealed in answers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use wechatpay_core::crypto::{PrivateKey, PublicKey};
use wechatpay_core::operation::{Fields, Kind};

use crate::faults::Fault;
use crate::refusal::{Refusal, Result};
use crate::signing;
use crate::store::State;

/// Whether any value of the object is in a field that is encrypted on the wire.
pub(crate) fn present(fields: Fields, values: &Map<String, Value>) -> bool {
    let mut found = false;
    // Nothing is changed and nothing fails: only whether the walk comes by.
    let mut values = values.clone();
    let _ = walk(fields, &mut values, "", &mut |_, _| {
        found = true;
        Ok(())
    });
    found
}

/// Decrypts the sensitive fields of a request in place.
pub(crate) fn open(fields: Fields, values: &mut Map<String, Value>, key: &PrivateKey) -> Result<()> {
    walk(fields, values, "", &mut |text, pointer| {
        let refuse = || {
            Refusal::param(
                "body",
                pointer,
                &Value::from(text.as_str()),
                "敏感字段解密失败，请确认使用了 Wechatpay-Serial 所指的公钥加密（RSAES-OAEP，SHA-1）",
            )
        };
        let sealed = STANDARD.decode(text.as_str()).map_err(|_| refuse())?;
        let plain = key.decrypt_oaep(&sealed).map_err(|_| refuse())?;
        *text = std::str::from_utf8(&plain).map_err(|_| refuse())?.to_owned();
        Ok(())
    })
}

/// The key to which sensitive fields are encrypted: that of the merchant's certificate, unless a fault wants another.
pub(crate) fn sealing_key(state: &State, fault: &Fault) -> Result<PublicKey> {
    if fault.wrong_field_key {
        return Ok(signing::stranger()?.key.private.public_key());
    }
    Ok(state.keys.merchant_public.clone())
}

/// Encrypts the sensitive fields of an answer in place.
pub(crate) fn seal(fields: Fields, values: &mut Map<String, Value>, key: &PublicKey) -> Result<()> {
    walk(fields, values, "", &mut |text, _| {
        let sealed = key.encrypt_oaep(text.as_bytes()).map_err(|_| {
            Refusal::new(500, "SYSTEM_ERROR", "沙箱无法加密应答中的敏感字段（超过214字节？）")
        })?;
        *text = STANDARD.encode(sealed);
        Ok(())
    })
}

type Change<'a> = dyn FnMut(&mut String, &str) -> Result<()> + 'a;

fn walk(
    fields: Fields,
    values: &mut Map<String, Value>,
    pointer: &str,
    change: &mut Change<'_>,
) -> Result<()> {
    for field in fields {
        let Some(value) = values.get_mut(field.name()) else { continue };
        walk_kind(field.kind(), field.is_encrypted(), value, &format!("{pointer}/{}", field.name()), change)?;
    }
    Ok(())
}

fn walk_kind(
    kind: Kind,
    encrypt: bool,
    value: &mut Value,
    pointer: &str,
    change: &mut Change<'_>,
) -> Result<()> {
    match (kind, value) {
        (Kind::Object(model), Value::Object(values)) => walk(model.fields(), values, pointer, change),
        (Kind::List(item), Value::Array(items)) => {
            for (index, value) in items.iter_mut().enumerate() {
                walk_kind(item.kind(), encrypt, value, &format!("{pointer}/{index}"), change)?;
            }
            Ok(())
        }
        (Kind::Map(item), Value::Object(values)) => {
            for (name, value) in values {
                walk_kind(item.kind(), encrypt, value, &format!("{pointer}/{name}"), change)?;
            }
            Ok(())
        }
        // An empty text is sent as it is.
        (_, Value::String(text)) if encrypt && !text.is_empty() => change(text, pointer),
        _ => Ok(()),
    }
}
