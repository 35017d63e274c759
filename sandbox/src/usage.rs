//! What the sandbox says when it starts: how to configure a client in each language.

use std::path::Path;

use serde_json::json;

use crate::credentials::Credentials;
use crate::transparent::access::TransparentAccess;

/// The JSON of the line `WECHATPAY_SANDBOX_READY {…}`: where the sandbox listens and what names the merchant. No keys: those
/// are in the folder.
pub fn ready(credentials: &Credentials) -> String {
    let mut ready = json!({
        "base_url": credentials.base_url,
        "folder": credentials.folder,
        "mchid": credentials.mchid,
        "appid": credentials.appid,
        "openid": credentials.openid,
        "merchant_serial_no": credentials.merchant_serial_no,
        "wechatpay_public_key_id": credentials.wechatpay_public_key_id,
        "platform_serial_no": credentials.platform_serial_no,
        "pid": std::process::id(),
    });
    if let Some(access) = &credentials.transparent {
        for (name, value) in [
            ("proxy_url", json!(access.proxy_url)),
            ("tls_address", json!(access.tls_address)),
            ("ca_file", json!(access.ca_file)),
            ("ca_bundle", json!(access.ca_bundle)),
            ("trust_store", json!(access.trust_store)),
        ] {
            ready[name] = value;
        }
    }
    ready.to_string()
}

/// A text for people: what was made, and a client in Rust, Python, Node.js and Kotlin.
pub fn text(credentials: &Credentials) -> String {
    let folder = credentials.folder.as_deref().unwrap_or_else(|| Path::new("."));
    let file = |name: &str| folder.join(name).display().to_string();
    let (key, public_key) = (file("apiclient_key.pem"), file("wechatpay_public_key.pem"));
    let Credentials {
        base_url,
        mchid,
        appid,
        openid,
        merchant_serial_no: serial,
        api_v3_key,
        wechatpay_public_key_id: key_id,
        ..
    } = credentials;
    let json_path = file("credentials.json");
    let transparent = credentials.transparent.as_ref().map(under_own_names).unwrap_or_default();
    format!(
        r#"A local WeChat Pay listens on {base_url}. Keys and certificates: {json_path}

  merchant number        {mchid}
  app id, payer          {appid}  {openid}
  merchant certificate   {serial}
  WeChat Pay public key  {key_id}

Rust
  let config = Config::new("{mchid}", PrivateKey::from_file("{key}")?)
      .merchant_serial("{serial}")
      .api_v3_key(ApiV3Key::new("{api_v3_key}")?)
      .wechatpay_public_key("{key_id}", PublicKey::from_file("{public_key}")?)
      .base_url("{base_url}");
  let client = Client::new(config)?;

Python
  client = wechatpay_rs.Client(
      mchid="{mchid}", private_key_path="{key}", merchant_serial="{serial}", api_v3_key="{api_v3_key}",
      wechatpay_public_key_id="{key_id}", wechatpay_public_key_path="{public_key}", base_url="{base_url}")

Node.js
  const client = new Client({{
    mchid: '{mchid}', privateKeyPath: '{key}', merchantSerial: '{serial}', apiV3Key: '{api_v3_key}',
    wechatpayPublicKeyId: '{key_id}', wechatpayPublicKeyPath: '{public_key}', baseUrl: '{base_url}' }})

Kotlin
  val client = Client(
      mchid = "{mchid}", privateKeyPath = "{key}", serialNo = "{serial}", apiV3Key = "{api_v3_key}",
      wechatpayPublicKeyId = "{key_id}", wechatpayPublicKeyPath = "{public_key}", baseUrl = "{base_url}")

Play the payer:  curl -X POST {base_url}/sandbox/pay/OUT_TRADE_NO
{transparent}
"#
    )
}

fn under_own_names(access: &TransparentAccess) -> String {
    format!(
        "
WeChat Pay under its own names, for programs that cannot be told another address
  proxy                  {}
  TLS without a proxy    {}
  certificate to trust   {}
",
        access.proxy_url,
        access.tls_address,
        access.ca_file.display()
    )
}
