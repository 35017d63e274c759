//! Sensitive fields: RSA-OAEP encrypted on the wire, plain text for the caller. Which fields they are says the table.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::crypto::{MerchantKey, PublicKey};
use crate::error::{Error, ErrorKind, Result, codes};
use crate::operation::{Field, Fields, Kind, Model, Operation};

const MAX_DEPTH: usize = 64;

/// Whether the parameters hold a field to encrypt.
pub(crate) fn any(operation: Operation, params: &Map<String, Value>) -> bool {
    fn holds(field: Field, kind: Kind, value: &Value, depth: usize) -> bool {
        let inside = |kind, value| depth < MAX_DEPTH && holds(field, kind, value, depth + 1);
        match (kind, value) {
            (Kind::String, Value::String(text)) => field.is_encrypted() && !text.is_empty(),
            (Kind::Object(model), Value::Object(object)) => {
                depth < MAX_DEPTH && within(model.fields(), object, depth + 1)
            }
            (Kind::List(item), Value::Array(values)) => values.iter().any(|value| inside(item.kind(), value)),
            (Kind::Map(item), Value::Object(object)) => {
                object.values().any(|value| inside(item.kind(), value))
            }
            _ => false,
        }
    }
    fn within(mut fields: Fields, object: &Map<String, Value>, depth: usize) -> bool {
        fields.any(|field| {
            object.get(field.name()).is_some_and(|value| holds(field, field.kind(), value, depth))
        })
    }
    sent_fields(operation).any(|fields| within(fields, params, 0))
}

/// The fields of a request that may be encrypted: in the body, and in the query.
fn sent_fields(operation: Operation) -> impl Iterator<Item = Fields> {
    [operation.query(), operation.body_fields()].into_iter()
}

/// Whether a request of this operation may have sensitive fields.
pub(crate) fn encrypts(operation: Operation) -> bool {
    sent_fields(operation).any(Fields::has_encrypted)
}

/// Encrypts every sensitive field of a request in place.
pub(crate) fn encrypt(operation: Operation, params: &mut Map<String, Value>, key: &PublicKey) -> Result<()> {
    for fields in sent_fields(operation) {
        walk(fields, params, 0, &mut |text, field| {
            let ciphertext = key
                .encrypt_oaep(text.as_bytes())
                .map_err(|error| error.with_hint(format!("Field: {field}.")))?;
            Ok(STANDARD.encode(ciphertext))
        })?;
    }
    Ok(())
}

/// Decrypts every sensitive field of a verified answer in place.
pub(crate) fn decrypt(model: Model, value: &mut Value, key: &dyn MerchantKey) -> Result<()> {
    let Value::Object(object) = value else { return Ok(()) };
    if !model.fields().has_encrypted() {
        return Ok(());
    }
    walk(model.fields(), object, 0, &mut |text, field| {
        decrypt_text(key, text).map_err(|error| error.with_hint(format!("Field: {field}.")))
    })
}

pub(crate) fn decrypt_text(key: &dyn MerchantKey, ciphertext: &str) -> Result<String> {
    let failed = |why: &str| {
        Error::new(
            ErrorKind::Decryption,
            codes::SENSITIVE_FIELD,
            format!("a sensitive field could not be decrypted with the merchant's private key: {why}."),
        )
    };
    let bytes = STANDARD.decode(ciphertext).map_err(|_| failed("it is not base64"))?;
    let plaintext = key.decrypt_oaep(&bytes).map_err(|error| {
        failed("it was encrypted to another merchant certificate (compare the serial), or the signer cannot decrypt")
            .with_source(error)
    })?;
    String::from_utf8(plaintext.to_vec()).map_err(|_| failed("its content is not UTF-8"))
}

type Change<'f> = dyn FnMut(&str, &str) -> Result<String> + 'f;

fn walk(
    fields: Fields,
    object: &mut Map<String, Value>,
    depth: usize,
    change: &mut Change<'_>,
) -> Result<()> {
    for field in fields {
        if let Some(value) = object.get_mut(field.name()) {
            walk_value(field, field.kind(), value, depth, change)?;
        }
    }
    Ok(())
}

fn walk_value(
    field: Field,
    kind: Kind,
    value: &mut Value,
    depth: usize,
    change: &mut Change<'_>,
) -> Result<()> {
    if depth > MAX_DEPTH {
        return Ok(());
    }
    match (kind, value) {
        // An empty text is sent and received as it is: there is nothing to hide.
        (Kind::String, Value::String(text)) if field.is_encrypted() && !text.is_empty() => {
            *text = change(text, field.name())?
        }
        (Kind::Object(model), Value::Object(object)) => walk(model.fields(), object, depth + 1, change)?,
        (Kind::List(item), Value::Array(values)) => {
            for value in values {
                walk_value(field, item.kind(), value, depth + 1, change)?;
            }
        }
        (Kind::Map(item), Value::Object(object)) => {
            for value in object.values_mut() {
                walk_value(field, item.kind(), value, depth + 1, change)?;
            }
        }
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::crypto::PrivateKey;
    use crate::http::Method;
    use crate::table::draft::Draft;
    use crate::table::{Place, Type};
    use crate::{Config, Kernel};

    fn query() -> Operation {
        let mut draft = Draft::default();
        let fields = [draft.required("name", Type::String).encrypted(), draft.optional("limit", Type::Int)];
        let fields = draft.fields(&fields);
        draft.operation("test.find_by_name", Method::Get, "/v3/test/users", |operation| {
            operation.query(fields)
        });
        Operation(Place::new(draft.table(), 0))
    }

    fn key() -> PrivateKey {
        let pair =
            rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048).unwrap();
        PrivateKey::from_pem(&pair.serialize_pem()).unwrap()
    }

    #[test]
    fn a_sensitive_field_in_the_query_leaves_encrypted() {
        let wechatpay = key();
        let config = Config::new("1900000001", key())
            .merchant_serial("5157F09EFDC096DE15EBE81A47057A7232F1B8E1")
            .wechatpay_public_key("PUB_KEY_ID_0119000000012026010100000000000000", wechatpay.public_key());
        let request =
            Kernel::new(config).unwrap().prepare(query(), json!({ "name": "张三", "limit": 5 })).unwrap();
        let (sent, rest) = request.url.split_once("?name=").unwrap().1.split_once('&').unwrap();
        assert_eq!(rest, "limit=5");
        // Percent-encoded base64, and nothing of the name.
        let base64 = sent.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=");
        let opened = wechatpay.decrypt_oaep(&STANDARD.decode(base64).unwrap()).unwrap();
        assert_eq!(opened.as_slice(), "张三".as_bytes());
        assert!(
            request.headers.get("Wechatpay-Serial").is_some_and(|serial| serial.starts_with("PUB_KEY_ID_"))
        );
    }
}
