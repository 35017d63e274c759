//! Results on their way from the threads of the pool to an event loop.
//!
//! A result does not need the interpreter to be put down. Only the first one after the loop last looked wakes it, so
//! that under load one wake-up carries many results; and it wakes it by a byte in a socket that the loop watches, for a
//! thread that enters the interpreter to do so gets into the way of the loop, which wants it as well.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::exceptions::PyBaseException;
#[cfg(not(unix))]
use pyo3::exceptions::PyNotImplementedError;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};
use wechatpay_core::{CallControl, GivenUp, Result};

use crate::errors::exception;
use crate::job::Done;
use crate::shutdown::Entry;

/// One per event loop.
#[pyclass(frozen, module = "wechatpay_rs._native")]
pub(crate) struct Queue(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    waker: Waker,
}

/// How the loop learns that there is something to take.
enum Waker {
    /// A byte arrives.
    #[cfg(unix)]
    Socket { ours: std::os::unix::net::UnixStream, theirs: std::os::unix::net::UnixStream },
    /// Called without arguments, on any thread: for loops that cannot watch a socket.
    Function(Py<PyAny>),
}

impl Waker {
    /// Returns false when the loop is closed.
    fn wake(&self) -> bool {
        match self {
            #[cfg(unix)]
            Self::Socket { ours, .. } => {
                // It is full when the loop has many bytes to read already.
                let _ = std::io::Write::write(&mut &*ours, &[1]);
                true
            }
            Self::Function(function) => {
                let Some(_entry) = Entry::try_new() else { return true };
                Python::try_attach(|py| function.call0(py).is_ok()) == Some(true)
            }
        }
    }

    /// Takes the bytes away; a later one wakes the loop again.
    fn drain(&self) {
        #[cfg(unix)]
        if let Self::Socket { theirs, .. } = self {
            let _ = std::io::Read::read(&mut &*theirs, &mut [0; 64]);
        }
    }
}

#[derive(Default)]
struct State {
    ready: Vec<Ready>,
    woken: bool,
}

struct Ready {
    token: u64,
    result: Result<Done>,
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
    pub(crate) fn push(self, token: u64, result: Result<Done>, raised: Option<PyErr>) {
        {
            let mut state = self.0.lock();
            state.ready.push(Ready { token, result, raised });
            if std::mem::replace(&mut state.woken, true) {
                return;
            }
        }
        if !self.0.waker.wake() {
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
    /// A queue that calls a function, on any thread, when there is something to take.
    #[new]
    fn new(wake: Py<PyAny>) -> Self {
        Self(Arc::new(Shared { state: Mutex::default(), waker: Waker::Function(wake) }))
    }

    /// A queue with a socket to watch, and its file descriptor. It is closed with the queue.
    #[staticmethod]
    #[cfg(unix)]
    fn with_socket() -> PyResult<(Self, i32)> {
        let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        theirs.set_nonblocking(true)?;
        let watched = std::os::fd::AsRawFd::as_raw_fd(&theirs);
        let waker = Waker::Socket { ours, theirs };
        Ok((Self(Arc::new(Shared { state: Mutex::default(), waker })), watched))
    }

    /// There is none on this system.
    #[staticmethod]
    #[cfg(not(unix))]
    fn with_socket() -> PyResult<(Self, i32)> {
        Err(PyNotImplementedError::new_err("event loops of this system watch no sockets"))
    }

    /// Everything that is ready: `(token, exception or None, (value, (status, request id, serial, attempts) or None) or None)`.
    fn take<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        self.0.waker.drain();
        let ready = {
            let mut state = self.0.lock();
            state.woken = false;
            std::mem::take(&mut state.ready)
        };
        let items: PyResult<Vec<Bound<'py, PyTuple>>> = ready
            .into_iter()
            .map(|Ready { token, result, raised }| match (raised, result) {
                (Some(error), _) => (token, error.into_value(py), py.None()).into_pyobject(py),
                (None, Ok(done)) => (token, py.None(), done.into_py(py)?).into_pyobject(py),
                (None, Err(error)) => {
                    (token, exception(py, &error).into_value(py), py.None()).into_pyobject(py)
                }
            })
            .collect();
        PyList::new(py, items?)
    }
}

/// The caller's hold on a job that was handed to the pool.
#[pyclass(frozen, module = "wechatpay_rs._native")]
pub(crate) struct Ticket(CallControl);

impl Ticket {
    pub(crate) fn new(control: CallControl) -> Self {
        Self(control)
    }
}

#[pymethods]
impl Ticket {
    /// Nobody waits any more: what has not begun is not begun, what is under way ends, and nothing more is sent. Returns an
    /// exception, to be looked at and not raised, that says whether it may have taken effect.
    fn give_up<'py>(&self, py: Python<'py>) -> Bound<'py, PyBaseException> {
        exception(py, &self.0.give_up(GivenUp::Cancelled)).into_value(py).into_bound(py)
    }
}
