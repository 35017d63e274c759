//! Notifications: one call from raw bytes to verified, decrypted content. There is no other way in.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;

use crate::error::{Error, ErrorKind, Result, codes};
use crate::http::Headers;
use crate::json;
use crate::kernel::Kernel;
use crate::operation::{self, Members, NotificationType, type_among};
use crate::sensitive;

/// Longest body of a notification that is read, in bytes: 2 MiB. The ciphertext in it may have 1,048,576 characters.
/// An endpoint stops reading there and answers [`NotificationReply::too_large`](crate::NotificationReply::too_large).
pub const NOTIFICATION_MAX_BYTES: usize = 2 * 1024 * 1024;
const ALGORITHM: &str = "AEAD_AES_256_GCM";

/// A notification of WeChat Pay, verified and decrypted.
///
/// The same notification may arrive many times, also at the same moment: look at [`id`](Self::id) and at the state of
/// the order before acting on it.
#[derive(Clone)]
#[non_exhaustive]
pub struct Notification {
    /// Unique id of the notification; the same on every repetition.
    pub id: String,
    /// When it was made, as RFC 3339 text.
    pub create_time: String,
    /// What happened, for example `TRANSACTION.SUCCESS`.
    pub event_type: String,
    /// `encrypt-resource`.
    pub resource_type: String,
    /// A short description in Chinese.
    pub summary: String,
    /// What kind of object the resource is, for example `transaction`; empty when WeChat Pay gave none.
    pub original_type: String,
    /// The associated data of the encryption, for example `transaction`.
    pub associated_data: String,
    /// The decrypted resource, with every field WeChat Pay sent. Numbers that neither 64 bits nor an `f64` hold exactly are
    /// text.
    pub resource: Value,
    /// Serial or id of the key that signed the notification.
    pub serial: String,
    /// The type of notification in the table, by event type, original type and the members of the resource; `None` for
    /// one not typed here, which is verified and decrypted all the same. Do not acknowledge what you do not understand.
    pub kind: Option<NotificationType>,
}

impl Notification {
    /// Sets the type, now that the members of the resource are known.
    pub(crate) fn find_type(&mut self, members: &Members<'_>) {
        let types = operation::notification_types();
        self.kind = type_among(types, &self.event_type, &self.original_type, members);
    }

    /// Whether fields of the resource are encrypted once more, to the merchant's key.
    #[cfg(feature = "host")]
    pub(crate) fn has_encrypted(&self) -> bool {
        self.kind.is_some_and(|kind| kind.resource().fields().has_encrypted())
    }
}

/// Shows what a log may hold: not the resource, which has names and amounts in it.
impl fmt::Debug for Notification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notification")
            .field("id", &self.id)
            .field("event_type", &self.event_type)
            .field("original_type", &self.original_type)
            .field("create_time", &self.create_time)
            .field("serial", &self.serial)
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Envelope {
    id: String,
    #[serde(default)]
    create_time: String,
    event_type: String,
    #[serde(default)]
    resource_type: String,
    #[serde(default)]
    summary: Option<String>,
    resource: Resource,
}

#[derive(Deserialize)]
struct Resource {
    algorithm: String,
    ciphertext: String,
    nonce: String,
    #[serde(default)]
    associated_data: Option<String>,
    #[serde(default)]
    original_type: Option<String>,
}

impl Kernel {
    /// Verifies and decrypts a notification: clock, serial, signature, then the content.
    ///
    /// `body` must be the raw bytes of the HTTP body as they came, not a parsed or re-written form. Answer within five
    /// seconds: with [`NotificationReply::accepted`](crate::NotificationReply::accepted) when the notification is understood
    /// and stored, with [`Error::notification_reply`] when this fails. WeChat Pay then sends it again.
    ///
    /// # Errors
    /// [`ErrorKind::Verification`] when it may not be trusted; the code says why. [`ErrorKind::Decryption`] when it is
    /// WeChat Pay's but the APIv3 key is another one. [`ErrorKind::Malformed`] when it is not what the protocol says,
    /// [`ErrorKind::Config`] when no APIv3 key is configured.
    pub fn parse_notification(&self, headers: &Headers, body: &[u8]) -> Result<Notification> {
        let (notification, content) = self.open_notification(headers, body)?;
        self.read_content(notification, &content)
    }

    /// Gives an opened notification its resource and its type.
    pub(crate) fn read_content(
        &self,
        mut notification: Notification,
        content: &[u8],
    ) -> Result<Notification> {
        let mut resource = json::parse(content).map_err(not_json)?;
        notification.find_type(&Members::of(&resource));
        if let Some(kind) = notification.kind {
            sensitive::decrypt(kind.resource(), &mut resource, &*self.config().key)
                .map_err(|error| error.with_authenticated(true))?;
        }
        notification.resource = resource;
        Ok(notification)
    }

    /// As [`parse_notification`](Self::parse_notification), with the content unread: the notification has neither resource
    /// nor type yet.
    pub(crate) fn open_notification(
        &self,
        headers: &Headers,
        body: &[u8],
    ) -> Result<(Notification, Vec<u8>)> {
        if body.len() > NOTIFICATION_MAX_BYTES {
            return Err(too_large());
        }
        let api_v3_key = self.api_v3_key()?;
        let key = self.rings().verify_notification(self.now(), headers, body)?;
        let envelope: Envelope = serde_json::from_slice(body).map_err(|error| {
            malformed(format!(
                "the notification is signed by WeChat Pay but is not what the protocol says: {error}."
            ))
        })?;
        let sealed = envelope.resource;
        if sealed.algorithm != ALGORITHM {
            return Err(malformed(format!(
                "the notification is encrypted with {:?}; this client decrypts {ALGORITHM}.",
                sealed.algorithm
            )));
        }
        let ciphertext = STANDARD.decode(&sealed.ciphertext).map_err(|error| {
            malformed("the ciphertext of the notification is not base64.".to_owned()).with_source(error)
        })?;
        let associated_data = sealed.associated_data.unwrap_or_default();
        let plaintext =
            api_v3_key.decrypt(sealed.nonce.as_bytes(), associated_data.as_bytes(), &ciphertext).map_err(|error| {
                let error = error.with_authenticated(true);
                match error.kind() {
                    ErrorKind::Decryption => error.with_hint(
                        "The signature is WeChat Pay's, so the content was not altered on the way: the APIv3 key configured here \
                         is not the one set on the merchant platform (or was changed there a moment ago).",
                    ),
                    _ => error,
                }
            })?;
        let notification = Notification {
            id: envelope.id,
            create_time: envelope.create_time,
            event_type: envelope.event_type,
            resource_type: envelope.resource_type,
            summary: envelope.summary.unwrap_or_default(),
            original_type: sealed.original_type.unwrap_or_default(),
            associated_data,
            resource: Value::Null,
            serial: key.serial.clone(),
            kind: None,
        };
        Ok((notification, plaintext))
    }
}

/// The error of a body that is not read to its end.
pub(crate) fn too_large() -> Error {
    Error::malformed(
        codes::BODY_TOO_LARGE,
        format!(
            "the notification has more than {NOTIFICATION_MAX_BYTES} bytes, which WeChat Pay never sends."
        ),
    )
}

fn malformed(what: String) -> Error {
    Error::malformed(codes::BAD_NOTIFICATION, what).with_authenticated(true)
}

/// The error of content that WeChat Pay encrypted and that is not JSON.
pub(crate) fn not_json(error: serde_json::Error) -> Error {
    malformed("the decrypted content is not JSON.".to_owned()).with_source(error)
}
