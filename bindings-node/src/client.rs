//! The client as JavaScript sees it: every method starts a job and returns at once.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use napi::Status;
use napi::bindgen_prelude::{Buffer, FnArgs};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi_derive::napi;
use wechatpay_core::error::Result;
use wechatpay_core::host::{HostClient, ProgressFn, error_json, reply_json};
use wechatpay_core::http::Headers;
use wechatpay_core::{CallControl, GivenUp};
use zeroize::Zeroizing;

use crate::rows::Rows;
use crate::signer::{Ask, Questions, Signer};
#[cfg(feature = "provoke-panic")]
use crate::texts::provoke_panic;
use crate::texts::{Texts, What, exact, guarded, thrown};

/// Id of the call, what the message says, and the two texts of its result.
type Message = FnArgs<(u32, u32, String, String)>;
/// Weak: it never keeps the process alive.
type Report = ThreadsafeFunction<Message, (), Message, Status, false, true>;

/// Verifying so many bytes takes less than starting a thread does; with more, the event loop would be held up.
const QUICK_BYTES: usize = 64 * 1024;

/// JavaScript's own timer ends a call whose time is up. This is how much longer the core waits, so that an event loop that
/// is held up for a moment does not make it another error.
const LATER: Duration = Duration::from_millis(500);

/// The hold on each call that has not ended.
#[derive(Default)]
struct UnderWay(Mutex<HashMap<u32, CallControl>>);

impl UnderWay {
    fn calls(&self) -> MutexGuard<'_, HashMap<u32, CallControl>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Which threads do a call.
#[derive(Clone, Copy)]
enum Lane {
    /// Those that wait for the network.
    Network,
    /// Those that only compute, which calls under way never hold up.
    Local,
}

/// What a call is about, and how long it may take.
struct About<'a> {
    operation_or_method: &'a str,
    /// Milliseconds.
    timeout: Option<f64>,
}

/// A client. `report` is called with the id that JavaScript gave a call and what came of it.
#[napi]
pub struct NativeClient {
    host: HostClient,
    report: Arc<Report>,
    under_way: Arc<UnderWay>,
    /// Of the signer of the caller's own, where there is one in place of a private key.
    questions: Option<Arc<Questions>>,
}

#[napi]
impl NativeClient {
    /// `signs` and `decrypts` say what JavaScript does in place of a private key.
    #[napi(constructor, catch_unwind)]
    pub fn new(options: String, report: Report, signs: bool, decrypts: bool) -> napi::Result<Self> {
        let report = Arc::new(report);
        let questions = signs.then(Arc::<Questions>::default);
        let made = || match &questions {
            None => HostClient::from_text(options),
            Some(questions) => {
                let asked = Arc::clone(&report);
                let ask: Ask = Box::new(move |id, what, text| send(&asked, id, what, text.into()));
                let signer = Signer { ask, questions: Arc::clone(questions), decrypts };
                HostClient::from_text_with_signer(options, Arc::new(signer))
            }
        };
        let host = guarded(made).map_err(thrown)?;
        Ok(Self { host, report, under_way: Arc::default(), questions })
    }

    /// This client, for calls that do otherwise what the JSON object says: see `HostClient::with_options`.
    #[napi(catch_unwind)]
    pub fn with_options(&self, options: String) -> napi::Result<Self> {
        let host = guarded(|| self.host.with_options(&options)).map_err(thrown)?;
        Ok(Self {
            host,
            report: Arc::clone(&self.report),
            under_way: Arc::clone(&self.under_way),
            questions: self.questions.clone(),
        })
    }

    /// What the signer made of the question with this id, as base64, or why it did not.
    #[napi(catch_unwind)]
    pub fn answer(&self, question: u32, base64: Option<String>, why: Option<String>) {
        let Some(questions) = &self.questions else { return };
        let bytes =
            base64.map(Zeroizing::new).map(|base64| STANDARD.decode(base64.as_bytes()).map(Zeroizing::new));
        let answer = match bytes {
            Some(Ok(bytes)) => Ok(bytes),
            _ => Err(why.unwrap_or_else(|| "the signer gave nothing".to_owned())),
        };
        questions.answer(question, answer);
    }

    #[napi(getter)]
    pub fn mchid(&self) -> &str {
        self.host.mchid()
    }

    #[napi(getter)]
    pub fn base_url(&self) -> &str {
        self.host.base_url()
    }

    /// Runs `job` on a thread of the core and reports what came of it, exactly once.
    fn start(
        &self,
        lane: Lane,
        id: u32,
        host: HostClient,
        control: CallControl,
        job: impl FnOnce(&HostClient) -> Result<Texts> + Send + 'static,
    ) {
        self.under_way.calls().insert(id, control);
        let (report, under_way) = (Arc::clone(&self.report), Arc::clone(&self.under_way));
        let end = move |result: std::result::Result<Texts, String>| {
            under_way.calls().remove(&id);
            match result {
                Ok(texts) => send(&report, id, What::Done, texts),
                Err(error) => send(&report, id, What::Failed, error.into()),
            }
        };
        let failed = end.clone();
        let work = move || end(guarded(|| job(&host)));
        let submitted = match lane {
            Lane::Network => self.host.submit(work),
            Lane::Local => self.host.submit_local(work),
        };
        if let Err(error) = guarded(|| submitted) {
            failed(Err(error));
        }
    }

    /// What waits for the network, until it is done, given up, or its time is up.
    fn send_for(
        &self,
        id: u32,
        about: &About<'_>,
        job: impl FnOnce(&HostClient) -> Result<Texts> + Send + 'static,
    ) {
        let limit = about.timeout.map(|limit| Duration::try_from_secs_f64(limit / 1000.0));
        let control = match limit {
            Some(Ok(limit)) => CallControl::with_timeout(limit.saturating_add(LATER)),
            _ => CallControl::new(),
        };
        let host = self.host.controlled_call(&control, about.operation_or_method);
        self.start(Lane::Network, id, host, control, job);
    }

    /// What only computes.
    fn compute(&self, id: u32, job: impl FnOnce(&HostClient) -> Result<Texts> + Send + 'static) {
        self.start(Lane::Local, id, self.host.clone(), CallControl::new(), job);
    }

    /// Gives a call up for good, and says in an error, as JSON, what that leaves behind. Nothing when the call has ended: then
    /// what came of it is on its way.
    #[napi]
    pub fn give_up(&self, id: u32, timed_out: bool) -> Option<String> {
        let control = self.under_way.calls().remove(&id)?;
        Some(exact(error_json(&control.give_up(why(timed_out)))))
    }

    /// The error, as JSON, of a call that was given up before it began.
    #[napi]
    pub fn give_up_unsent(&self, operation_or_method: String, timed_out: bool) -> String {
        let control = CallControl::new();
        let _ = self.host.controlled_call(&control, &operation_or_method);
        exact(error_json(&control.give_up(why(timed_out))))
    }

    #[napi(catch_unwind)]
    pub fn call(&self, id: u32, operation: String, params: String, timeout: Option<f64>) {
        let about = operation.clone();
        self.send_for(id, &About { operation_or_method: &about, timeout }, move |host| {
            #[cfg(feature = "provoke-panic")]
            provoke_panic(&operation);
            Ok(host.call(&operation, &params)?.into())
        });
    }

    #[napi(catch_unwind)]
    pub fn request(&self, id: u32, method: String, path: String, body: Option<String>, timeout: Option<f64>) {
        let about = method.clone();
        self.send_for(id, &About { operation_or_method: &about, timeout }, move |host| {
            Ok(host.request(&method, &path, body.as_deref())?.into())
        });
    }

    #[napi(catch_unwind)]
    pub fn prepare(&self, id: u32, operation: String, params: String) {
        self.compute(id, move |host| Texts::prepared(host.prepare(&operation, &params)?));
    }

    #[napi(catch_unwind)]
    pub fn prepare_request(&self, id: u32, method: String, path: String, body: Option<String>) {
        self.compute(id, move |host| {
            Texts::prepared(host.prepare_request(&method, &path, body.as_deref())?)
        });
    }

    /// Verifies and reads an answer on the calling thread, which takes microseconds. Nothing when it would take longer.
    #[napi(catch_unwind)]
    pub fn finish_now(
        &self,
        operation: String,
        status: u16,
        headers: String,
        body: &[u8],
    ) -> napi::Result<Option<Texts>> {
        // A signer of JavaScript's cannot be waited for here: it would never come to answer.
        if body.len() > QUICK_BYTES || self.questions.is_some() {
            return Ok(None);
        }
        guarded(|| {
            #[cfg(feature = "provoke-panic")]
            provoke_panic(&operation);
            let answer = self.host.finish_at_hand(&operation, status, lines(&headers), body.to_vec())?;
            Ok(answer.map(Texts::from))
        })
        .map_err(thrown)
    }

    #[napi(catch_unwind)]
    pub fn finish(&self, id: u32, operation: String, status: u16, headers: String, body: Buffer) {
        let body = body.to_vec();
        self.compute(id, move |host| Ok(host.finish(&operation, status, lines(&headers), body)?.into()));
    }

    /// As [`finish_now`](Self::finish_now), for an endpoint that is not typed: nothing in it is decrypted.
    #[napi(catch_unwind)]
    pub fn finish_request_now(
        &self,
        method: String,
        status: u16,
        headers: String,
        body: &[u8],
    ) -> napi::Result<Option<Texts>> {
        if body.len() > QUICK_BYTES {
            return Ok(None);
        }
        guarded(|| {
            let headers = lines(&headers);
            Ok(Some(self.host.finish_request_at_hand(&method, status, headers, body.to_vec())?.into()))
        })
        .map_err(thrown)
    }

    #[napi(catch_unwind)]
    pub fn finish_request(&self, id: u32, method: String, status: u16, headers: String, body: Buffer) {
        let body = body.to_vec();
        self.compute(id, move |host| Ok(host.finish_request(&method, status, lines(&headers), body)?.into()));
    }

    #[napi(catch_unwind)]
    pub fn upload(
        &self,
        id: u32,
        operation: String,
        params: String,
        file_name: String,
        content: Buffer,
        timeout: Option<f64>,
    ) {
        let (about, content) = (operation.clone(), content.to_vec());
        self.send_for(id, &About { operation_or_method: &about, timeout }, move |host| {
            Ok(host.upload(&operation, &params, &file_name, content)?.into())
        });
    }

    /// Carries out an operation that answers with a file.
    #[napi(catch_unwind)]
    pub fn call_for_file(
        &self,
        id: u32,
        operation: String,
        params: String,
        path: String,
        progress: bool,
        timeout: Option<f64>,
    ) {
        let (about, report) = (operation.clone(), progress.then(|| Arc::clone(&self.report)));
        self.send_for(id, &About { operation_or_method: &about, timeout }, move |host| {
            let progress = report.map(|report| told(report, id));
            Ok(host.call_for_file_to_path(&operation, &params, Path::new(&path), progress)?.into())
        });
    }

    #[napi(catch_unwind)]
    pub fn download(
        &self,
        id: u32,
        url: String,
        sha1: Option<String>,
        path: String,
        progress: bool,
        timeout: Option<f64>,
    ) {
        let report = progress.then(|| Arc::clone(&self.report));
        self.send_for(id, &About { operation_or_method: "GET", timeout }, move |host| {
            let progress = report.map(|report| told(report, id));
            Ok(host.download_to_path(&url, sha1.as_deref(), Path::new(&path), progress)?.into())
        });
    }

    /// What an answer announces, which is given as JSON.
    #[napi(catch_unwind)]
    pub fn download_announced(
        &self,
        id: u32,
        answer: String,
        path: String,
        progress: bool,
        timeout: Option<f64>,
    ) {
        let report = progress.then(|| Arc::clone(&self.report));
        self.send_for(id, &About { operation_or_method: "GET", timeout }, move |host| {
            let progress = report.map(|report| told(report, id));
            Ok(host.download_announced_to_path(&answer, Path::new(&path), progress)?.into())
        });
    }

    /// Verifies and decrypts with the keys at hand, on the calling thread: microseconds, and no network. Nothing when it
    /// would take longer, or when a certificate may have to be downloaded first.
    #[napi(catch_unwind)]
    pub fn parse_notification_now(&self, headers: String, body: &[u8]) -> napi::Result<Option<String>> {
        if body.len() > QUICK_BYTES {
            return Ok(None);
        }
        guarded(|| self.host.parse_notification_offline(&lines(&headers), body))
            .map(|text| text.map(exact))
            .map_err(thrown)
    }

    /// The same on a thread. Reports an empty text when a certificate may have to be downloaded first.
    #[napi(catch_unwind)]
    pub fn parse_notification_local(&self, id: u32, headers: String, body: Buffer) {
        let body = body.to_vec();
        self.compute(id, move |host| {
            Ok(host
                .parse_notification_offline(&lines(&headers), &body)?
                .map(exact)
                .unwrap_or_default()
                .into())
        });
    }

    /// As those, after a download of certificates.
    #[napi(catch_unwind)]
    pub fn parse_notification(&self, id: u32, headers: String, body: Buffer) {
        let body = body.to_vec();
        let parse = move |host: &HostClient| host.parse_notification(&lines(&headers), &body);
        let about = About { operation_or_method: "GET", timeout: None };
        self.send_for(id, &about, move |host| Ok(exact(parse(host)?).into()));
    }

    /// Reports the signed answer to a notification of this type.
    #[napi(catch_unwind)]
    pub fn answer_notification(&self, id: u32, kind: Option<String>, answer: String) {
        self.compute(id, move |host| {
            let reply = host.answer_notification(kind.as_deref(), &answer)?;
            Ok(reply_json(&reply).into())
        });
    }

    /// What the client side opens WeChat with, by name; the parameters as JSON.
    #[napi(catch_unwind)]
    pub fn front_end(&self, id: u32, opens: String, params: String) {
        self.compute(id, move |host| Ok(host.front_end(&opens, &params)?.into()));
    }

    /// Reports ciphertext and serial.
    #[napi(catch_unwind)]
    pub fn encrypt_field(&self, id: u32, plain: String) {
        self.compute(id, move |host| {
            let (ciphertext, serial) = host.encrypt_field(&plain)?;
            Ok(Texts { text: ciphertext, about: serial })
        });
    }

    #[napi(catch_unwind)]
    pub fn decrypt_field(&self, id: u32, ciphertext: String) {
        self.compute(id, move |host| Ok(host.decrypt_field(&ciphertext)?.into()));
    }

    /// The next rows of a bill file, which is opened by the first call.
    #[napi(catch_unwind)]
    pub fn next_rows(&self, id: u32, file: &BillFile, limit: u32) {
        let (path, kind, rows) = (file.path.clone(), file.kind.clone(), Arc::clone(&file.rows));
        self.compute(id, move |_| {
            let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
            if rows.is_none() {
                *rows = Some(Rows::open(&path, &kind)?);
            }
            let limit = usize::try_from(limit).unwrap_or(usize::MAX);
            Ok(exact(rows.get_or_insert_default().next(limit)?).into())
        });
    }

    /// Takes no more calls. Those under way finish and are reported.
    #[napi]
    pub fn close(&self) {
        self.host.close();
    }
}

/// A bill file that is read batch by batch.
#[napi]
pub struct BillFile {
    path: String,
    kind: String,
    rows: Arc<Mutex<Option<Rows>>>,
}

#[napi]
impl BillFile {
    #[napi(constructor)]
    pub fn new(path: String, kind: String) -> Self {
        Self { path, kind, rows: Arc::default() }
    }

    /// Lets go of the file.
    #[napi]
    pub fn close(&self) {
        *self.rows.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// A report to an environment that has ended (a worker thread was terminated) is lost, as it must be.
fn send(report: &Report, id: u32, what: What, texts: Texts) {
    let message = FnArgs::from((id, what as u32, texts.text, texts.about));
    report.call(message, ThreadsafeFunctionCallMode::NonBlocking);
}

/// Reports how far a download has come.
fn told(report: Arc<Report>, id: u32) -> ProgressFn {
    Box::new(move |received, total| {
        let total = total.map_or_else(|| "null".to_owned(), |total| total.to_string());
        send(&report, id, What::Progress, format!("[{received},{total}]").into());
    })
}

/// A line for each name and each value: one text crosses over faster than many.
fn lines(text: &str) -> Headers {
    let mut lines = text.split('\n');
    std::iter::from_fn(|| Some((lines.next()?, lines.next()?))).collect()
}

fn why(timed_out: bool) -> GivenUp {
    if timed_out { GivenUp::TimedOut } else { GivenUp::Cancelled }
}
