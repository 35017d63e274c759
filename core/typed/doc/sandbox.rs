// For the examples of the crate's documentation, which run: a sandbox, a client of it, an appid and an openid. The test keys are made for the
// process.
type World = (wechatpay_sandbox::Running, wechatpay::Client, String, String);

fn sandbox() -> Result<World, Box<dyn std::error::Error>> {
    use wechatpay::crypto::{ApiV3Key, PrivateKey, PublicKey};

    let sandbox = wechatpay_sandbox::Sandbox::start(wechatpay_sandbox::Options::default())?;
    let of = sandbox.credentials().clone();
    let config = wechatpay::Config::new(of.mchid, PrivateKey::from_pem(&of.merchant_private_key)?)
        .merchant_serial(of.merchant_serial_no)
        .api_v3_key(ApiV3Key::new(of.api_v3_key)?)
        .wechatpay_public_key(of.wechatpay_public_key_id, PublicKey::from_pem(&of.wechatpay_public_key)?)
        .base_url(of.base_url);
    Ok((sandbox, wechatpay::Client::new(config)?, of.appid, of.openid))
}
