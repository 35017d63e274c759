//! The client of one merchant.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyTuple;
use wechatpay_core::CallControl;
use wechatpay_core::host::HostClient;

use crate::errors::{exception, guarded};
use crate::job::{Job, Task, Way};
use crate::queue::{Queue, Ticket};
use crate::shutdown::Entry;
use crate::signer::Signer;
use crate::streams;
use crate::values::from_py;
use crate::watch;

/// Shared by threads, and usable after `fork`.
#[pyclass(frozen, module = "wechatpay_rs._native")]
pub(crate) struct NativeClient(HostClient);

#[pymethods]
impl NativeClient {
    /// Options as a dict, under the names that the core knows; and what signs and decrypts in place of a private key.
    #[new]
    #[pyo3(signature = (options, sign=None, decrypt=None))]
    fn new(
        py: Python<'_>,
        options: &Bound<'_, PyAny>,
        sign: Option<Py<PyAny>>,
        decrypt: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let options = from_py(options, Some("options"))?;
        let made = move || match sign {
            Some(sign) => HostClient::with_signer(options, Arc::new(Signer { sign, decrypt })),
            None => HostClient::from_value(options),
        };
        py.detach(|| guarded(made)).map(Self).map_err(|error| exception(py, &error))
    }

    /// This client, for calls that do otherwise what a dict says: see `HostClient::with_options`.
    fn with_options(&self, py: Python<'_>, options: &Bound<'_, PyAny>) -> PyResult<Self> {
        let options = from_py(options, Some("options"))?.to_string();
        guarded(|| self.0.with_options(&options)).map(Self).map_err(|error| exception(py, &error))
    }

    /// The merchant number.
    #[getter]
    fn mchid(&self) -> &str {
        self.0.mchid()
    }

    /// Where requests go.
    #[getter]
    fn base_url(&self) -> &str {
        self.0.base_url()
    }

    /// Does the job on this thread and returns its value and, of an answer, `(status, request id, serial, attempts)`. On the main thread one that waits for the
    /// network is done by another, so that signals are not kept waiting.
    fn run<'py>(&self, py: Python<'py>, job: &Job, on_main_thread: bool) -> PyResult<Bound<'py, PyTuple>> {
        let Task { work, way } = job.take()?;
        let result = if way == Way::Waits && on_main_thread {
            watch::run(py, &self.0, work)?
        } else {
            let (result, entry) = py.detach(|| {
                let result = guarded(|| work(&self.0));
                (result, Entry::new())
            });
            drop(entry);
            result
        };
        match result {
            Ok(done) => match streams::raised_in_callback() {
                Some(error) => Err(error),
                None => done.into_py(py),
            },
            Err(error) => Err(streams::raised_in_callback().unwrap_or_else(|| exception(py, &error))),
        }
    }

    /// Has the job done on a thread of the pool; its result appears in the queue under `token`, unless it is given up.
    fn start(&self, py: Python<'_>, queue: &Queue, token: u64, job: &Job) -> PyResult<Ticket> {
        let Task { work, way } = job.take()?;
        let control = CallControl::new();
        let client = self.0.controlled(&control);
        let (queue, held) = (queue.handle(), control.clone());
        let job = move || {
            if held.is_given_up() {
                return;
            }
            let result = guarded(|| work(&client));
            let raised = streams::raised_in_callback();
            if !held.is_given_up() {
                queue.push(token, result, raised);
            }
        };
        let submitted = if way == Way::Computes { self.0.submit_local(job) } else { self.0.submit(job) };
        submitted.map_err(|error| exception(py, &error))?;
        Ok(Ticket::new(control))
    }

    /// Ends the client.
    fn close(&self, py: Python<'_>) {
        py.detach(|| self.0.close());
    }
}
