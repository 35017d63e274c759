//! The client for Swift: `wechatpay_core::host::HostClient`, in types that uniffi can carry.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use wechatpay_core::Notification;
use wechatpay_core::host::{HostAnswer, HostClient, ProgressFn};
use wechatpay_core::http::{Headers, HttpRequest};

use crate::calls::held;
use crate::error::NativeError;
use crate::notification_rules::Reply;
use crate::signer::{NativeSigner, Signer};

type Result<T> = std::result::Result<T, NativeError>;

/// A verified answer.
#[derive(uniffi::Record)]
pub struct Answer {
    /// JSON text; `null` when there was none.
    pub json: String,
    /// HTTP status.
    pub status: u16,
    /// What WeChat Pay's support asks for.
    pub request_id: Option<String>,
    /// Serial or id of the key that signed the answer.
    pub serial: String,
    /// How many requests went out for the call.
    pub attempts: u32,
}

impl From<HostAnswer> for Answer {
    fn from(answer: HostAnswer) -> Self {
        Self {
            json: answer.json,
            status: answer.status,
            request_id: answer.request_id,
            serial: answer.serial,
            attempts: answer.attempts,
        }
    }
}

/// A signed request, to be sent exactly as it is.
#[derive(uniffi::Record)]
pub struct Request {
    /// Upper-case method.
    pub method: String,
    /// Absolute URL, percent-encoded.
    pub url: String,
    /// All headers.
    pub headers: HashMap<String, String>,
    /// Body; empty when there is none.
    pub body: Vec<u8>,
}

impl From<HttpRequest> for Request {
    fn from(request: HttpRequest) -> Self {
        Self {
            method: request.method.as_str().to_owned(),
            headers: request
                .headers
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            url: request.url,
            body: request.body,
        }
    }
}

/// A notification, verified and decrypted. Its parts come apart: nobody has to parse the envelope again to read a field.
#[derive(uniffi::Record)]
pub struct Notice {
    /// Unique id of the notification.
    pub id: String,
    /// RFC 3339 text.
    pub create_time: String,
    /// `TRANSACTION.SUCCESS`
    pub event_type: String,
    /// `encrypt-resource`
    pub resource_type: String,
    /// In words, in Chinese.
    pub summary: String,
    /// What the resource is.
    pub original_type: String,
    /// The associated data of the encryption.
    pub associated_data: String,
    /// Serial or id of the key that signed it.
    pub serial: String,
    /// The name of its type in the spec, when there is one.
    pub kind: Option<String>,
    /// The decrypted resource as JSON text.
    pub resource: String,
}

impl From<Notification> for Notice {
    fn from(notification: Notification) -> Self {
        Self {
            id: notification.id,
            create_time: notification.create_time,
            event_type: notification.event_type,
            resource_type: notification.resource_type,
            summary: notification.summary,
            original_type: notification.original_type,
            associated_data: notification.associated_data,
            serial: notification.serial,
            kind: notification.kind.map(|kind| kind.id().to_owned()),
            resource: notification.resource.to_string(),
        }
    }
}

/// A text encrypted to WeChat Pay.
#[derive(uniffi::Record)]
pub struct Encrypted {
    /// Base64.
    pub ciphertext: String,
    /// Serial or id of the key, for the header `Wechatpay-Serial`.
    pub serial: String,
}

/// Is told how far a download has come.
#[uniffi::export(callback_interface)]
pub trait DownloadListener: Send + Sync {
    /// Bytes received, and bytes to receive where known. Called on the thread that downloads.
    fn progress(&self, received: u64, total: Option<u64>);
}

fn progress_fn(progress: Option<Box<dyn DownloadListener>>) -> Option<ProgressFn> {
    progress
        .map(|progress| -> ProgressFn { Box::new(move |received, total| progress.progress(received, total)) })
}

/// One merchant's client.
#[derive(uniffi::Object)]
pub struct NativeClient {
    host: HostClient,
}

#[uniffi::export]
impl NativeClient {
    /// Options as a JSON object.
    #[uniffi::constructor]
    pub fn new(options: String) -> Result<Self> {
        Ok(Self { host: HostClient::from_text(options)? })
    }

    /// With a signer in place of a private key. It is called on the thread that calls.
    #[uniffi::constructor]
    pub fn with_signer(options: String, signer: Box<dyn NativeSigner>, digests: bool) -> Result<Self> {
        let signer = Arc::new(Signer { native: signer, digests });
        Ok(Self { host: HostClient::from_text_with_signer(options, signer)? })
    }

    /// This client, for calls that do otherwise what the JSON object says: see `HostClient::with_options`.
    pub fn with_options(&self, options: String) -> Result<Arc<Self>> {
        Ok(Arc::new(Self { host: self.host.with_options(&options)? }))
    }

    // Calls that wait for the network take the number of `open_call`; 0 for one that nobody will give up.

    /// Carries out an operation by its name.
    pub fn call(&self, number: u64, operation: String, params: String) -> Result<Answer> {
        #[cfg(feature = "provoke-panic")]
        crate::panics::provoke(&operation);
        Ok(held(&self.host, number).call(&operation, &params)?.into())
    }

    /// Calls an endpoint that is not typed.
    pub fn request(
        &self,
        number: u64,
        method: String,
        path_and_query: String,
        body: Option<String>,
    ) -> Result<Answer> {
        Ok(held(&self.host, number).request(&method, &path_and_query, body.as_deref())?.into())
    }

    /// A signed request for another HTTP client.
    pub fn prepare(&self, operation: String, params: String) -> Result<Request> {
        Ok(self.host.prepare(&operation, &params)?.into())
    }

    /// Verifies and decodes an answer that another HTTP client received.
    pub fn finish(
        &self,
        operation: String,
        status: u16,
        headers: HashMap<String, String>,
        body: Vec<u8>,
    ) -> Result<Answer> {
        Ok(self.host.finish(&operation, status, Headers::from_iter(headers), body)?.into())
    }

    /// Uploads a file, and what goes with it.
    pub fn upload(
        &self,
        number: u64,
        operation: String,
        params: String,
        file_name: String,
        content: Vec<u8>,
    ) -> Result<Answer> {
        Ok(held(&self.host, number).upload(&operation, &params, &file_name, content)?.into())
    }

    /// Carries out an operation that answers with a file, to a path, where it appears only when it is whole.
    pub fn call_for_file(
        &self,
        number: u64,
        operation: String,
        params: String,
        path: String,
        progress: Option<Box<dyn DownloadListener>>,
    ) -> Result<String> {
        let progress = progress_fn(progress);
        Ok(held(&self.host, number).call_for_file_to_path(
            &operation,
            &params,
            Path::new(&path),
            progress,
        )?)
    }

    /// Downloads a file to a path, where it appears only when it is whole.
    pub fn download(
        &self,
        number: u64,
        url: String,
        sha1: Option<String>,
        path: String,
        progress: Option<Box<dyn DownloadListener>>,
    ) -> Result<String> {
        Ok(held(&self.host, number).download_to_path(
            &url,
            sha1.as_deref(),
            Path::new(&path),
            progress_fn(progress),
        )?)
    }

    /// Downloads what an answer announces, which is given as JSON.
    pub fn download_announced(
        &self,
        number: u64,
        answer: String,
        path: String,
        progress: Option<Box<dyn DownloadListener>>,
    ) -> Result<String> {
        let progress = progress_fn(progress);
        Ok(held(&self.host, number).download_announced_to_path(&answer, Path::new(&path), progress)?)
    }

    /// Verifies and decrypts a notification. A header may have several values.
    pub fn parse_notification(
        &self,
        number: u64,
        headers: HashMap<String, Vec<String>>,
        body: Vec<u8>,
    ) -> Result<Notice> {
        let headers = headers
            .iter()
            .flat_map(|(name, values)| values.iter().map(move |value| (name.as_str(), value.as_str())));
        Ok(held(&self.host, number).client()?.parse_notification(&Headers::from_iter(headers), &body)?.into())
    }

    /// The signed answer, given as JSON, to a notification of this type.
    pub fn answer_notification(&self, kind: Option<String>, answer: String) -> Result<Reply> {
        Ok(self.host.answer_notification(kind.as_deref(), &answer)?.into())
    }

    /// What the client side opens WeChat with, by name; the parameters as JSON.
    pub fn front_end(&self, opens: String, params: String) -> Result<String> {
        Ok(self.host.front_end(&opens, &params)?)
    }

    /// Encrypts a text to WeChat Pay.
    pub fn encrypt_field(&self, text: String) -> Result<Encrypted> {
        let (ciphertext, serial) = self.host.encrypt_field(&text)?;
        Ok(Encrypted { ciphertext, serial })
    }

    /// Decrypts a text that WeChat Pay encrypted to the merchant.
    pub fn decrypt_field(&self, ciphertext: String) -> Result<String> {
        Ok(self.host.decrypt_field(&ciphertext)?)
    }

    /// The merchant number.
    pub fn mchid(&self) -> String {
        self.host.mchid().to_owned()
    }

    /// Ends the client; later calls fail with kind `closed`. Closing twice is fine.
    pub fn shut_down(&self) {
        self.host.close();
    }
}
