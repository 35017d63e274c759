//! What a client can be asked to do, independent of who waits for it.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};
use wechatpay_core::Result;
use wechatpay_core::host::{HostAnswer, HostClient};
use wechatpay_core::http::{Headers, HttpRequest};

use crate::streams::{Progress, Writer};

/// Headers as they come from Python.
type Pairs = Vec<(String, String)>;
pub(crate) type Work = Box<dyn FnOnce(&HostClient) -> Result<Outcome> + Send>;

/// What a job leaves behind.
pub(crate) enum Outcome {
    Answer(HostAnswer),
    Json(String),
    Request(HttpRequest),
    Texts(String, String),
}

impl Outcome {
    /// `(value, status, request id)`
    pub(crate) fn into_py(self, py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        match self {
            Self::Answer(answer) => (answer.json, answer.status, answer.request_id).into_pyobject(py),
            Self::Json(json) => (json, py.None(), py.None()).into_pyobject(py),
            Self::Texts(first, second) => ((first, second), py.None(), py.None()).into_pyobject(py),
            Self::Request(request) => {
                let headers: Vec<(&str, &str)> = request.headers.iter().collect();
                let body = PyBytes::new(py, &request.body);
                let parts = (request.method.as_str(), request.url, headers, body);
                (parts, py.None(), py.None()).into_pyobject(py)
            }
        }
    }
}

/// One thing to do, once: `NativeClient.run` does it here and now, `NativeClient.start` on a thread of the pool.
#[pyclass(frozen, module = "wechatpay_rs._native")]
pub(crate) struct Job(Mutex<Option<Work>>);

impl Job {
    fn new(work: impl FnOnce(&HostClient) -> Result<Outcome> + Send + 'static) -> Self {
        Self(Mutex::new(Some(Box::new(work))))
    }

    pub(crate) fn take(&self) -> PyResult<Work> {
        let work = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        work.ok_or_else(|| PyRuntimeError::new_err("a job can be done once only"))
    }
}

#[pymethods]
impl Job {
    /// An operation of the table.
    #[staticmethod]
    fn call(operation: String, params: String) -> Self {
        Self::new(move |client| client.call(&operation, &params).map(Outcome::Answer))
    }

    /// An endpoint that is not typed.
    #[staticmethod]
    fn request(method: String, path: String, body: Option<String>) -> Self {
        Self::new(move |client| client.request(&method, &path, body.as_deref()).map(Outcome::Answer))
    }

    /// An upload of bytes.
    #[staticmethod]
    fn upload(operation: String, file_name: String, content: Vec<u8>) -> Self {
        Self::new(move |client| client.upload(&operation, &file_name, content).map(Outcome::Answer))
    }

    /// An upload of a file on disk, read without holding the interpreter.
    #[staticmethod]
    fn upload_path(operation: String, path: PathBuf, file_name: Option<String>) -> Self {
        Self::new(move |client| {
            client.upload_path(&operation, &path, file_name.as_deref()).map(Outcome::Answer)
        })
    }

    /// A download to a path.
    #[staticmethod]
    fn download_path(url: String, sha1: Option<String>, path: PathBuf, progress: Option<Py<PyAny>>) -> Self {
        let progress = progress.map(Progress::new);
        Self::new(move |client| {
            let progress = progress.map(Progress::into_function);
            client.download_to_path(&url, sha1.as_deref(), &path, progress).map(Outcome::Json)
        })
    }

    /// A download into an object with `write`.
    #[staticmethod]
    fn download_into(
        url: String,
        sha1: Option<String>,
        file: Py<PyAny>,
        progress: Option<Py<PyAny>>,
    ) -> Self {
        let progress = progress.map(Progress::new);
        Self::new(move |client| {
            let progress = progress.map(Progress::into_function);
            let mut out = Writer::new(file);
            client.download(&url, sha1.as_deref(), &mut out, progress).map(Outcome::Json)
        })
    }

    /// A notification: headers and raw bytes.
    #[staticmethod]
    fn notification(headers: Pairs, body: Vec<u8>) -> Self {
        let headers = Headers::from_iter(headers);
        Self::new(move |client| client.parse_notification(&headers, &body).map(Outcome::Json))
    }

    /// A signed request for another HTTP client.
    #[staticmethod]
    fn prepare(operation: String, params: String) -> Self {
        Self::new(move |client| client.prepare(&operation, &params).map(Outcome::Request))
    }

    /// The answer that another HTTP client received.
    #[staticmethod]
    fn finish(operation: String, status: u16, headers: Pairs, body: Vec<u8>) -> Self {
        let headers = Headers::from_iter(headers);
        Self::new(move |client| client.finish(&operation, status, headers, body).map(Outcome::Answer))
    }

    /// Parameters for the cashier of a page or mini-program.
    #[staticmethod]
    fn jsapi_payment(appid: String, prepay_id: String) -> Self {
        Self::new(move |client| client.jsapi_payment(&appid, &prepay_id).map(Outcome::Json))
    }

    /// Parameters for the cashier of an app.
    #[staticmethod]
    fn app_payment(appid: String, prepay_id: String) -> Self {
        Self::new(move |client| client.app_payment(&appid, &prepay_id).map(Outcome::Json))
    }

    /// Ciphertext and serial.
    #[staticmethod]
    fn encrypt(text: String) -> Self {
        Self::new(move |client| {
            client.encrypt_field(&text).map(|(text, serial)| Outcome::Texts(text, serial))
        })
    }

    /// Plain text.
    #[staticmethod]
    fn decrypt(ciphertext: String) -> Self {
        Self::new(move |client| client.decrypt_field(&ciphertext).map(Outcome::Json))
    }
}
