//! A merchant's key in a token (an HSM, a smart card), through PKCS #11: `pkcs11 LIBRARY PIN CREDENTIALS`.
//!
//! The token has one private key with the label `merchant`. `CREDENTIALS` is the sandbox's `credentials.json`; against WeChat Pay the same
//! options come from wherever you keep them.
#![expect(clippy::print_stdout, reason = "a program")]

use std::error::Error;
use std::sync::{Mutex, PoisonError};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsOaepParams, PkcsOaepSource};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;
use serde_json::{Value, json};
use wechatpay_core::crypto::{ApiV3Key, Certificate, MerchantKey, PublicKey};
use wechatpay_core::{Client, Config};
use zeroize::Zeroizing;

type BoxError = Box<dyn Error + Send + Sync>;

/// A key that never leaves its token.
struct Token {
    /// A session does one thing at a time.
    session: Mutex<Session>,
    key: ObjectHandle,
}

impl Token {
    fn open(library: &str, pin: &str) -> Result<Self, BoxError> {
        let pkcs11 = Pkcs11::new(library)?;
        pkcs11.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))?;
        let slot = *pkcs11.get_slots_with_initialized_token()?.first().ok_or("there is no token")?;
        let session = pkcs11.open_ro_session(slot)?;
        session.login(UserType::User, Some(&AuthPin::new(pin.into())))?;
        let wanted = [Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::Label(b"merchant".to_vec())];
        let key = *session.find_objects(&wanted)?.first().ok_or("the token has no key `merchant`")?;
        Ok(Self { session: Mutex::new(session), key })
    }
}

impl MerchantKey for Token {
    fn sign_sha256(&self, message: &[u8]) -> Result<Vec<u8>, BoxError> {
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(session.sign(&Mechanism::Sha256RsaPkcs, self.key, message)?)
    }

    fn decrypt_oaep(&self, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, BoxError> {
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let oaep = PkcsOaepParams::new(MechanismType::SHA1, PkcsMgfType::MGF1_SHA1, PkcsOaepSource::empty());
        Ok(Zeroizing::new(session.decrypt(&Mechanism::RsaPkcsOaep(oaep), self.key, ciphertext)?))
    }
}

fn main() -> Result<(), BoxError> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [library, pin, credentials] = &arguments[..] else { return Err("LIBRARY PIN CREDENTIALS".into()) };
    let credentials: Value = serde_json::from_str(&std::fs::read_to_string(credentials)?)?;
    let of = |name: &str| credentials[name].as_str().unwrap_or_default();
    let config = Config::new(of("mchid"), Token::open(library, pin)?)
        // The certificate too: it shows at the first call whether the token holds its key.
        .merchant_certificate(Certificate::from_pem(of("merchant_certificate"))?)
        .api_v3_key(ApiV3Key::new(of("api_v3_key"))?)
        .wechatpay_public_key(of("wechatpay_public_key_id"), PublicKey::from_pem(of("wechatpay_public_key"))?)
        .base_url(of("base_url"));
    let client = Client::builder(config).build()?;
    let order = json!({
        "appid": of("appid"), "description": "tea", "out_trade_no": "PKCS11-1",
        "notify_url": "https://shop.example/notify", "amount": { "total": 100 },
    });
    println!("signed by the token: {}", client.call("payments.native.prepay", order)?["code_url"]);
    // It comes back encrypted to the merchant's certificate.
    let echo = json!({ "echo_message": "tea", "encrypted_echo_message": "张三" });
    println!("decrypted by the token: {}", client.call("security.echo", echo)?["encrypted_echo_message"]);
    Ok(())
}
