//! Options of a client as JSON, the same names in every language.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;
use zeroize::Zeroizing;

use super::environment::meant_by_option;
use super::spelling::Language;
use crate::client::Client;
use crate::config::Config;
use crate::crypto::{ApiV2Key, ApiV3Key, Certificate, MerchantKey, Names, PrivateKey, PublicKey, read_file};
use crate::error::{Error, Result};

const DEFAULT_THREADS: usize = 64;
/// A time-out of more than a day is a mistake in the unit.
const MAX_SECONDS: f64 = 86_400.0;

/// A parsed configuration, kept so that a forked child can make its own client from it.
pub(super) struct Options {
    config: Config,
    network: Network,
}

/// The network's part of the options.
struct Network {
    connect_timeout: Option<Duration>,
    read_timeout: Option<Duration>,
    timeout: Option<Duration>,
    retries: Option<u32>,
    proxy: Option<String>,
    no_proxy: bool,
    ca_certificates: Option<String>,
    failover: Option<bool>,
    failover_base_url: Option<String>,
    max_body: Option<u64>,
    threads: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    mchid: String,
    private_key: Option<Zeroizing<String>>,
    private_key_path: Option<String>,
    private_key_p12_base64: Option<Zeroizing<String>>,
    private_key_p12_path: Option<String>,
    private_key_password: Option<Zeroizing<String>>,
    merchant_serial: Option<String>,
    merchant_certificate: Option<String>,
    merchant_certificate_path: Option<String>,
    api_v2_key: Option<Zeroizing<String>>,
    api_v3_key: Option<Zeroizing<String>>,
    wechatpay_public_key: Option<String>,
    wechatpay_public_key_path: Option<String>,
    wechatpay_public_key_id: Option<String>,
    #[serde(default)]
    wechatpay_public_keys: Vec<RawPublicKey>,
    hk_public_key: Option<String>,
    hk_public_key_path: Option<String>,
    hk_public_key_id: Option<String>,
    #[serde(default)]
    platform_certificates: Vec<String>,
    #[serde(default)]
    platform_certificate_paths: Vec<String>,
    platform_root: Option<String>,
    platform_root_path: Option<String>,
    base_url: Option<String>,
    #[serde(default)]
    download_hosts: Vec<String>,
    failover: Option<bool>,
    failover_base_url: Option<String>,
    connect_timeout: Option<f64>,
    read_timeout: Option<f64>,
    timeout: Option<f64>,
    retries: Option<u32>,
    max_body: Option<u64>,
    proxy: Option<String>,
    #[serde(default)]
    no_proxy: bool,
    ca_certificates: Option<String>,
    ca_certificates_path: Option<String>,
    user_agent: Option<String>,
    accept_language: Option<String>,
    threads: Option<usize>,
    language: Option<String>,
}

impl Raw {
    fn has_private_key(&self) -> bool {
        self.private_key.is_some()
            || self.private_key_path.is_some()
            || self.private_key_p12_base64.is_some()
            || self.private_key_p12_path.is_some()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPublicKey {
    id: String,
    key: Option<String>,
    path: Option<String>,
}

/// The text of the options is not quoted: there are keys in it. serde names fields, never values of strings longer than a word, but a
/// wrong type could be one: only its place is told then.
pub(super) fn what_is_wrong(error: &serde_json::Error) -> String {
    let text = error.to_string();
    // Nobody wrote the JSON whose line and column it is.
    let text = text.split(" at line ").next().unwrap_or_default();
    let name = text.split('`').nth(1).unwrap_or_default();
    if text.starts_with("missing field") {
        return format!("the option {name} is missing.");
    }
    match text.strip_prefix("unknown field") {
        Some(_) if meant_by_option(name).is_some() => {
            let meant = meant_by_option(name).unwrap_or_default();
            format!("there is no option {name}; did you mean {meant}?")
        }
        Some(rest) => format!("there is no option{rest}."),
        None if error.line() == 0 => "an option is of the wrong type.".to_owned(),
        None => {
            let (line, column) = (error.line(), error.column());
            format!("the options are no JSON, or one is of the wrong type, at line {line}, column {column}.")
        }
    }
}

impl Options {
    /// With a signer of the caller's own, or with the private key of the options.
    pub(super) fn parse(json: &str, signer: Option<Arc<dyn MerchantKey>>) -> Result<Self> {
        Self::of(serde_json::from_str(json), signer)
    }

    /// As [`parse`](Self::parse).
    pub(super) fn of_value(options: Value, signer: Option<Arc<dyn MerchantKey>>) -> Result<Self> {
        Self::of(serde_json::from_value(options), signer)
    }

    fn of(raw: serde_json::Result<Raw>, signer: Option<Arc<dyn MerchantKey>>) -> Result<Self> {
        let raw = raw.map_err(|error| Error::config(what_is_wrong(&error)))?;
        let network = Network::of(&raw)?;
        Ok(Self { config: config_of(raw, signer)?, network })
    }

    pub(super) fn mchid(&self) -> &str {
        &self.config.mchid
    }

    pub(super) fn base_url(&self) -> &str {
        &self.config.base_url
    }

    pub(super) fn threads(&self) -> usize {
        self.network.threads
    }

    pub(super) fn client(&self) -> Result<Client> {
        let network = &self.network;
        let mut builder = Client::builder(self.config.clone()).threads(network.threads);
        if let Some(timeout) = network.connect_timeout {
            builder = builder.connect_timeout(timeout);
        }
        if let Some(timeout) = network.read_timeout {
            builder = builder.read_timeout(timeout);
        }
        if let Some(timeout) = network.timeout {
            builder = builder.timeout(timeout);
        }
        if let Some(retries) = network.retries {
            builder = builder.retries(retries);
        }
        if let Some(proxy) = &network.proxy {
            builder = builder.proxy(proxy.clone());
        } else if network.no_proxy {
            builder = builder.no_proxy();
        }
        if let Some(pem) = &network.ca_certificates {
            builder = builder.ca_certificates(pem.clone());
        }
        if let Some(failover) = network.failover {
            builder = builder.failover(failover);
        }
        if let Some(url) = &network.failover_base_url {
            builder = builder.failover_base_url(url.clone());
        }
        if let Some(bytes) = network.max_body {
            builder = builder.max_body(bytes);
        }
        builder.build()
    }
}

impl Network {
    fn of(raw: &Raw) -> Result<Self> {
        Ok(Self {
            connect_timeout: seconds("connect_timeout", raw.connect_timeout)?,
            read_timeout: seconds("read_timeout", raw.read_timeout)?,
            timeout: seconds("timeout", raw.timeout)?,
            retries: raw.retries,
            proxy: raw.proxy.clone(),
            no_proxy: raw.no_proxy,
            ca_certificates: ca_certificates(raw)?,
            failover: raw.failover,
            failover_base_url: raw.failover_base_url.clone(),
            max_body: raw.max_body,
            threads: raw.threads.unwrap_or(DEFAULT_THREADS).clamp(1, 1024),
        })
    }
}

pub(super) fn seconds(name: &str, value: Option<f64>) -> Result<Option<Duration>> {
    match value {
        None => Ok(None),
        Some(seconds) if seconds > 0.0 && seconds <= MAX_SECONDS => {
            Ok(Some(Duration::from_secs_f64(seconds)))
        }
        Some(seconds) => Err(Error::config(format!(
            "{name} is {seconds}; it must be a number of seconds above 0 and up to {MAX_SECONDS}."
        ))),
    }
}

fn config_of(raw: Raw, signer: Option<Arc<dyn MerchantKey>>) -> Result<Config> {
    let spelt = Language::of(raw.language.as_deref());
    let certificate = |given: Given| Certificate::read(given.content(), &given.names);
    let public_key = |given: Given| PublicKey::read(given.content(), &given.names);
    let key: Arc<dyn MerchantKey> = match signer {
        Some(_) if raw.has_private_key() => {
            return Err(Error::config(
                "there is a signer and a private key. Give one: what signs is one of them.",
            ));
        }
        Some(signer) => signer,
        None => Arc::new(private_key(&raw, spelt)?),
    };
    let mut config = Config::new(raw.mchid.clone(), key);
    if let Some(serial) = raw.merchant_serial {
        config = config.merchant_serial(serial);
    }
    let given = one(spelt, "merchant_certificate", raw.merchant_certificate, raw.merchant_certificate_path)?;
    if let Some(given) = given {
        config = config.merchant_certificate(given.read(certificate)?);
    }
    if let Some(key) = raw.api_v2_key {
        config = config.api_v2_key(ApiV2Key::new(key.as_bytes())?);
    }
    if let Some(key) = raw.api_v3_key {
        config = config.api_v3_key(ApiV3Key::new(key.as_bytes())?);
    }
    let given = one(spelt, "wechatpay_public_key", raw.wechatpay_public_key, raw.wechatpay_public_key_path)?;
    if let Some((id, given)) = with_id(spelt, "wechatpay_public_key", raw.wechatpay_public_key_id, given)? {
        config = config.wechatpay_public_key(id, given.read(public_key)?);
    }
    let given = one(spelt, "hk_public_key", raw.hk_public_key, raw.hk_public_key_path)?;
    if let Some((id, given)) = with_id(spelt, "hk_public_key", raw.hk_public_key_id, given)? {
        config = config.hk_public_key(id, given.read(public_key)?);
    }
    for entry in raw.wechatpay_public_keys {
        let given = one(spelt, "wechatpay_public_key", entry.key, entry.path)?.ok_or_else(|| {
            Error::config(format!("the WeChat Pay public key {} has neither key nor path.", entry.id))
        })?;
        config = config.wechatpay_public_key(entry.id, given.read(public_key)?);
    }
    let texts = raw.platform_certificates.into_iter().map(|text| (Some(text), None));
    let paths = raw.platform_certificate_paths.into_iter().map(|path| (None, Some(path)));
    for (text, path) in texts.chain(paths) {
        if let Some(given) = one(spelt, "platform_certificates", text, path)? {
            config = config.platform_certificate(given.read(certificate)?);
        }
    }
    if let Some(given) = one(spelt, "platform_root", raw.platform_root, raw.platform_root_path)? {
        config = config.platform_root(given.read(certificate)?);
    }
    if let Some(url) = raw.base_url {
        config = config.base_url(url);
    }
    for host in raw.download_hosts {
        config = config.download_host(host);
    }
    if let Some(language) = raw.accept_language {
        config = config.accept_language(language);
    }
    let agent = [raw.language, raw.user_agent].into_iter().flatten().collect::<Vec<_>>().join(" ");
    Ok(if agent.is_empty() { config } else { config.user_agent(agent) })
}

/// A key or certificate as it was given, and what that is called.
struct Given {
    option: String,
    content: Zeroizing<Vec<u8>>,
    names: Names,
}

impl Given {
    fn content(&self) -> &[u8] {
        &self.content
    }

    /// Reads it; an error begins with the name of the option.
    fn read<T>(self, read: impl FnOnce(Self) -> Result<T>) -> Result<T> {
        let option = self.option.clone();
        read(self).map_err(|error| error.with_place(&option))
    }
}

/// A key given as text or as path, not both.
fn one(spelt: Language, name: &str, text: Option<String>, path: Option<String>) -> Result<Option<Given>> {
    let path_name = match name {
        "platform_certificates" => "platform_certificate_paths".to_owned(),
        name => format!("{name}_path"),
    };
    let names = spelt.names(name, &path_name);
    let (option, content) = match (text, path) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            return Err(Error::config(format!(
                "{} was given twice: as text and as path. Give one.",
                spelt.option(name)
            )));
        }
        (Some(text), None) => (spelt.option(name), Zeroizing::new(text.into_bytes())),
        (None, Some(path)) => {
            let option = spelt.option(&path_name);
            let content = read_file(path.as_ref(), &option)?;
            (option, content)
        }
    };
    Ok(Some(Given { option, content, names }))
}

/// A public key and its id: both are given, or none.
fn with_id(
    spelt: Language,
    name: &str,
    id: Option<String>,
    given: Option<Given>,
) -> Result<Option<(String, Given)>> {
    match (id, given) {
        (None, None) => Ok(None),
        (Some(id), Some(given)) => Ok(Some((id, given))),
        (id, _) => Err(Error::config(format!(
            "{} and {} belong together; {} is missing.",
            spelt.option(name),
            spelt.option(&format!("{name}_id")),
            if id.is_some() { "the key" } else { "the id (PUB_KEY_ID_…)" }
        ))),
    }
}

fn ca_certificates(raw: &Raw) -> Result<Option<String>> {
    let spelt = Language::of(raw.language.as_deref());
    let given = one(spelt, "ca_certificates", raw.ca_certificates.clone(), raw.ca_certificates_path.clone())?;
    given
        .map(|given| {
            std::str::from_utf8(given.content()).map(str::to_owned).map_err(|error| {
                Error::config("the file with the CA certificates is not PEM.")
                    .with_place(&given.option)
                    .with_source(error)
            })
        })
        .transpose()
}

fn private_key(raw: &Raw, spelt: Language) -> Result<PrivateKey> {
    let names = spelt.names("private_key", "private_key_path");
    let given = [
        raw.private_key.is_some(),
        raw.private_key_path.is_some(),
        raw.private_key_p12_base64.is_some(),
        raw.private_key_p12_path.is_some(),
    ];
    if given.iter().filter(|given| **given).count() > 1 {
        return Err(Error::config("the merchant private key was given more than once. Give one."));
    }
    if let Some(text) = &raw.private_key {
        return PrivateKey::read(text.as_bytes(), &names)
            .map_err(|error| error.with_place(&spelt.option("private_key")));
    }
    if let Some(path) = &raw.private_key_path {
        let option = spelt.option("private_key_path");
        return PrivateKey::read(&read_file(path.as_ref(), &option)?, &names)
            .map_err(|error| error.with_place(&option));
    }
    let (option, bytes) = if let Some(text) = &raw.private_key_p12_base64 {
        let option = spelt.option("private_key_p12_base64");
        let bytes =
            from_base64(text).ok_or_else(|| Error::config("this is not base64.").with_place(&option))?;
        (option, bytes)
    } else if let Some(path) = &raw.private_key_p12_path {
        let option = spelt.option("private_key_p12_path");
        let bytes = read_file(path.as_ref(), &option)?;
        (option, bytes)
    } else {
        return Err(Error::config(format!(
            "the merchant private key is missing: give {} (text) or {} (apiclient_key.pem).",
            spelt.option("private_key"),
            spelt.option("private_key_path")
        )));
    };
    let password = raw.private_key_password.as_ref().map_or(raw.mchid.as_str(), |password| password.as_str());
    pkcs12(&bytes, password, &names).map_err(|error| error.with_place(&option))
}

/// Base64 as `base64 apiclient_cert.p12` prints it: in lines.
fn from_base64(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut compact = Zeroizing::new(String::with_capacity(text.len()));
    compact.extend(text.chars().filter(|c| !c.is_whitespace()));
    STANDARD.decode(compact.as_bytes()).ok().map(Zeroizing::new)
}

#[cfg(feature = "pkcs12")]
fn pkcs12(bytes: &[u8], password: &str, names: &Names) -> Result<PrivateKey> {
    PrivateKey::read_pkcs12(bytes, password, names)
}

#[cfg(not(feature = "pkcs12"))]
fn pkcs12(_: &[u8], _: &str, _: &Names) -> Result<PrivateKey> {
    Err(Error::config("this build cannot read PKCS#12 files (feature `pkcs12`)."))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on shall say so and end")]

    use super::*;

    #[test]
    fn what_is_wrong_with_options_is_said_in_the_words_of_who_wrote_them() {
        for (given, says) in [
            ("{}", "the option mchid is missing."),
            (
                r#"{"mchid": "1", "privatekey": "x"}"#,
                "there is no option privatekey; did you mean private_key?",
            ),
            (
                r#"{"mchid": "1", "mch_private_key": "x"}"#,
                "there is no option mch_private_key; did you mean private_key?",
            ),
            (r#"{"mchid": "1", "colour": "x"}"#, "there is no option `colour`, expected one of `mchid`"),
            (r#"{"mchid": 1900000001}"#, "or one is of the wrong type, at line 1, column 20."),
        ] {
            let told = Options::parse(given, None).err().unwrap().message().to_owned();
            assert!(told.contains(says), "{given}: {told}");
        }
        let told =
            Options::of_value(serde_json::json!({ "mchid": "1", "retries": "often" }), None).err().unwrap();
        assert_eq!(told.message(), "an option is of the wrong type.");
    }
}
