// For the examples of the crate's documentation, which run: a merchant's private key and WeChat Pay's public key as PEM, made for the process.
fn keys() -> Result<(String, String), Box<dyn std::error::Error>> {
    let pair = || rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256);
    Ok((pair()?.serialize_pem(), pair()?.public_key_pem()))
}
