//! What a client can be asked to do, independent of who waits for it.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};
use serde_json::Value;
use wechatpay_core::host::{HostAnswer, HostClient, ProgressFn, method_named, operation, reply_json};
use wechatpay_core::http::{HttpRequest, HttpResponse};
use wechatpay_core::operation::notification_named;
use wechatpay_core::{Answer, Notification, Result};

use crate::headers::headers as headers_of;
use crate::streams::{Progress, Writer};
use crate::values::{from_py, to_py};

pub(crate) type Work = Box<dyn FnOnce(&HostClient) -> Result<Done> + Send>;

/// What a job leaves behind.
pub(crate) enum Done {
    Answer(Box<Answer>),
    Notification(Box<Notification>),
    Host(HostAnswer),
    /// JSON text that is no answer.
    Json(String),
    Request(Box<HttpRequest>),
    Text(String),
    Texts(String, String),
    /// What was asked for takes the network, and was to be done without.
    NotHere,
}

impl Done {
    fn host(answer: HostAnswer) -> Self {
        Self::Host(answer)
    }

    const fn json(text: String) -> Self {
        Self::Json(text)
    }

    /// The value and, of an answer, `(status, request id, serial, attempts)`.
    pub(crate) fn into_py(self, py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        match self {
            Self::Answer(answer) => {
                let about = (answer.status, answer.request_id, answer.serial, answer.attempts);
                (to_py(py, &answer.value)?, about).into_pyobject(py)
            }
            Self::Host(answer) => {
                let about = (answer.status, answer.request_id, answer.serial, answer.attempts);
                (value_of(py, &answer.json)?, about).into_pyobject(py)
            }
            Self::Notification(notification) => {
                (notification_dict(py, &notification)?, py.None()).into_pyobject(py)
            }
            Self::Json(json) => (value_of(py, &json)?, py.None()).into_pyobject(py),
            Self::Text(text) => (text, py.None()).into_pyobject(py),
            Self::NotHere => (py.None(), py.None()).into_pyobject(py),
            Self::Texts(first, second) => ((first, second), py.None()).into_pyobject(py),
            Self::Request(request) => {
                let headers: Vec<(&str, &str)> = request.headers.iter().collect();
                let body = PyBytes::new(py, &request.body);
                let parts = (request.method.as_str(), request.url.as_str(), headers, body);
                (parts, py.None()).into_pyobject(py)
            }
        }
    }
}

fn value_of<'py>(py: Python<'py>, json: &str) -> PyResult<Bound<'py, PyAny>> {
    let value: Value =
        serde_json::from_str(json).map_err(|error| PyValueError::new_err(error.to_string()))?;
    to_py(py, &value)
}

/// The envelope with the decrypted resource. Type checkers tell members of a union apart by literals only: where the
/// other languages have null for a type that the spec does not know, Python has a text.
fn notification_dict<'py>(py: Python<'py>, notification: &Notification) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("id", &notification.id)?;
    dict.set_item("create_time", &notification.create_time)?;
    dict.set_item("event_type", &notification.event_type)?;
    dict.set_item("resource_type", &notification.resource_type)?;
    dict.set_item("summary", &notification.summary)?;
    dict.set_item("original_type", &notification.original_type)?;
    dict.set_item("associated_data", &notification.associated_data)?;
    dict.set_item("serial", &notification.serial)?;
    dict.set_item("type", notification.kind.map_or("unknown", |kind| kind.id()))?;
    dict.set_item("resource", to_py(py, &notification.resource)?)?;
    Ok(dict)
}

/// What is to be done, and how.
pub(crate) struct Task {
    pub(crate) work: Work,
    pub(crate) way: Way,
}

/// What a job needs while it is done: this says which threads may do it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// It only computes, and never stands behind those that wait for the network.
    Computes,
    /// It waits for the network and runs no Python meanwhile, so that another thread may do it while this one watches for
    /// signals.
    Waits,
    /// It waits for the network, and calls back into Python.
    CallsBack,
}

/// One thing to do, once: `NativeClient.run` does it here and now, `NativeClient.start` on a thread of the pool.
#[pyclass(frozen, module = "wechatpay_rs._native")]
pub(crate) struct Job(Mutex<Option<Task>>);

impl Job {
    fn new(way: Way, work: impl FnOnce(&HostClient) -> Result<Done> + Send + 'static) -> Self {
        Self(Mutex::new(Some(Task { work: Box::new(work), way })))
    }

    /// Work that only computes.
    fn computing(work: impl FnOnce(&HostClient) -> Result<Done> + Send + 'static) -> Self {
        Self::new(Way::Computes, work)
    }

    /// Work that waits for the network.
    fn waiting(work: impl FnOnce(&HostClient) -> Result<Done> + Send + 'static) -> Self {
        Self::new(Way::Waits, work)
    }

    /// What fetches a file to a path.
    fn to_path(
        path: PathBuf,
        progress: Option<Py<PyAny>>,
        fetch: impl FnOnce(&HostClient, &Path, Option<ProgressFn>) -> Result<String> + Send + 'static,
    ) -> Self {
        let way = if progress.is_none() { Way::Waits } else { Way::CallsBack };
        let progress = progress.map(Progress::new);
        Self::new(way, move |client| {
            fetch(client, &path, progress.map(Progress::into_function)).map(Done::json)
        })
    }

    /// What fetches a file into an object with `write`.
    fn into_file(
        file: Py<PyAny>,
        progress: Option<Py<PyAny>>,
        fetch: impl FnOnce(&HostClient, &mut Writer, Option<ProgressFn>) -> Result<String> + Send + 'static,
    ) -> Self {
        let progress = progress.map(Progress::new);
        Self::new(Way::CallsBack, move |client| {
            let mut out = Writer::new(file);
            fetch(client, &mut out, progress.map(Progress::into_function)).map(Done::json)
        })
    }

    pub(crate) fn take(&self) -> PyResult<Task> {
        let task = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        task.ok_or_else(|| PyRuntimeError::new_err("a job can be done once only"))
    }
}

#[pymethods]
impl Job {
    /// An operation of the table.
    #[staticmethod]
    fn call(name: String, params: &Bound<'_, PyAny>) -> PyResult<Self> {
        let params = from_py(params, Some(&name))?;
        Ok(Self::waiting(move |client| {
            let answer = client.client()?.execute(operation(&name)?, params)?;
            Ok(Done::Answer(Box::new(answer)))
        }))
    }

    /// An endpoint that is not typed.
    #[staticmethod]
    fn request(method: String, path: String, body: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let body = body.map(|body| from_py(body, None)).transpose()?;
        Ok(Self::waiting(move |client| {
            let answer = client.client()?.request(method_named(&method)?, &path, body)?;
            Ok(Done::Answer(Box::new(answer)))
        }))
    }

    /// An upload of bytes.
    #[staticmethod]
    fn upload(
        operation: String,
        params: &Bound<'_, PyAny>,
        file_name: String,
        content: Vec<u8>,
    ) -> PyResult<Self> {
        let params = from_py(params, Some(&operation))?.to_string();
        Ok(Self::waiting(move |client| {
            client.upload(&operation, &params, &file_name, content).map(Done::host)
        }))
    }

    /// An upload of a file on disk, read without holding the interpreter.
    #[staticmethod]
    fn upload_path(
        operation: String,
        params: &Bound<'_, PyAny>,
        path: PathBuf,
        file_name: Option<String>,
    ) -> PyResult<Self> {
        let params = from_py(params, Some(&operation))?.to_string();
        Ok(Self::waiting(move |client| {
            client.upload_path(&operation, &params, &path, file_name.as_deref()).map(Done::host)
        }))
    }

    /// A download to a path.
    #[staticmethod]
    fn download_path(url: String, sha1: Option<String>, path: PathBuf, progress: Option<Py<PyAny>>) -> Self {
        Self::to_path(path, progress, move |client, path, progress| {
            client.download_to_path(&url, sha1.as_deref(), path, progress)
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
        Self::into_file(file, progress, move |client, out, progress| {
            client.download(&url, sha1.as_deref(), out, progress)
        })
    }

    /// A download to a path of what an answer announces.
    #[staticmethod]
    fn announced_path(
        answer: &Bound<'_, PyAny>,
        path: PathBuf,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let answer = from_py(answer, None)?.to_string();
        Ok(Self::to_path(path, progress, move |client, path, progress| {
            client.download_announced_to_path(&answer, path, progress)
        }))
    }

    /// A download into an object with `write` of what an answer announces.
    #[staticmethod]
    fn announced_into(
        answer: &Bound<'_, PyAny>,
        file: Py<PyAny>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let answer = from_py(answer, None)?.to_string();
        Ok(Self::into_file(file, progress, move |client, out, progress| {
            client.download_announced(&answer, out, progress)
        }))
    }

    /// An operation that answers with a file, to a path.
    #[staticmethod]
    fn call_for_file_path(
        name: String,
        params: &Bound<'_, PyAny>,
        path: PathBuf,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let params = from_py(params, Some(&name))?.to_string();
        Ok(Self::to_path(path, progress, move |client, path, progress| {
            client.call_for_file_to_path(&name, &params, path, progress)
        }))
    }

    /// An operation that answers with a file, into an object with `write`.
    #[staticmethod]
    fn call_for_file_into(
        name: String,
        params: &Bound<'_, PyAny>,
        file: Py<PyAny>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let params = from_py(params, Some(&name))?.to_string();
        Ok(Self::into_file(file, progress, move |client, out, progress| {
            client.call_for_file(&name, &params, out, progress)
        }))
    }

    /// A notification: headers and raw bytes. Offline, no certificate is downloaded; `None` where that may be needed.
    #[staticmethod]
    fn notification(headers: &Bound<'_, PyAny>, body: &Bound<'_, PyBytes>, offline: bool) -> PyResult<Self> {
        let headers = headers_of(headers)?;
        let body = body.as_bytes().to_vec();
        let way = if offline { Way::Computes } else { Way::Waits };
        Ok(Self::new(way, move |client| {
            let client = client.client()?;
            if !offline {
                return client.parse_notification(&headers, &body).map(|it| Done::Notification(Box::new(it)));
            }
            match client.kernel().parse_notification(&headers, &body) {
                Err(error) if client.kernel().certificates_may_help(&error) => Ok(Done::NotHere),
                parsed => parsed.map(|it| Done::Notification(Box::new(it))),
            }
        }))
    }

    /// The signed answer to a notification of this type.
    #[staticmethod]
    fn answer_notification(kind: String, answer: &Bound<'_, PyAny>) -> PyResult<Self> {
        let answer = from_py(answer, Some("notifications.answer"))?;
        Ok(Self::computing(move |client| {
            let kind = notification_named(&kind);
            let reply = client.client()?.kernel().answer_notification(kind, &answer)?;
            Ok(Done::json(reply_json(&reply)))
        }))
    }

    /// A signed request for another HTTP client.
    #[staticmethod]
    fn prepare(name: String, params: &Bound<'_, PyAny>) -> PyResult<Self> {
        let params = from_py(params, Some(&name))?;
        Ok(Self::computing(move |client| {
            let request = client.client()?.prepare(operation(&name)?, params)?;
            Ok(Done::Request(Box::new(request)))
        }))
    }

    /// The answer that another HTTP client received.
    #[staticmethod]
    fn finish(
        name: String,
        status: u16,
        headers: &Bound<'_, PyAny>,
        body: &Bound<'_, PyBytes>,
    ) -> PyResult<Self> {
        let response = HttpResponse::new(status, headers_of(headers)?, body.as_bytes().to_vec());
        Ok(Self::computing(move |client| {
            let answer = client.client()?.kernel().finish(operation(&name)?, &response)?;
            Ok(Done::Answer(Box::new(answer)))
        }))
    }

    /// What the client side opens WeChat with, by name; the parameters as JSON.
    #[staticmethod]
    fn front_end(opens: String, params: String) -> Self {
        Self::computing(move |client| client.front_end(&opens, &params).map(Done::json))
    }

    /// Ciphertext and serial.
    #[staticmethod]
    fn encrypt(text: String) -> Self {
        Self::computing(move |client| {
            client.encrypt_field(&text).map(|(text, serial)| Done::Texts(text, serial))
        })
    }

    /// Plain text.
    #[staticmethod]
    fn decrypt(ciphertext: String) -> Self {
        Self::computing(move |client| client.decrypt_field(&ciphertext).map(Done::Text))
    }

    /// A bug, for the tests: what becomes of a panic. Not in release builds.
    #[cfg(debug_assertions)]
    #[staticmethod]
    fn panic() -> Self {
        Self::waiting(|_| {
            #[allow(clippy::panic, reason = "provoking one is what this is for")]
            {
                panic!("provoked by a test")
            }
        })
    }
}

/// Method and path of what goes out; see `host::http_of`.
#[pyfunction]
pub(crate) fn http_of(what: &str) -> Option<(&str, &str)> {
    wechatpay_core::host::http_of(what)
}
