//! What adapters of web frameworks ask the core.

use pyo3::exceptions::{PyBaseException, PyRuntimeError};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::{Map, Value};
use wechatpay_core::host;

use crate::errors::exception;
use crate::values::dict;

/// How much of a body to read, and the answers to a notification that was stored, and to one that was not.
#[pyfunction]
pub(crate) fn notification_rules(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let rules: Map<String, Value> = serde_json::from_str(&host::notification_rules())
        .map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
    dict(py, &rules)
}

/// The exception for a body that was not read to its end, to be raised.
#[pyfunction]
pub(crate) fn notification_too_large(py: Python<'_>) -> Bound<'_, PyBaseException> {
    exception(py, &host::notification_too_large()).into_value(py).into_bound(py)
}
