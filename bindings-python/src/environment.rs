//! Options from the environment: the core knows the variables.

use pyo3::prelude::*;
use wechatpay_core::host;

use crate::errors::{exception, guarded};

/// Options that the variables set, as JSON; those in `given` are not looked for.
#[pyfunction]
pub(crate) fn options_from_env(
    py: Python<'_>,
    variables: Vec<(String, String)>,
    given: Vec<String>,
) -> PyResult<String> {
    guarded(|| host::options_from_env(&variables, &given)).map_err(|error| exception(py, &error))
}
