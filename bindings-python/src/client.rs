//! The client of one merchant.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::prelude::*;
use pyo3::types::PyTuple;
use wechatpay_core::host::HostClient;

use crate::errors::{exception, guarded};
use crate::job::{Job, Task};
use crate::queue::{Queue, Ticket};
use crate::shutdown::Entry;
use crate::streams;
use crate::values::from_py;
use crate::watch;

/// Shared by threads, and usable after `fork`.
#[pyclass(frozen, module = "wechatpay_rs._native")]
pub(crate) struct NativeClient(HostClient);

#[pymethods]
impl NativeClient {
    /// Options as a dict, under the names that the core knows.
    #[new]
    fn new(py: Python<'_>, options: &Bound<'_, PyAny>) -> PyResult<Self> {
        let options = from_py(options, Some("options"))?.to_string();
        py.detach(|| guarded(|| HostClient::new(&options))).map(Self).map_err(|error| exception(py, &error))
    }

    /// The merchant number.
    #[getter]
    fn mchid(&self) -> &str {
        self.0.mchid()
    }

    /// Does the job on this thread and returns `(value, status, request id)`. On the main thread one that waits for the
    /// network is done by another, so that signals are not kept waiting.
    fn run<'py>(&self, py: Python<'py>, job: &Job, on_main_thread: bool) -> PyResult<Bound<'py, PyTuple>> {
        let Task { work, waits } = job.take()?;
        let result = if waits && on_main_thread {
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
            Ok(outcome) => match streams::raised_in_callback() {
                Some(error) => Err(error),
                None => outcome.into_py(py),
            },
            Err(error) => Err(streams::raised_in_callback().unwrap_or_else(|| exception(py, &error))),
        }
    }

    /// Has the job done on a thread of the pool; its result appears in the queue under `token`.
    fn start(&self, py: Python<'_>, queue: &Queue, token: u64, job: &Job) -> PyResult<Ticket> {
        let Task { work, .. } = job.take()?;
        let client = self.0.clone();
        let queue = queue.handle();
        let cancelled = Arc::new(AtomicBool::new(false));
        let given_up = Arc::clone(&cancelled);
        let submitted = self.0.submit(move || {
            // Nobody waits any more, and nothing was sent yet: then it is not sent at all.
            if given_up.load(Ordering::SeqCst) {
                return;
            }
            let result = guarded(|| work(&client));
            queue.push(token, result, streams::raised_in_callback());
        });
        submitted.map_err(|error| exception(py, &error))?;
        Ok(Ticket::new(cancelled))
    }

    /// Ends the client.
    fn close(&self, py: Python<'_>) {
        py.detach(|| self.0.close());
    }
}
