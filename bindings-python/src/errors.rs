//! Errors of the core as exceptions of the package.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use serde_json::{Map, Value};
use wechatpay_core::host::{error_json, panic_error};
use wechatpay_core::{Error, Result};

use crate::signer::Raised;
use crate::values::dict;

/// The exception of the class that belongs to the error's kind.
pub(crate) fn exception(py: Python<'_>, error: &Error) -> PyErr {
    let made = made(py, error).map_or_else(|error| error, PyErr::from_value);
    let mut beneath = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    if let Some(Raised(raised)) = beneath.find_map(|cause| cause.downcast_ref()) {
        made.set_cause(py, Some(raised.clone_ref(py)));
    }
    made
}

fn made<'py>(py: Python<'py>, error: &Error) -> PyResult<Bound<'py, PyAny>> {
    static FROM_FIELDS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let from_fields = FROM_FIELDS.import(py, "wechatpay_rs._errors", "from_fields")?;
    let fields: Map<String, Value> = serde_json::from_str(&error_json(error))
        .map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
    let fields = dict(py, &fields)?;
    if let Some(number) = errno(error) {
        fields.set_item("errno", number)?;
    }
    from_fields.call1((fields,))
}

/// The operating system's number of what lies beneath, for exceptions that are an `OSError`.
fn errno(error: &Error) -> Option<i32> {
    let beneath = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    beneath.filter_map(|cause| cause.downcast_ref::<std::io::Error>()).find_map(std::io::Error::raw_os_error)
}

/// Runs `work`; a panic becomes an error like any other.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(panic_error(&*panic)))
}
