//! What the platform remembers, as plain types and what can become of them. All of it lives in memory and is gone when
//! the sandbox stops. Nothing here knows of calls and answers, which are built on top of it; what cannot become of a thing is a
//! `Refusal`.

pub(crate) mod busifavor;
pub(crate) mod combined_orders;
pub(crate) mod files;
pub(crate) mod media;
pub(crate) mod notifications;
pub(crate) mod orders;
pub(crate) mod permissions;
pub(crate) mod profit_sharing;
pub(crate) mod refunds;
pub(crate) mod requests;
pub(crate) mod service_orders;
pub(crate) mod transfers;

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use wechatpay_core::operation::Host;

use crate::clock::Clock;
use crate::faults::{Fault, Faults, Signer};
use crate::keys::{Keys, NamedKey, PlatformCertificate};

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
    /// Whether operations are answered by example also where the sandbox plays their flow.
    pub(crate) by_example: bool,
    /// How much faster than WeChat Pay notifications that nobody took are sent again; 0 sends none again by itself.
    pub(crate) time_scale: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            notification_signer: Signer::PublicKey,
            certificates: true,
            sign_errors: false,
            strict: true,
            by_example: false,
            time_scale: 0.0,
        }
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
    pub(crate) sign_with: Option<NamedKey>,
    /// The fault that strikes the request being carried out.
    pub(crate) current_fault: Fault,
    pub(crate) holds: HashMap<String, watch::Sender<bool>>,
    pub(crate) requests: requests::Requests,
    pub(crate) notifications: notifications::Notifications,
    pub(crate) orders: orders::Orders,
    pub(crate) combined_orders: combined_orders::CombinedOrders,
    pub(crate) profit_sharing: profit_sharing::ProfitSharing,
    pub(crate) refunds: refunds::Refunds,
    pub(crate) transfers: transfers::Transfers,
    pub(crate) files: files::Files,
    /// How many made-up rows the bills of a day have.
    pub(crate) synthetic_rows: HashMap<String, u64>,
    pub(crate) media: media::Media,
    pub(crate) busifavor: busifavor::Busifavor,
    pub(crate) service_orders: service_orders::ServiceOrders,
    pub(crate) permissions: permissions::Permissions,
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
            requests: requests::Requests::default(),
            notifications: notifications::Notifications::default(),
            orders: orders::Orders::default(),
            combined_orders: combined_orders::CombinedOrders::default(),
            profit_sharing: profit_sharing::ProfitSharing::default(),
            refunds: refunds::Refunds::default(),
            transfers: transfers::Transfers::default(),
            files: files::Files::default(),
            synthetic_rows: HashMap::new(),
            media: media::Media::default(),
            busifavor: busifavor::Busifavor::default(),
            service_orders: service_orders::ServiceOrders::default(),
            permissions: permissions::Permissions::default(),
        }
    }

    /// The platform certificates of a host, newest last.
    pub(crate) fn certificates_of(&self, host: Host) -> &[PlatformCertificate] {
        match host {
            Host::Hk => std::slice::from_ref(&self.keys.hk_platform),
            _ => &self.certificates,
        }
    }

    /// The pair of a host's public key.
    pub(crate) fn public_key_of(&self, host: Host) -> &NamedKey {
        match host {
            Host::Hk => &self.keys.hk_public_key,
            _ => &self.keys.public_key,
        }
    }

    /// The platform certificate that a host signs with today.
    pub(crate) fn certificate_of(&self, host: Host) -> &PlatformCertificate {
        self.certificates_of(host).last().unwrap_or(&self.keys.platform)
    }

    /// Now, RFC 3339 in Chinese time.
    pub(crate) fn now_text(&self) -> String {
        crate::clock::rfc3339(self.clock.now())
    }

    /// Waits for `POST /sandbox/release/{name}`; a name stays released until it is held anew.
    pub(crate) fn hold(&mut self, name: &str) -> watch::Receiver<bool> {
        self.holds.entry(name.to_owned()).or_insert_with(|| watch::Sender::new(false)).subscribe()
    }
}
