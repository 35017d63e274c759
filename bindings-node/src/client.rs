//! The client as JavaScript sees it: every method starts a job and returns at once.

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use napi::Status;
use napi::bindgen_prelude::{Buffer, Either5, FnArgs};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi_derive::napi;
use wechatpay_core::error::Result;
use wechatpay_core::host::{HostClient, ProgressFn};
use wechatpay_core::http::Headers;

use crate::outcome::{Outcome, Progress, Text, guarded, thrown};
use crate::rows::Rows;

type Message = FnArgs<(u32, Outcome)>;
/// Weak: it never keeps the process alive.
type Report = ThreadsafeFunction<Message, (), Message, Status, false, true>;

/// Ids of the calls that no thread has taken up yet.
#[derive(Default)]
struct Waiting(Mutex<HashSet<u32>>);

impl Waiting {
    fn ids(&self) -> MutexGuard<'_, HashSet<u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A client. `report` is called with the id that JavaScript gave a call and what came of it.
#[napi]
pub struct NativeClient {
    host: HostClient,
    report: Arc<Report>,
    waiting: Arc<Waiting>,
}

#[napi]
impl NativeClient {
    #[napi(constructor, catch_unwind)]
    pub fn new(options: String, report: Report) -> napi::Result<Self> {
        let host = guarded(|| HostClient::new(&options)).map_err(thrown)?;
        Ok(Self { host, report: Arc::new(report), waiting: Arc::default() })
    }

    #[napi(getter)]
    pub fn mchid(&self) -> &str {
        self.host.mchid()
    }

    /// Runs `job` on a thread of the core and reports what came of it: exactly once, unless it was cancelled.
    fn spawn(&self, id: u32, job: impl FnOnce(&HostClient) -> Result<Outcome> + Send + 'static) {
        self.waiting.ids().insert(id);
        let (host, report, waiting) =
            (self.host.clone(), Arc::clone(&self.report), Arc::clone(&self.waiting));
        let submitted = self.host.submit(move || {
            if waiting.ids().remove(&id) {
                send(&report, id, guarded(|| job(&host)).unwrap_or_else(Either5::A));
            }
        });
        if let Err(failure) = guarded(|| submitted) {
            self.waiting.ids().remove(&id);
            send(&self.report, id, Either5::A(failure));
        }
    }

    /// Gives a call up. True when no thread had taken it up: then nothing was sent, and nothing will be reported.
    #[napi]
    pub fn cancel(&self, id: u32) -> bool {
        self.waiting.ids().remove(&id)
    }

    #[napi(catch_unwind)]
    pub fn call(&self, id: u32, operation: String, params: String) {
        self.spawn(id, move |host| Ok(Either5::B(host.call(&operation, &params)?.into())));
    }

    #[napi(catch_unwind)]
    pub fn request(&self, id: u32, method: String, path: String, body: Option<String>) {
        self.spawn(id, move |host| Ok(Either5::B(host.request(&method, &path, body.as_deref())?.into())));
    }

    #[napi(catch_unwind)]
    pub fn prepare(&self, id: u32, operation: String, params: String) {
        self.spawn(id, move |host| Ok(Either5::C(host.prepare(&operation, &params)?.into())));
    }

    #[napi(catch_unwind)]
    pub fn prepare_request(&self, id: u32, method: String, path: String, body: Option<String>) {
        self.spawn(id, move |host| {
            Ok(Either5::C(host.prepare_request(&method, &path, body.as_deref())?.into()))
        });
    }

    #[napi(catch_unwind)]
    pub fn finish(&self, id: u32, operation: String, status: u16, headers: String, body: Buffer) {
        let body = body.to_vec();
        self.spawn(id, move |host| {
            Ok(Either5::B(host.finish(&operation, status, lines(&headers), body)?.into()))
        });
    }

    #[napi(catch_unwind)]
    pub fn finish_request(&self, id: u32, method: String, status: u16, headers: String, body: Buffer) {
        let body = body.to_vec();
        self.spawn(id, move |host| {
            Ok(Either5::B(host.finish_request(&method, status, lines(&headers), body)?.into()))
        });
    }

    #[napi(catch_unwind)]
    pub fn upload(&self, id: u32, operation: String, file_name: String, content: Buffer) {
        let content = content.to_vec();
        self.spawn(id, move |host| Ok(Either5::B(host.upload(&operation, &file_name, content)?.into())));
    }

    #[napi(catch_unwind)]
    pub fn download(&self, id: u32, url: String, sha1: Option<String>, path: String, progress: bool) {
        let report = progress.then(|| Arc::clone(&self.report));
        self.spawn(id, move |host| {
            let progress = report.map(|report| -> ProgressFn {
                Box::new(move |received, total| {
                    #[expect(clippy::cast_precision_loss, reason = "exact up to 8 PB")]
                    let progress =
                        Progress { received: received as f64, total: total.map(|total| total as f64) };
                    send(&report, id, Either5::D(progress));
                })
            });
            text(host.download_to_path(&url, sha1.as_deref(), Path::new(&path), progress)?)
        });
    }

    /// Verifies and decrypts with the keys at hand, on the calling thread: microseconds, and no network.
    #[napi(catch_unwind)]
    pub fn parse_notification_now(&self, headers: String, body: &[u8]) -> napi::Result<String> {
        guarded(|| self.host.parse_notification_offline(&lines(&headers), body)).map_err(thrown)
    }

    #[napi(catch_unwind)]
    pub fn parse_notification(&self, id: u32, headers: String, body: Buffer) {
        let body = body.to_vec();
        self.spawn(id, move |host| text(host.parse_notification(&lines(&headers), &body)?));
    }

    #[napi(catch_unwind)]
    pub fn jsapi_payment(&self, id: u32, appid: String, prepay_id: String) {
        self.spawn(id, move |host| text(host.jsapi_payment(&appid, &prepay_id)?));
    }

    #[napi(catch_unwind)]
    pub fn app_payment(&self, id: u32, appid: String, prepay_id: String) {
        self.spawn(id, move |host| text(host.app_payment(&appid, &prepay_id)?));
    }

    /// Reports ciphertext and serial, with a blank between them: neither holds one.
    #[napi(catch_unwind)]
    pub fn encrypt_field(&self, id: u32, plain: String) {
        self.spawn(id, move |host| {
            let (ciphertext, serial) = host.encrypt_field(&plain)?;
            text(format!("{ciphertext} {serial}"))
        });
    }

    #[napi(catch_unwind)]
    pub fn decrypt_field(&self, id: u32, ciphertext: String) {
        self.spawn(id, move |host| text(host.decrypt_field(&ciphertext)?));
    }

    /// The next rows of a bill file, which is opened by the first call.
    #[napi(catch_unwind)]
    pub fn next_rows(&self, id: u32, file: &BillFile, limit: u32) {
        let (path, rows) = (file.path.clone(), Arc::clone(&file.rows));
        self.spawn(id, move |_| {
            let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
            if rows.is_none() {
                *rows = Some(Rows::open(&path)?);
            }
            text(rows.get_or_insert_default().next(usize::try_from(limit).unwrap_or(usize::MAX))?)
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
    rows: Arc<Mutex<Option<Rows>>>,
}

#[napi]
impl BillFile {
    #[napi(constructor)]
    pub fn new(path: String) -> Self {
        Self { path, rows: Arc::default() }
    }

    /// Lets go of the file.
    #[napi]
    pub fn close(&self) {
        *self.rows.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// A report to an environment that has ended (a worker thread was terminated) is lost, as it must be.
fn send(report: &Report, id: u32, outcome: Outcome) {
    report.call(FnArgs::from((id, outcome)), ThreadsafeFunctionCallMode::NonBlocking);
}

#[expect(clippy::unnecessary_wraps, reason = "ends jobs, which can fail")]
fn text(text: String) -> Result<Outcome> {
    Ok(Either5::E(Text { text }))
}

/// A line for each name and each value: one text crosses over faster than many.
fn lines(text: &str) -> Headers {
    let mut lines = text.split('\n');
    std::iter::from_fn(|| Some((lines.next()?, lines.next()?))).collect()
}
