//! What the language bindings stand on: the client with JSON text on both sides and nothing generic.
//!
//! Python, Node, Kotlin and Swift all call this. What they have in common — options, the shape of errors, the thread
//! pool, surviving `fork` — is here once; a binding only converts strings and bytes.

mod ascii;
mod bills;
mod call_options;
mod environment;
mod errors;
mod front_end;
mod notifications;
mod options;
mod spelling;

use std::borrow::Cow;
use std::io::Write;
use std::num::NonZero;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use arc_swap::ArcSwap;
use serde::Serialize;
use serde::de::Error as _;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use self::ascii::{ascii, ascii_json};
pub use self::bills::{BillRows, RowsOf, fen, open_bill};
pub use self::environment::options_from_env;
pub use self::errors::{error_json, panic_error};
pub use self::notifications::{
    NOTIFICATION_MAX_BYTES, notification_rules, notification_too_large, reply_json,
};
use self::options::Options;
use crate::answer::Answer;
use crate::call_control::CallControl;
use crate::call_options::CallOptions;
use crate::client::Client;
use crate::crypto::MerchantKey;
use crate::download::{Download, Downloaded, Progress};
use crate::error::{Error, Result, codes};
use crate::finish::TextAnswer;
use crate::http::{Headers, HttpRequest, HttpResponse, Method};
use crate::json;
use crate::kernel::Kernel;
use crate::media::File;
use crate::notification::{Notification, not_json};
use crate::notification_reply::NotificationReply;
use crate::operation::{self, Members, Operation};
use crate::outcome::Safety;
use crate::pool::{Pool, closed};
use crate::protocol::header;

/// Version of the library.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A verified answer as JSON text, with what a log line wants to know.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HostAnswer {
    /// The answer; `null` when there was none.
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

/// Shows nothing of the content.
impl std::fmt::Debug for HostAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HostAnswer")
            .field("status", &self.status)
            .field("request_id", &self.request_id)
            .field("serial", &self.serial)
            .finish_non_exhaustive()
    }
}

impl From<Answer> for HostAnswer {
    fn from(answer: Answer) -> Self {
        Self {
            json: ascii_json(&answer.value),
            status: answer.status,
            request_id: answer.request_id,
            serial: answer.serial,
            attempts: answer.attempts,
        }
    }
}

impl HostAnswer {
    fn of_text(answer: &TextAnswer<'_>, response: &HttpResponse) -> Self {
        Self {
            json: ascii(&answer.json).into_owned(),
            status: response.status,
            request_id: response.headers.get(header::REQUEST_ID).map(str::to_owned),
            serial: answer.key.serial.clone(),
            attempts: 0,
        }
    }
}

/// A client for a language binding. Clones share everything.
#[derive(Clone)]
pub struct HostClient {
    options: Arc<Options>,
    state: Arc<ArcSwap<State>>,
    /// The caller's hold on the calls made through this clone.
    control: Option<CallControl>,
    /// What the calls made through this clone do otherwise.
    call_options: Arc<CallOptions>,
}

/// Linux reads half a dozen files to count them, which takes as long as a tenth of a client.
static PROCESSORS: LazyLock<usize> =
    LazyLock::new(|| std::thread::available_parallelism().map_or(1, NonZero::get));

/// What belongs to one process: connections and threads do not survive `fork`.
struct State {
    process: u32,
    open: Option<Open>,
}

#[derive(Clone)]
struct Open {
    client: Client,
    /// For calls, which wait for the network.
    calls: Arc<Pool>,
    /// For what only computes: it never waits behind calls.
    local: Arc<Pool>,
}

impl HostClient {
    /// Makes a client from options as a JSON object; see the `Options` of each language's documentation.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) when an option is unknown, missing or wrong,
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) when a key file cannot be read.
    pub fn new(options: &str) -> Result<Self> {
        Self::with(Options::parse(options, None)?)
    }

    /// As [`new`](Self::new), and overwrites the text afterwards: there are keys in it.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    pub fn from_text(options: String) -> Result<Self> {
        Self::new(&Zeroizing::new(options))
    }

    /// As [`new`](Self::new), from an object. Keys in it are moved, and overwritten when they were read.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    pub fn from_value(options: Value) -> Result<Self> {
        Self::with(Options::of_value(options, None)?)
    }

    /// As [`from_value`](Self::from_value), with a signer in place of a private key: in front of a KMS or an HSM. It is called on whatever
    /// thread makes a call, on several at a time, and may block.
    ///
    /// # Errors
    /// As for [`new`](Self::new), and when there is a private key among the options besides.
    pub fn with_signer(options: Value, signer: Arc<dyn MerchantKey>) -> Result<Self> {
        Self::with(Options::of_value(options, Some(signer))?)
    }

    /// As [`with_signer`](Self::with_signer), from text.
    ///
    /// # Errors
    /// As there.
    pub fn from_text_with_signer(options: String, signer: Arc<dyn MerchantKey>) -> Result<Self> {
        Self::with(Options::parse(&Zeroizing::new(options), Some(signer))?)
    }

    fn with(options: Options) -> Result<Self> {
        let state = State::open(&options)?;
        Ok(Self {
            options: Arc::new(options),
            state: Arc::new(ArcSwap::from_pointee(state)),
            control: None,
            call_options: Arc::default(),
        })
    }

    /// The client of this process, made anew in a forked child: connections shared with the parent would mix answers.
    fn open(&self) -> Result<Open> {
        let state = self.state.load();
        let open = state.open.clone().ok_or_else(closed)?;
        if state.is_here() {
            return Ok(open);
        }
        drop(state);
        let fresh = State::open(&self.options)?;
        let open = fresh.open.clone().ok_or_else(closed)?;
        self.state.store(Arc::new(fresh));
        Ok(open)
    }

    /// This client, for one call that `control` limits and may give up.
    #[must_use]
    pub fn controlled(&self, control: &CallControl) -> Self {
        Self { control: Some(control.clone()), ..self.clone() }
    }

    /// As [`controlled`](Self::controlled), for a call of which the operation, or else the method, is known before a thread takes it
    /// up: so that giving it up while it waits in line says what it was about.
    #[must_use]
    pub fn controlled_call(&self, control: &CallControl, operation_or_method: &str) -> Self {
        match (operation::find(operation_or_method), Method::from_name(operation_or_method)) {
            (Some(operation), _) => control.begin(Some(operation.id()), Safety::of(operation)),
            (None, Some(method)) => control.begin(None, Safety::of_method(method)),
            (None, None) => {}
        }
        self.controlled(control)
    }

    /// The client itself, for what has no method here.
    ///
    /// # Errors
    /// [`ErrorKind::Closed`](crate::ErrorKind::Closed) after [`close`](Self::close).
    pub fn client(&self) -> Result<Client> {
        let client = self.open()?.client.with_options(&self.call_options);
        Ok(match &self.control {
            Some(control) => client.controlled(control),
            None => client,
        })
    }

    /// Carries out an operation; empty text or `null` stands for no parameters.
    ///
    /// # Errors
    /// As for [`Client::call`].
    pub fn call(&self, operation: &str, params: &str) -> Result<HostAnswer> {
        let client = self.client()?;
        let operation = operation::named(operation)?;
        Ok(client.execute(operation, json_value(params, "the parameters")?)?.into())
    }

    /// Calls an endpoint that is not typed.
    ///
    /// # Errors
    /// As for [`Client::request`].
    pub fn request(&self, method: &str, path_and_query: &str, body: Option<&str>) -> Result<HostAnswer> {
        let body = body.map(|body| json_value(body, "the body")).transpose()?;
        Ok(self.client()?.request(method_named(method)?, path_and_query, body)?.into())
    }

    /// A signed request, to be sent with another HTTP client.
    ///
    /// # Errors
    /// As for [`Kernel::prepare`](crate::Kernel::prepare).
    pub fn prepare(&self, operation: &str, params: &str) -> Result<HttpRequest> {
        self.client()?.prepare(operation::named(operation)?, json_value(params, "the parameters")?)
    }

    /// A signed request to an endpoint that is not typed, to be sent with another HTTP client.
    ///
    /// # Errors
    /// As for [`Kernel::prepare_request`](crate::Kernel::prepare_request).
    pub fn prepare_request(
        &self,
        method: &str,
        path_and_query: &str,
        body: Option<&str>,
    ) -> Result<HttpRequest> {
        let body = body.map(|body| json_value(body, "the body")).transpose()?;
        let request = self.client()?.kernel().prepare_request(method_named(method)?, path_and_query, body)?;
        Ok(self.call_options.with_headers(request))
    }

    /// Verifies and decodes an answer that another HTTP client received.
    ///
    /// # Errors
    /// As for [`Kernel::finish`](crate::Kernel::finish).
    pub fn finish(
        &self,
        operation: &str,
        status: u16,
        headers: Headers,
        body: Vec<u8>,
    ) -> Result<HostAnswer> {
        let client = self.client()?;
        let response = HttpResponse::new(status, headers, body);
        Ok(client.kernel().finish(operation::named(operation)?, &response)?.into())
    }

    /// As [`finish`](Self::finish), for an endpoint that is not typed.
    ///
    /// # Errors
    /// As for [`Kernel::finish_request`](crate::Kernel::finish_request).
    pub fn finish_request(
        &self,
        method: &str,
        status: u16,
        headers: Headers,
        body: Vec<u8>,
    ) -> Result<HostAnswer> {
        let response = HttpResponse::new(status, headers, body);
        Ok(self.client()?.kernel().finish_request(method_named(method)?, &response)?.into())
    }

    /// As [`finish`](Self::finish), on a thread that must not be held up: nothing when fields of the answer are encrypted, for
    /// decrypting them takes long. The JSON is written as it came, but for numbers and escapes.
    ///
    /// A binding that does not pass on all headers passes on those of the signature, `Request-ID` and `Content-Encoding`; where one
    /// of the signature is missing, all of them: the error then says what became of it.
    ///
    /// # Errors
    /// As for [`finish`](Self::finish).
    pub fn finish_at_hand(
        &self,
        operation: &str,
        status: u16,
        headers: Headers,
        body: Vec<u8>,
    ) -> Result<Option<HostAnswer>> {
        let client = self.client()?;
        let operation = operation::named(operation)?;
        if operation.answer_is_encrypted() {
            return Ok(None);
        }
        let response = HttpResponse::new(status, headers, body);
        Ok(Some(match client.kernel().finish_text(operation, &response)? {
            Some(text) => HostAnswer::of_text(&text, &response),
            None => client.kernel().finish(operation, &response)?.into(),
        }))
    }

    /// As [`finish_request`](Self::finish_request), in the way of [`finish_at_hand`](Self::finish_at_hand). Of an endpoint that is
    /// not typed nothing is decrypted.
    ///
    /// # Errors
    /// As for [`finish_request`](Self::finish_request).
    pub fn finish_request_at_hand(
        &self,
        method: &str,
        status: u16,
        headers: Headers,
        body: Vec<u8>,
    ) -> Result<HostAnswer> {
        let client = self.client()?;
        let method = method_named(method)?;
        let response = HttpResponse::new(status, headers, body);
        Ok(match client.kernel().finish_request_text(method, &response)? {
            Some(text) => HostAnswer::of_text(&text, &response),
            None => client.kernel().finish_request(method, &response)?.into(),
        })
    }

    /// Uploads a file. `params` is what goes with it, as of [`call`](Self::call).
    ///
    /// # Errors
    /// As for [`Client::upload`].
    pub fn upload(
        &self,
        operation: &str,
        params: &str,
        file_name: &str,
        content: Vec<u8>,
    ) -> Result<HostAnswer> {
        let client = self.client()?;
        let operation = operation::named(operation)?;
        let file = File::from_bytes(file_name, content).with(parameters(operation, params)?);
        Ok(client.execute_upload(operation, &file)?.into())
    }

    /// Uploads a file on disk, under its own name or another. `params` is what goes with it, as of [`call`](Self::call).
    ///
    /// # Errors
    /// As for [`Client::upload`], and [`ErrorKind::Io`](crate::ErrorKind::Io) when the file cannot be read.
    pub fn upload_path(
        &self,
        operation: &str,
        params: &str,
        path: &Path,
        file_name: Option<&str>,
    ) -> Result<HostAnswer> {
        let client = self.client()?;
        let operation = operation::named(operation)?;
        let mut file = File::from_path(path)?.with(parameters(operation, params)?);
        if let Some(name) = file_name {
            file = file.named(name);
        }
        Ok(client.execute_upload(operation, &file)?.into())
    }

    /// Downloads a file and checks its hash. Returns `{"bytes", "sha1", "verified"}`.
    ///
    /// # Errors
    /// As for [`Client::download`].
    pub fn download(
        &self,
        url: &str,
        sha1: Option<&str>,
        out: &mut dyn Write,
        progress: Option<ProgressFn>,
    ) -> Result<String> {
        self.client()?.download(&download_of(url, sha1, progress), out).map(|done| downloaded_json(&done))
    }

    /// Downloads a file to a path, where it appears only when it is whole and its hash is right.
    ///
    /// # Errors
    /// As for [`Client::download_to_path`].
    pub fn download_to_path(
        &self,
        url: &str,
        sha1: Option<&str>,
        path: &Path,
        progress: Option<ProgressFn>,
    ) -> Result<String> {
        let download = download_of(url, sha1, progress);
        self.client()?.download_to_path(&download, path).map(|done| downloaded_json(&done))
    }

    /// Downloads the file that an answer announces, given as JSON: URL, kind of hash and hash are taken from it. Returns
    /// what [`download`](Self::download) returns.
    ///
    /// # Errors
    /// As for [`Download::announced`] and [`Client::download`].
    pub fn download_announced(
        &self,
        answer: &str,
        out: &mut dyn Write,
        progress: Option<ProgressFn>,
    ) -> Result<String> {
        let download = announced(answer, progress)?;
        self.client()?.download(&download, out).map(|done| downloaded_json(&done))
    }

    /// As [`download_announced`](Self::download_announced), to a path, where the file appears only when it is whole and
    /// its hash is right.
    ///
    /// # Errors
    /// As for [`Download::announced`] and [`Client::download_to_path`].
    pub fn download_announced_to_path(
        &self,
        answer: &str,
        path: &Path,
        progress: Option<ProgressFn>,
    ) -> Result<String> {
        let download = announced(answer, progress)?;
        self.client()?.download_to_path(&download, path).map(|done| downloaded_json(&done))
    }

    /// Carries out an operation that answers with a file, which is written as it comes. Returns what
    /// [`download`](Self::download) returns.
    ///
    /// # Errors
    /// As for [`Download::answered`] and [`Client::download`].
    pub fn call_for_file(
        &self,
        operation: &str,
        params: &str,
        out: &mut dyn Write,
        progress: Option<ProgressFn>,
    ) -> Result<String> {
        let download = answered(operation, params, progress)?;
        self.client()?.download(&download, out).map(|done| downloaded_json(&done))
    }

    /// As [`call_for_file`](Self::call_for_file), to a path, where the file appears only when it is whole and, where its
    /// digest is signed, right.
    ///
    /// # Errors
    /// As for [`Download::answered`] and [`Client::download_to_path`].
    pub fn call_for_file_to_path(
        &self,
        operation: &str,
        params: &str,
        path: &Path,
        progress: Option<ProgressFn>,
    ) -> Result<String> {
        let download = answered(operation, params, progress)?;
        self.client()?.download_to_path(&download, path).map(|done| downloaded_json(&done))
    }

    /// Verifies and decrypts a notification. Returns its envelope as JSON, with `resource` decrypted and `type` naming
    /// the notification type in the table, or null.
    ///
    /// A binding that does not pass on all headers passes on those with `wechatpay` in their name, whatever its case and
    /// its separators, and `Content-Encoding`: the error then says what became of them. Of a list of values each is a
    /// header.
    ///
    /// # Errors
    /// As for [`Kernel::parse_notification`](crate::Kernel::parse_notification).
    pub fn parse_notification(&self, headers: &Headers, body: &[u8]) -> Result<String> {
        self.client()?.parse_notification(headers, body).map(notification_json)
    }

    /// As [`parse_notification`](Self::parse_notification) with the keys at hand: never touches the network, so an event
    /// loop may wait for it. Nothing when a certificate may have to be downloaded first: then the other is to be asked.
    ///
    /// # Errors
    /// As for [`Kernel::parse_notification`](crate::Kernel::parse_notification).
    pub fn parse_notification_offline(&self, headers: &Headers, body: &[u8]) -> Result<Option<String>> {
        let client = self.client()?;
        match Self::parse_at_hand(client.kernel(), headers, body) {
            Err(error) if client.kernel().certificates_may_help(&error) => Ok(None),
            parsed => parsed.map(Some),
        }
    }

    fn parse_at_hand(kernel: &Kernel, headers: &Headers, body: &[u8]) -> Result<String> {
        let (mut notification, content) = kernel.open_notification(headers, body)?;
        // The content goes on as it came, checked but not built up here only to be taken apart again.
        let text =
            std::str::from_utf8(&content).map_err(|error| not_json(serde_json::Error::custom(error)))?;
        notification.find_type(&Members::read(text).map_err(not_json)?);
        if notification.has_encrypted() {
            return kernel.read_content(notification, &content).map(notification_json);
        }
        Ok(with_resource(&notification, &json::exact_text(text, json::Reader::Rust)))
    }

    /// The answer to a notification of this type, which is given as JSON. No type: one that is not known here.
    ///
    /// # Errors
    /// As for [`Kernel::answer_notification`](crate::Kernel::answer_notification).
    pub fn answer_notification(&self, kind: Option<&str>, answer: &str) -> Result<NotificationReply> {
        let answer = json_value(answer, "the answer")?;
        let kind = kind.and_then(operation::notification_named);
        self.client()?.kernel().answer_notification(kind, &answer)
    }

    /// What the client side opens WeChat with, by name, as JSON: see `host/front_end.rs`.
    ///
    /// # Errors
    /// As for the function of [`FrontEnd`](crate::FrontEnd); [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) when
    /// `params` has not what it takes.
    pub fn front_end(&self, opens: &str, params: &str) -> Result<String> {
        front_end::json(self.client()?.kernel(), opens, params)
    }

    /// Encrypts a text to WeChat Pay. Returns ciphertext and serial.
    ///
    /// # Errors
    /// As for [`Kernel::encrypt_field`](crate::Kernel::encrypt_field).
    pub fn encrypt_field(&self, text: &str) -> Result<(String, String)> {
        self.client()?.kernel().encrypt_field(text)
    }

    /// Decrypts a text that WeChat Pay encrypted to the merchant.
    ///
    /// # Errors
    /// As for [`Kernel::decrypt_field`](crate::Kernel::decrypt_field).
    pub fn decrypt_field(&self, ciphertext: &str) -> Result<String> {
        self.client()?.kernel().decrypt_field(ciphertext)
    }

    /// Runs a call on the client's own threads. The job must report its own panics; one that gets out is swallowed.
    ///
    /// # Errors
    /// [`ErrorKind::Closed`](crate::ErrorKind::Closed) after [`close`](Self::close), [`ErrorKind::Io`](crate::ErrorKind::Io)
    /// when no thread can be started.
    pub fn submit(&self, job: impl FnOnce() + Send + 'static) -> Result<()> {
        self.open()?.calls.submit(job)
    }

    /// As [`submit`](Self::submit), for what only computes (signing, verifying, decrypting): on threads of its own, as many as
    /// the machine has processors, so that it never waits for calls that wait for the network.
    ///
    /// # Errors
    /// As there.
    pub fn submit_local(&self, job: impl FnOnce() + Send + 'static) -> Result<()> {
        self.open()?.local.submit(job)
    }

    /// The merchant number.
    pub fn mchid(&self) -> &str {
        self.options.mchid()
    }

    /// Where requests go, unless WeChat Pay's second domain is used.
    pub fn base_url(&self) -> &str {
        self.options.base_url()
    }

    /// Ends the client: calls under way finish, later ones fail with kind `closed`. Closing twice is fine.
    pub fn close(&self) {
        let before = self.state.swap(Arc::new(State { process: std::process::id(), open: None }));
        if let Some(open) = before.open.as_ref().filter(|_| before.is_here()) {
            open.calls.close();
            open.local.close();
        }
    }
}

impl State {
    fn open(options: &Options) -> Result<Self> {
        let client = options.client()?;
        let open = Open {
            client,
            calls: Arc::new(Pool::new(options.threads())),
            local: Arc::new(Pool::new(*PROCESSORS)),
        };
        Ok(Self { process: std::process::id(), open: Some(open) })
    }

    /// Whether this is the process that it was made in.
    fn is_here(&self) -> bool {
        self.process == std::process::id()
    }
}

/// In a forked child the parent's is left alone: dropping its connections could say goodbye on them, its threads are not
/// here, and its locks may be held by threads that are not here either.
impl Drop for State {
    fn drop(&mut self) {
        if !self.is_here() {
            std::mem::forget(self.open.take());
        }
    }
}

impl std::fmt::Debug for HostClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HostClient").field("mchid", &self.mchid()).finish_non_exhaustive()
    }
}

/// Is told how far a download has come: bytes received, and bytes to receive where known.
pub type ProgressFn = Box<dyn Fn(u64, Option<u64>) + Send + Sync>;

fn download_of(url: &str, sha1: Option<&str>, progress: Option<ProgressFn>) -> Download {
    let mut download = Download::new(url);
    if let Some(sha1) = sha1 {
        download = download.sha1(sha1);
    }
    watched(download, progress)
}

fn announced(answer: &str, progress: Option<ProgressFn>) -> Result<Download> {
    Ok(watched(Download::announced(&json_value(answer, "the answer")?)?, progress))
}

fn answered(operation: &str, params: &str, progress: Option<ProgressFn>) -> Result<Download> {
    let operation = operation::named(operation)?;
    Ok(watched(Download::answered(operation, json_value(params, "the parameters")?)?, progress))
}

/// What goes with an uploaded file.
fn parameters(operation: Operation, params: &str) -> Result<Map<String, Value>> {
    match json_value(params, "the parameters")? {
        Value::Null => Ok(Map::new()),
        Value::Object(params) => Ok(params),
        _ => {
            let error = Error::invalid_request(codes::WRONG_TYPE, "the parameters must be an object.");
            Err(error.with_operation(operation.id()))
        }
    }
}

fn watched(download: Download, progress: Option<ProgressFn>) -> Download {
    match progress {
        Some(progress) => download.progress(move |at: Progress| progress(at.received, at.total)),
        None => download,
    }
}

fn notification_json(notification: Notification) -> String {
    with_resource(&notification, &notification.resource.to_string())
}

fn with_resource(notification: &Notification, resource: &str) -> String {
    #[derive(Serialize)]
    struct Envelope<'n> {
        id: &'n str,
        create_time: &'n str,
        event_type: &'n str,
        resource_type: &'n str,
        summary: &'n str,
        original_type: &'n str,
        associated_data: &'n str,
        serial: &'n str,
        #[serde(rename = "type")]
        kind: Option<&'static str>,
    }
    let mut json = ascii_json(&Envelope {
        id: &notification.id,
        create_time: &notification.create_time,
        event_type: &notification.event_type,
        resource_type: &notification.resource_type,
        summary: &notification.summary,
        original_type: &notification.original_type,
        associated_data: &notification.associated_data,
        serial: &notification.serial,
        kind: notification.kind.map(|kind| kind.id()),
    });
    json.pop();
    for part in [",\"resource\":", &ascii(resource), "}"] {
        json.push_str(part);
    }
    json
}

/// JSON that came from here, for JavaScript, which has no whole numbers beyond 2^53: those are turned into text.
pub fn json_for_javascript(json: &str) -> Cow<'_, str> {
    json::exact_text(json, json::Reader::JavaScript)
}

fn downloaded_json(done: &Downloaded) -> String {
    serde_json::json!({ "bytes": done.bytes, "sha1": done.sha1, "verified": done.verified }).to_string()
}

fn json_value(text: &str, what: &str) -> Result<Value> {
    if text.is_empty() {
        return Ok(Value::Null);
    }
    if !json::all_kept(text) {
        return Err(Error::invalid_request(
            codes::WRONG_TYPE,
            format!(
                "{what} hold a number that would be changed on its way: a whole number beyond 64 bits, or one with more than 15 \
                 digits. Nothing was sent. Numbers of orders are text."
            ),
        ));
    }
    serde_json::from_str(text).map_err(|error| {
        Error::invalid_request(codes::NOT_JSON, format!("{what} are not JSON: {error}.")).with_source(error)
    })
}

/// Method and path of an operation, parameters in braces, or the method of `METHOD /path`; nothing for what only computes. For spans and
/// log lines, in which no parameter may be.
pub fn http_of(what: &str) -> Option<(&str, &'static str)> {
    if let Some(operation) = operation::find(what) {
        return Some((operation.method().as_str(), operation.path()));
    }
    match what.split_once(' ') {
        Some((method, _)) => Method::from_name(method).map(|_| (method, "")),
        None => (what == "download").then_some(("GET", "")),
    }
}

/// The operation of this name, for hosts that give and take values instead of JSON text.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) when there is none; the message proposes another.
pub fn operation(id: &str) -> Result<Operation> {
    operation::named(id)
}

/// The HTTP method of this name.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) when it is none that WeChat Pay uses.
pub fn method_named(name: &str) -> Result<Method> {
    Method::from_name(name).ok_or_else(|| {
        Error::invalid_request(
            codes::WRONG_TYPE,
            format!("the method must be GET, POST, PUT, PATCH or DELETE, not {name:?}."),
        )
    })
}
