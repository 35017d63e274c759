//! Rust's own builder has the options of `spec/options.yaml` under their names. The other languages' declarations are
//! generated from it (`growth.rs`), and the core's reader is held to it in `core/src/host/environment/tests.rs`.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use support::root;
use wechatpay_codegen::ir::OptionKind;
use wechatpay_codegen::parse;

/// What Rust says in another way, and how.
const OTHERWISE: &[(&str, &str)] = &[
    ("mchid", "Config::new"),
    ("private_key", "Config::new"),
    ("private_key_p12_base64", "PrivateKey::read_pkcs12"),
    ("private_key_password", "PrivateKey::read_pkcs12"),
    ("wechatpay_public_key_id", "Config::wechatpay_public_key"),
    ("wechatpay_public_keys", "Config::wechatpay_public_key, several times"),
    ("hk_public_key_id", "Config::hk_public_key"),
    ("platform_certificates", "Config::platform_certificate, several times"),
    ("download_hosts", "Config::download_host, several times"),
];

#[test]
fn rust_has_the_options_under_their_names() {
    let options = parse::parse_options(&parse::read_options_source(&root()).unwrap()).unwrap();
    let read = |file: &str| std::fs::read_to_string(root().join("core/src").join(file)).unwrap();
    let builders = read("config.rs") + &read("client/builder.rs");
    let lacking: Vec<&str> = options
        .options
        .iter()
        // Files are read by what reads a key.
        .filter(|option| !matches!(option.kind, OptionKind::Path | OptionKind::Paths))
        .map(|option| option.name.as_str())
        .filter(|name| !builders.contains(&format!("pub fn {name}(")))
        .collect();
    let otherwise: Vec<&str> = OTHERWISE.iter().map(|(name, _)| *name).collect();
    assert_eq!(lacking, otherwise);
}
