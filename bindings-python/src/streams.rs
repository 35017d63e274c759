//! File objects and callbacks of Python, as the core wants them. The interpreter is held only while they run.

use std::cell::RefCell;
use std::io::{self, BufWriter, Read, Write};
use std::sync::Mutex;

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use wechatpay_core::host::ProgressFn;

use crate::shutdown::Entry;

/// Each piece means holding the interpreter once.
const PIECE: usize = 256 * 1024;

thread_local! {
    /// What a callback raised during the job that this thread does. Its caller shall see that very exception.
    static RAISED: RefCell<Option<PyErr>> = const { RefCell::new(None) };
}

/// The exception that a callback raised during the job just done on this thread.
pub(crate) fn raised_in_callback() -> Option<PyErr> {
    RAISED.take()
}

fn remember(error: PyErr) -> io::Error {
    RAISED.with_borrow_mut(|raised| {
        raised.get_or_insert(error);
    });
    io::Error::other("a Python callback raised an exception")
}

/// Holds the interpreter for a callback.
fn attached<T>(call: impl FnOnce(Python<'_>) -> PyResult<T>) -> io::Result<T> {
    let _entry = Entry::new();
    Python::attach(call).map_err(remember)
}

/// An object with `write`, behind a buffer. What is in the buffer when a download fails, or is given up, is not written any
/// more: its owner may have closed the file.
pub(crate) struct Writer(Option<BufWriter<PythonFile>>);

/// The object itself.
struct PythonFile(Py<PyAny>);

impl Write for PythonFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A raw file may take less than it was given and says so; some objects say nothing.
        let taken = attached(|py| {
            let taken = self.0.call_method1(py, "write", (PyBytes::new(py, bytes),))?;
            taken.extract::<Option<usize>>(py)
        })?;
        Ok(taken.unwrap_or(bytes.len()).min(bytes.len()))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Writer {
    pub(crate) fn new(file: Py<PyAny>) -> Self {
        Self(Some(BufWriter::with_capacity(PIECE, PythonFile(file))))
    }

    fn buffer(&mut self) -> io::Result<&mut BufWriter<PythonFile>> {
        self.0.as_mut().ok_or_else(|| io::Error::other("the file was let go"))
    }
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.buffer()?.flush()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Dropped as it is, the buffer would write.
        drop(self.0.take().map(BufWriter::into_parts));
    }
}

/// An object with `read`.
pub(crate) struct Reader(pub(crate) Py<PyAny>);

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let piece = attached(|py| {
            let piece = self.0.call_method1(py, "read", (buffer.len(),))?;
            piece.extract::<Vec<u8>>(py)
        })?;
        let length = piece.len();
        let room =
            buffer.get_mut(..length).ok_or_else(|| io::Error::other("`read` gave more than asked for"))?;
        room.copy_from_slice(&piece);
        Ok(length)
    }
}

/// A callback that is told how far a download has come.
pub(crate) struct Progress(Py<PyAny>);

impl Progress {
    pub(crate) fn new(callback: Py<PyAny>) -> Self {
        Self(callback)
    }

    /// Once the callback has raised, it is not called again; the exception comes out of the call.
    pub(crate) fn into_function(self) -> ProgressFn {
        let callback = Mutex::new(Some(self.0));
        Box::new(move |received, total| {
            let Ok(mut callback) = callback.lock() else { return };
            let told = match callback.as_ref() {
                Some(function) => attached(|py| function.call1(py, (received, total))).is_ok(),
                None => return,
            };
            if !told {
                *callback = None;
            }
        })
    }
}
