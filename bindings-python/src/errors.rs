//! Errors of the core as exceptions of the package.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use wechatpay_core::host::{error_json, panic_error};
use wechatpay_core::{Error, Result};

/// The exception of the class that belongs to the error's kind.
pub(crate) fn exception(py: Python<'_>, error: &Error) -> PyErr {
    static FROM_JSON: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let made = FROM_JSON
        .get_or_try_init(py, || {
            Ok::<_, PyErr>(py.import("wechatpay_rs._errors")?.getattr("from_json")?.unbind())
        })
        .and_then(|from_json| from_json.bind(py).call1((error_json(error),)));
    match made {
        Ok(exception) => PyErr::from_value(exception),
        Err(error) => error,
    }
}

/// Runs `work`; a panic becomes an error like any other.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(panic_error(&*panic)))
}
