//! Numbers of an answer: the sandbox's own, and fresh ones in the shape of the example's.

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use wechatpay_core::crypto::PublicKey;

use crate::call::Call;
use crate::keys::Keys;

/// So many characters at the beginning of a number say what it is a number of: `4200…`, `wx20…`.
const KIND: usize = 4;
/// What is shorter names one of a few things, not one of many.
const SHORTEST: usize = 8;

/// Whether a field of this name holds a number that names one thing, wherever it stands.
pub(super) fn is_number(name: &str) -> bool {
    name.ends_with("_id") || name.ends_with("_no") || name.ends_with("mchid") || name.ends_with("appid")
}

/// The numbers of one answer.
pub(super) struct Numbers<'a> {
    keys: &'a Keys,
    /// What fresh numbers depend on.
    seed: Vec<u8>,
}

impl<'a> Numbers<'a> {
    pub(super) fn of(keys: &'a Keys, call: &Call) -> Self {
        Self { keys, seed: seed(call) }
    }

    /// The key to which the merchant has files encrypted.
    pub(super) fn merchant(&self) -> &PublicKey {
        &self.keys.merchant_public
    }

    /// The sandbox's own number of this name.
    pub(super) fn own(&self, name: &str) -> Option<String> {
        let own = match name {
            "mchid" | "sp_mchid" => &self.keys.mchid,
            "appid" | "sp_appid" => &self.keys.appid,
            "openid" | "sp_openid" => &self.keys.openid,
            _ => return None,
        };
        Some(own.clone())
    }

    /// A number that WeChat Pay gives out: another one for each request, in the shape of the example's. Other texts stay.
    pub(super) fn fresh(&self, name: &str, example: &str) -> String {
        let given_out = name == "id" || name.ends_with("_id");
        if !given_out || example.len() < SHORTEST || !example.is_ascii() {
            return example.to_owned();
        }
        let random: Vec<u8> = (0..=example.len() / 32)
            .flat_map(|block| {
                let block = block.to_be_bytes();
                Sha256::new().chain_update(&self.seed).chain_update(example).chain_update(block).finalize()
            })
            .collect();
        let characters = example.chars().zip(random).enumerate();
        characters.map(|(index, (c, random))| if index < KIND { c } else { like(c, random) }).collect()
    }
}

/// Another character of the same kind.
fn like(c: char, random: u8) -> char {
    let among = |first: u8, count: u8| char::from(first + random % count);
    match c {
        '0'..='9' => among(b'0', 10),
        // Numbers in hexadecimal stay what they are.
        'a'..='f' => among(b'a', 6),
        'A'..='F' => among(b'A', 6),
        'a'..='z' => among(b'a', 26),
        'A'..='Z' => among(b'A', 26),
        other => other,
    }
}

/// The merchant's first number of his own, so that whatever is asked about one thing has the same numbers in its answer
/// where the examples agree; otherwise everything that was asked.
fn seed(call: &Call) -> Vec<u8> {
    let mut parameters: Map<String, Value> = call.query.clone();
    parameters.extend(call.content());
    let first = parameters.iter().find(|(name, value)| name.starts_with("out_") && value.is_string());
    let uploaded = call.upload.as_ref().map(|upload| upload.sha256.as_bytes());
    match (first, uploaded) {
        (_, Some(sha256)) => sha256.to_vec(),
        (Some((_, number)), None) => number.as_str().unwrap_or_default().as_bytes().to_vec(),
        (None, None) => Value::Object(parameters).to_string().into_bytes(),
    }
}
