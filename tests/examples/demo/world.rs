//! The merchant's backend of the demo: a client, a notification endpoint, and the sandbox's own switches.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use serde_json::Value;
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};
use wechatpay_core::crypto::{ApiV3Key, MerchantKey, PrivateKey, PublicKey};
use wechatpay_core::{Answer, Client, Config, Error, Notification, NotificationReply, operation};
use zeroize::Zeroizing;

use crate::listener::{self, Received};
use crate::show;

pub(crate) type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// How long the demo waits for a notification before it calls that a failure.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct World {
    pub(crate) client: Client,
    pub(crate) mchid: String,
    pub(crate) appid: String,
    pub(crate) openid: String,
    /// Where the sandbox sends notifications: the listener of this program.
    pub(crate) notify_url: String,
    pub(crate) folder: PathBuf,
    base_url: String,
    started: OffsetDateTime,
    inbox: Mutex<Receiver<Result<Notification, Error>>>,
}

impl World {
    /// Reads the credentials that the sandbox wrote, makes the client, and starts to listen for notifications.
    pub(crate) fn new(folder: &Path) -> Result<Self> {
        let path = folder.join("credentials.json");
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let credentials: Value = serde_json::from_str(&text)?;
        let get = |name: &str| match credentials[name].as_str() {
            Some(value) => Ok(value.to_owned()),
            None => Err(format!("{} has no {name}", path.display())),
        };

        show::step("Configure a client");
        let key = PrivateKey::from_file(folder.join("apiclient_key.pem"))?;
        let config = Config::new(get("mchid")?, ShowingKey(key))
            .merchant_serial(get("merchant_serial_no")?)
            .api_v3_key(ApiV3Key::new(get("api_v3_key")?)?)
            .wechatpay_public_key(
                get("wechatpay_public_key_id")?,
                PublicKey::from_file(folder.join("wechatpay_public_key.pem"))?,
            )
            .base_url(get("base_url")?);
        let client = Client::new(config)?;
        show::fact("merchant", client.kernel().mchid());
        show::fact("certificate", format!("{} (ours; signs requests)", client.kernel().merchant_serial()));
        for serial in client.kernel().platform_serials() {
            show::fact("verifies by", format!("{serial} (WeChat Pay's)"));
        }

        let (sender, inbox) = channel();
        let parser = client.clone();
        let address = listener::listen(move |Received { headers, body }| {
            let outcome = parser.parse_notification(&headers, &body);
            let reply = match &outcome {
                Ok(_) => NotificationReply::accepted(),
                Err(error) => error.notification_reply(),
            };
            // Nobody waits any more only when the demo has ended.
            let _ = sender.send(outcome);
            reply
        })?;
        let notify_url = format!("http://{address}/notify");
        show::fact("listens at", &notify_url);
        Ok(Self {
            mchid: get("mchid")?,
            appid: get("appid")?,
            openid: get("openid")?,
            notify_url,
            folder: folder.to_owned(),
            base_url: get("base_url")?,
            started: OffsetDateTime::now_utc(),
            inbox: Mutex::new(inbox),
            client,
        })
    }

    /// The beginning of every number that this run gives out.
    pub(crate) fn number(&self) -> String {
        format!("DEMO{}", self.started.unix_timestamp())
    }

    /// A moment this many seconds from the start, as WeChat Pay writes it.
    pub(crate) fn time(&self, seconds: i64) -> Result<String> {
        let beijing = UtcOffset::from_hms(8, 0, 0)?;
        let moment = self.started.to_offset(beijing) + time::Duration::seconds(seconds);
        Ok(moment.replace_nanosecond(0)?.format(&Rfc3339)?)
    }

    /// Carries out an operation and shows what the answer was verified with.
    pub(crate) fn call(&self, id: &str, params: Value) -> Result<Value> {
        let operation = operation::find(id).ok_or_else(|| format!("there is no operation {id}"))?;
        show::fact("call", format!("{id}: {} {}", operation.method(), operation.path()));
        let Answer { value, status, serial, .. } = self.client.execute(operation, params)?;
        show::fact("verified", format!("HTTP {status}, signed with {serial}"));
        Ok(value)
    }

    /// What the listener makes of the next notification.
    pub(crate) fn next_outcome(&self) -> Result<Result<Notification, Error>> {
        let inbox = self.inbox.lock().map_err(|_| "the listener has broken")?;
        match inbox.recv_timeout(PATIENCE) {
            Ok(outcome) => Ok(outcome),
            Err(RecvTimeoutError::Timeout) => Err(format!("no notification within {PATIENCE:?}").into()),
            Err(RecvTimeoutError::Disconnected) => Err("the listener has ended".into()),
        }
    }

    /// The next notification, which must be good and of this event.
    pub(crate) fn notification(&self, event_type: &str) -> Result<Notification> {
        let notification = self.next_outcome()??;
        show::fact("received", format!("{}, id {}", notification.event_type, notification.id));
        show::fact("verified", format!("signed with {}", notification.serial));
        show::text("decrypted", &serde_json::to_string_pretty(&notification.resource)?);
        let what = format!("a notification {event_type}, not {}", notification.event_type);
        demand(notification.event_type == event_type, &what)?;
        Ok(notification)
    }

    /// Uses one of the sandbox's switches, which the real WeChat Pay does not have: `POST /sandbox/…`.
    pub(crate) fn sandbox(&self, path: &str, body: &Value) -> Result<Value> {
        let url = format!("{}/sandbox/{path}", self.base_url);
        let answer = ureq::post(&url).content_type("application/json").send(body.to_string());
        let text =
            answer.map_err(|error| format!("POST /sandbox/{path}: {error}"))?.body_mut().read_to_string()?;
        Ok(serde_json::from_str(&text)?)
    }
}

/// Ends the demo when something is not as it should be.
pub(crate) fn demand(holds: bool, what: &str) -> Result<()> {
    if holds { Ok(()) } else { Err(format!("expected {what}").into()) }
}

/// A text of a JSON object that must be there.
pub(crate) fn text_of<'a>(value: &'a Value, name: &str) -> Result<&'a str> {
    value[name].as_str().ok_or_else(|| format!("expected a text `{name}` in {value}").into())
}

/// The merchant's key, showing what it signs. Any type that can sign can take its place: a KMS, an HSM.
struct ShowingKey(PrivateKey);

impl MerchantKey for ShowingKey {
    fn sign_sha256(&self, message: &[u8]) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
        show::text("signed", &String::from_utf8_lossy(message));
        MerchantKey::sign_sha256(&self.0, message)
    }

    fn decrypt_oaep(
        &self,
        ciphertext: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Box<dyn std::error::Error + Send + Sync>> {
        MerchantKey::decrypt_oaep(&self.0, ciphertext)
    }

    fn public_key(&self) -> Option<PublicKey> {
        MerchantKey::public_key(&self.0)
    }
}
