//! What the platform remembers. All of it lives in memory and is gone when the sandbox stops.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::clock::Clock;
use crate::faults::{Fault, Faults, Signer};
use crate::keys::{Keys, PlatformCertificate};
use crate::notify::Notifications;
use crate::products::{bills, busifavor, media, payments, payscore, refunds};

/// How many requests are remembered; older ones are dropped.
const REQUESTS_KEPT: usize = 10_000;

/// What may be changed while the sandbox runs: `POST /sandbox/settings`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    /// Which key signs notifications.
    pub(crate) notification_signer: Signer,
    /// Whether the merchant has platform certificates. Without them `/v3/certificates` is a 404 and everything is
    /// signed by the WeChat Pay public key.
    pub(crate) certificates: bool,
    /// Whether error answers are signed. WeChat Pay usually does not.
    pub(crate) sign_errors: bool,
    /// Whether fields that the operation table does not know are refused.
    pub(crate) strict: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { notification_signer: Signer::PublicKey, certificates: true, sign_errors: false, strict: true }
    }
}

/// The platform.
pub(crate) struct State {
    pub(crate) keys: Arc<Keys>,
    pub(crate) clock: Clock,
    pub(crate) settings: Settings,
    /// Newest last; the newest signs.
    pub(crate) certificates: Vec<PlatformCertificate>,
    pub(crate) faults: Faults,
    /// Key that signs the answer being made, when it is not one of the usual ones.
    pub(crate) sign_with: Option<crate::keys::NamedKey>,
    /// The fault that strikes the request being carried out.
    pub(crate) current_fault: Fault,
    pub(crate) holds: HashMap<String, watch::Sender<bool>>,
    pub(crate) requests: VecDeque<Value>,
    /// How many requests were numbered.
    pub(crate) request_count: u64,
    pub(crate) notifications: Notifications,
    pub(crate) orders: payments::Orders,
    pub(crate) refunds: refunds::Refunds,
    pub(crate) bills: bills::Bills,
    pub(crate) media: media::Media,
    pub(crate) busifavor: busifavor::Busifavor,
    pub(crate) payscore: payscore::Payscore,
}

impl State {
    pub(crate) fn new(keys: Arc<Keys>, settings: Settings) -> Self {
        Self {
            certificates: vec![keys.platform.clone()],
            keys,
            clock: Clock::default(),
            settings,
            faults: Faults::default(),
            sign_with: None,
            current_fault: Fault::default(),
            holds: HashMap::new(),
            requests: VecDeque::new(),
            request_count: 0,
            notifications: Notifications::default(),
            orders: payments::Orders::default(),
            refunds: refunds::Refunds::default(),
            bills: bills::Bills::default(),
            media: media::Media::default(),
            busifavor: busifavor::Busifavor::default(),
            payscore: payscore::Payscore::default(),
        }
    }

    /// The platform certificate that signs today.
    pub(crate) fn certificate(&self) -> &PlatformCertificate {
        self.certificates.last().unwrap_or(&self.keys.platform)
    }

    /// Now, RFC 3339 in Chinese time.
    pub(crate) fn now_text(&self) -> String {
        crate::clock::rfc3339(self.clock.now())
    }

    /// Remembers a request and gives its number, by which what became of it is added.
    pub(crate) fn log_request(&mut self, mut request: Value) -> u64 {
        self.request_count += 1;
        request["number"] = json!(self.request_count);
        self.requests.push_back(request);
        while self.requests.len() > REQUESTS_KEPT {
            self.requests.pop_front();
        }
        self.request_count
    }

    /// Remembers a request of which all has arrived; its beginning may be there under this number.
    pub(crate) fn log_whole_request(&mut self, number: Option<u64>, request: Value) -> u64 {
        let begun = self.requests.iter_mut().rev().find(|begun| number.is_some_and(|n| begun["number"] == n));
        match (number, begun, request) {
            (Some(number), Some(Value::Object(begun)), Value::Object(request)) => {
                begun.extend(request);
                number
            }
            (_, _, request) => self.log_request(request),
        }
    }

    /// Adds to a remembered request.
    pub(crate) fn amend_request(&mut self, number: u64, name: &str, value: Value) {
        if let Some(request) = self.requests.iter_mut().rev().find(|request| request["number"] == number) {
            request[name] = value;
        }
    }

    /// Waits for `POST /sandbox/release/{name}`; a name stays released until it is held anew.
    pub(crate) fn hold(&mut self, name: &str) -> watch::Receiver<bool> {
        self.holds.entry(name.to_owned()).or_insert_with(|| watch::Sender::new(false)).subscribe()
    }
}
