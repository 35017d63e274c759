//! Results on their way from the threads of the pool to an event loop.
//!
//! A result does not need the interpreter to be put down. Only the first one after the loop last looked wakes it, so
//! that under load one wake-up carries many results.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};
use wechatpay_core::Result;

use crate::errors::exception;
use crate::job::Outcome;
use crate::shutdown::Entry;

/// One per event loop.
#[pyclass(frozen, module = "wechatpay_rs._native")]
pub(crate) struct Queue(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    /// Called without arguments, on any thread, when there is something to take.
    wake: Py<PyAny>,
}

#[derive(Default)]
struct State {
    ready: Vec<Ready>,
    woken: bool,
}

struct Ready {
    token: u64,
    result: Result<Outcome>,
    raised: Option<PyErr>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a thread of the pool leaves its result.
pub(crate) struct Handle(Arc<Shared>);

impl Handle {
    pub(crate) fn push(self, token: u64, result: Result<Outcome>, raised: Option<PyErr>) {
        {
            let mut state = self.0.lock();
            state.ready.push(Ready { token, result, raised });
            if std::mem::replace(&mut state.woken, true) {
                return;
            }
        }
        let Some(_entry) = Entry::try_new() else { return };
        let woken = Python::try_attach(|py| self.0.wake.call0(py).is_ok());
        if woken != Some(true) {
            // The loop is closed: nobody will ask for these.
            let mut state = self.0.lock();
            state.ready.clear();
            state.woken = false;
        }
    }
}

impl Queue {
    pub(crate) fn handle(&self) -> Handle {
        Handle(Arc::clone(&self.0))
    }
}

#[pymethods]
impl Queue {
    #[new]
    fn new(wake: Py<PyAny>) -> Self {
        Self(Arc::new(Shared { state: Mutex::default(), wake }))
    }

    /// Everything that is ready: `(token, exception or None, (value, status, request id) or None)`.
    fn take<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let ready = {
            let mut state = self.0.lock();
            state.woken = false;
            std::mem::take(&mut state.ready)
        };
        let items: PyResult<Vec<Bound<'py, PyTuple>>> = ready
            .into_iter()
            .map(|Ready { token, result, raised }| match (raised, result) {
                (Some(error), _) => (token, error.into_value(py), py.None()).into_pyobject(py),
                (None, Ok(outcome)) => (token, py.None(), outcome.into_py(py)?).into_pyobject(py),
                (None, Err(error)) => {
                    (token, exception(py, &error).into_value(py), py.None()).into_pyobject(py)
                }
            })
            .collect();
        PyList::new(py, items?)
    }
}

/// Stands for a job that was handed to the pool.
#[pyclass(frozen, module = "wechatpay_rs._native")]
pub(crate) struct Ticket(Arc<AtomicBool>);

impl Ticket {
    pub(crate) fn new(cancelled: Arc<AtomicBool>) -> Self {
        Self(cancelled)
    }
}

#[pymethods]
impl Ticket {
    /// Nobody waits any more: a job that has not begun is not begun.
    fn cancel(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}
