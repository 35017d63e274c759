//! Download of platform certificates: decrypted, checked, vouched for, and only then put on the key ring.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::answer::Answer;
use crate::crypto::{ApiV3Key, Certificate};
use crate::error::{Error, ErrorKind, Result, codes};
use crate::http::HttpResponse;
use crate::json;
use crate::kernel::Kernel;
use crate::key_ring::{KeyRing, Lookup, PlatformKey, same_serial};
use crate::operation::{Host, Operation, find};
use crate::protocol::header;
use crate::verify;

/// The operation whose answer fills the key ring of this host.
pub(crate) const fn operation_of(host: Host) -> &'static str {
    match host {
        Host::Main => "certificates.list",
        Host::Hk => "global.certificates.list",
    }
}

/// Whether this is the operation whose answer fills the key ring of its host.
pub(crate) fn fills_ring(operation: Operation) -> bool {
    operation.id() == operation_of(operation.host())
}

const ISSUER: &str = "Tenpay.com Root CA";
/// More than this many certificates in one answer is not WeChat Pay.
const MAX_CERTIFICATES: usize = 32;

#[derive(Deserialize)]
struct List {
    data: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    serial_no: String,
    // The documentation's sample key has a trailing blank.
    #[serde(alias = "effective_time ", default)]
    effective_time: serde_json::Value,
    encrypt_certificate: Encrypted,
}

#[derive(Deserialize)]
struct Encrypted {
    nonce: String,
    #[serde(default)]
    associated_data: Option<String>,
    ciphertext: String,
}

fn untrusted(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Verification, codes::CERTIFICATE_UNTRUSTED, message)
}

impl Kernel {
    /// Whether the platform certificates of this host should be downloaded now: none is held and no public key either, or those
    /// that were downloaded are older than 12 hours. Never true for a client that has the public key and needed no
    /// certificates so far. Ask before an operation, for the host of that operation.
    pub fn certificates_due(&self, host: Host) -> bool {
        self.config().api_v3_key.is_some() && self.ring(host).is_due(self.now())
    }

    /// Whether an error of [`finish`](Self::finish) or [`parse_notification`](Self::parse_notification) may go away once
    /// certificates are downloaded from this host (the operation's; a notification's may be either), and a download is not too
    /// recent to be tried again.
    pub fn wants_certificates(&self, host: Host, error: &Error) -> bool {
        self.certificates_may_help(error) && self.ring(host).may_try(self.now())
    }

    /// Seconds until certificates may be downloaded from this host again for this error; none when they may be, or would not
    /// help.
    pub fn certificates_wait(&self, host: Host, error: &Error) -> Option<u64> {
        self.ring(host).pause(self.now()).filter(|_| self.certificates_may_help(error))
    }

    /// Whether this error may go away once certificates are downloaded, be it now or after a while. This is the one place
    /// that knows: everybody else asks.
    pub fn certificates_may_help(&self, error: &Error) -> bool {
        let by_key = matches!(
            error.code(),
            codes::UNKNOWN_SERIAL | codes::CERTIFICATE_UNTRUSTED | codes::NO_PLATFORM_KEY
        );
        error.kind() == ErrorKind::Verification
            && by_key
            && !error.operation().and_then(find).is_some_and(fills_ring)
            && self.config().api_v3_key.is_some()
    }

    /// To be called when a download of certificates is started: an unknown serial causes no other for a minute.
    pub fn note_certificate_download(&self, host: Host) {
        self.ring(host).note_attempt(self.now());
    }
}

/// Installs the certificates of a host's answer to `GET /v3/certificates`. What is held stays when anything is wrong.
pub(crate) fn install(kernel: &Kernel, host: Host, response: &HttpResponse) -> Result<Answer> {
    let now = kernel.now();
    let ring = kernel.ring(host);
    let certificates = open(kernel, ring, &response.body, now)?;
    let serial = vouch(ring, &certificates, response, now)?;
    let value = json::parse(&response.body).map_err(|error| {
        Error::malformed(codes::NOT_JSON, "the list of certificates is not JSON.").with_source(error)
    })?;
    ring.install(certificates, now);
    Ok(Answer::new(value, response, serial))
}

/// Decrypts the list and checks each certificate by itself.
fn open(kernel: &Kernel, ring: &KeyRing, body: &[u8], now: u64) -> Result<Vec<PlatformKey>> {
    let list: List = serde_json::from_slice(body).map_err(|error| {
        Error::malformed(codes::NOT_JSON, "the list of platform certificates is not what the protocol says.")
            .with_source(error)
    })?;
    if list.data.is_empty() || list.data.len() > MAX_CERTIFICATES {
        return Err(Error::malformed(
            codes::EMPTY_CERTIFICATE_LIST,
            format!(
                "the list holds {} platform certificates. A merchant without certificates uses the WeChat Pay public key: \
                 configure it and its id.",
                list.data.len()
            ),
        ));
    }
    let key = kernel.api_v3_key()?;
    let mut usable = Vec::new();
    let mut refused = None;
    for entry in &list.data {
        let certificate = decrypt(key, entry)?;
        match check(kernel, ring, &certificate, now) {
            Ok(()) => usable.push(PlatformKey::from_certificate(certificate, moment(&entry.effective_time))),
            // One certificate on its way out must not keep the others from being used.
            Err(error) => refused = Some(error),
        }
    }
    match (usable.is_empty(), refused) {
        (true, Some(error)) => Err(error),
        _ => Ok(usable),
    }
}

fn decrypt(key: &ApiV3Key, entry: &Entry) -> Result<Certificate> {
    let sealed = &entry.encrypt_certificate;
    let ciphertext = STANDARD.decode(&sealed.ciphertext).map_err(|error| {
        Error::malformed(codes::NOT_BASE64, "a platform certificate is not base64.").with_source(error)
    })?;
    let associated_data = sealed.associated_data.as_deref().unwrap_or_default();
    let pem = key.decrypt(sealed.nonce.as_bytes(), associated_data.as_bytes(), &ciphertext).map_err(|error| {
        error.with_hint(
            "The downloaded platform certificate cannot be opened: the APIv3 key configured is not the one set on the merchant \
             platform for this merchant, or the answer was altered.",
        )
    })?;
    let certificate = Certificate::from_bytes(&pem).map_err(|error| {
        untrusted("a downloaded platform certificate cannot be parsed.").with_source(error)
    })?;
    if !same_serial(certificate.serial(), &entry.serial_no) {
        return Err(untrusted(format!(
            "a downloaded platform certificate has the serial {}, but the list says {}.",
            certificate.serial(),
            entry.serial_no
        )));
    }
    Ok(certificate)
}

fn check(kernel: &Kernel, ring: &KeyRing, certificate: &Certificate, now: u64) -> Result<()> {
    let serial = certificate.serial();
    if certificate.common_name_of_issuer() != Some(ISSUER) {
        return Err(untrusted(format!(
            "the downloaded platform certificate {serial} was not issued by {ISSUER:?} but by {:?}.",
            certificate.issuer()
        )));
    }
    if !certificate.is_valid_at(i64::try_from(now).unwrap_or(i64::MAX)) {
        return Err(untrusted(format!(
            "the downloaded platform certificate {serial} is expired or not valid yet. Is this machine's clock right?"
        )));
    }
    match ring.find(serial, now) {
        Lookup::Found(key) | Lookup::Invalid(key) if key.public_key != *certificate.public_key() => {
            return Err(untrusted(format!(
                "the downloaded platform certificate {serial} has another key than the one held under this serial number."
            )));
        }
        _ => {}
    }
    if kernel.config().platform_root.as_ref().is_some_and(|root| !certificate.is_signed_by(root)) {
        return Err(untrusted(format!(
            "the downloaded platform certificate {serial} was not signed by the configured platform root."
        )));
    }
    Ok(())
}

/// Verifies the answer itself: with the keys held when one of them is valid, else with what it just brought. Returns the
/// serial that signed.
fn vouch(ring: &KeyRing, brought: &[PlatformKey], response: &HttpResponse, now: u64) -> Result<String> {
    let (headers, body) = (&response.headers, response.body.as_slice());
    if ring.holds_valid(now) {
        return match verify::verify(ring, now, headers, body) {
            Ok(key) if ring.vouches(&key.serial, now) => Ok(key.serial.clone()),
            Ok(key) => Err(untrusted(format!(
                "the new list of platform certificates is signed with {}, which WeChat Pay has withdrawn, so it was not taken \
                 over; the keys held stay in use.",
                key.serial
            ))),
            Err(error) if matches!(error.code(), codes::UNKNOWN_SERIAL | codes::CERTIFICATE_UNTRUSTED) => {
                Err(untrusted(format!(
                    "the new list of platform certificates is signed by nobody known here, so it was not taken over; the keys \
                     held stay in use. {} If this process slept while WeChat Pay changed its certificates (a frozen container, \
                     a restored snapshot), make the client anew: a first list may vouch for itself.",
                    error.message()
                )))
            }
            Err(error) => Err(error),
        };
    }
    let serial = headers.get(header::SERIAL).unwrap_or_default();
    match brought.iter().find(|key| same_serial(&key.serial, serial)) {
        Some(key) => verify::verify_with(key, now, headers, body).map(|()| key.serial.clone()),
        None if serial.is_empty() => verify::verify(ring, now, headers, body).map(|key| key.serial.clone()),
        None => Err(untrusted(format!(
            "the list of platform certificates is signed with {serial:?}, which is not one of the certificates it holds."
        ))),
    }
}

fn moment(value: &serde_json::Value) -> Option<i64> {
    match value {
        serde_json::Value::String(text) => {
            OffsetDateTime::parse(text, &Rfc3339).ok().map(OffsetDateTime::unix_timestamp)
        }
        other => other.as_i64(),
    }
}
