//! What the merchant was told or is to be told, and what he answered.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;
use wechatpay_core::operation::{self, Host};

use crate::ids;

/// Something that the merchant is to be told.
pub(crate) struct Event<'a> {
    pub(crate) event_type: &'a str,
    pub(crate) original_type: &'a str,
    pub(crate) summary: &'a str,
    pub(crate) resource: Value,
    pub(crate) url: String,
}

/// A notification and what became of it.
#[derive(Debug, Clone)]
pub(crate) struct Notification {
    pub(crate) id: String,
    pub(crate) event_type: String,
    pub(crate) original_type: String,
    pub(crate) summary: String,
    pub(crate) resource: Value,
    pub(crate) url: String,
    /// Whose keys sign it.
    pub(crate) host: Host,
    pub(crate) create_time: String,
    pub(crate) state: &'static str,
    pub(crate) why: String,
    pub(crate) attempts: Vec<Value>,
    /// How often it was sent again by itself.
    pub(crate) repeats: usize,
}

impl Notification {
    /// After how long WeChat Pay sends it again, when this time nobody took it; none when that was the last time, or nobody documented it.
    pub(crate) fn wait(&self) -> Option<Duration> {
        let kind = operation::notification_type(&self.event_type, &self.original_type, &self.resource)?;
        kind.retries()?.nth(self.repeats)
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({
            "id": self.id,
            "event_type": self.event_type,
            "original_type": self.original_type,
            "summary": self.summary,
            "resource": self.resource,
            "notify_url": self.url,
            "create_time": self.create_time,
            "state": self.state,
            "why": self.why,
            "attempts": self.attempts,
        })
    }
}

/// All notifications.
#[derive(Debug)]
pub(crate) struct Notifications {
    all: Vec<Notification>,
    /// Ids of those to be sent as soon as the state is unlocked.
    outbox: VecDeque<String>,
    /// How many are in the outbox or on the way.
    pending: usize,
    changed: watch::Sender<u64>,
}

impl Default for Notifications {
    fn default() -> Self {
        Self { all: Vec::new(), outbox: VecDeque::new(), pending: 0, changed: watch::Sender::new(0) }
    }
}

impl Notifications {
    /// Takes a notification for sending; gives its id.
    pub(crate) fn queue(&mut self, event: Event<'_>) -> String {
        let id = format!("{}-{}-{}-{}-{}", ids::hex(8), ids::hex(4), ids::hex(4), ids::hex(4), ids::hex(12));
        self.all.push(Notification {
            id: id.clone(),
            event_type: event.event_type.to_owned(),
            original_type: event.original_type.to_owned(),
            summary: event.summary.to_owned(),
            resource: event.resource,
            url: event.url,
            host: Host::Main,
            create_time: String::new(),
            state: "pending",
            why: String::new(),
            attempts: Vec::new(),
            repeats: 0,
        });
        self.outbox.push_back(id.clone());
        self.pending += 1;
        id
    }

    /// Sends a notification once more.
    pub(crate) fn resend(&mut self, id: &str) -> bool {
        let Some(notification) = self.get_mut(id) else { return false };
        notification.state = "pending";
        self.outbox.push_back(id.to_owned());
        self.pending += 1;
        true
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Notification> {
        self.all.iter().find(|notification| notification.id == id)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Notification> {
        self.all.iter_mut().find(|notification| notification.id == id)
    }

    /// Ids of those that are to be sent now.
    pub(crate) fn take_outbox(&mut self) -> Vec<String> {
        self.outbox.drain(..).collect()
    }

    /// One that was taken from the outbox is no longer on the way, whatever became of it.
    pub(crate) fn arrived(&mut self) {
        self.pending -= 1;
        self.changed.send_modify(|version| *version += 1);
    }

    pub(crate) fn to_json(&self) -> Value {
        self.all.iter().map(Notification::to_json).collect()
    }

    /// Forgets those that are not on the way.
    pub(crate) fn clear(&mut self) {
        self.all.retain(|notification| notification.state == "pending");
    }

    pub(crate) fn pending(&self) -> usize {
        self.pending
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Event type, original type and resource of all notifications.
    #[cfg(test)]
    pub(crate) fn contents(&self) -> impl Iterator<Item = (&str, &str, &Value)> {
        self.all.iter().map(|one| (one.event_type.as_str(), one.original_type.as_str(), &one.resource))
    }

    #[cfg(test)]
    pub(crate) fn queued(&self) -> Vec<&str> {
        self.all.iter().map(|notification| notification.event_type.as_str()).collect()
    }
}
