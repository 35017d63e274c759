//! Rows of a bill file, one dict each.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::{Map, Value};
use wechatpay_core::bill::{BillReader, Row};
use wechatpay_core::{Error, Result};

use crate::errors::{exception, guarded};
use crate::streams::{self, Reader};
use crate::values::dict;

/// Iterates over the rows of a bill; `kind` is `trade`, `fund_flow` or `plain`.
#[pyclass(frozen, module = "wechatpay_rs._native")]
pub(crate) struct BillRows {
    reader: Mutex<BillReader<Box<dyn BufRead + Send>>>,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Plain,
    Trade,
    FundFlow,
}

impl Kind {
    fn object(self, row: &Row) -> Result<Map<String, Value>> {
        match self {
            Self::Trade => row.trade().to_json(),
            Self::FundFlow => row.fund_flow().to_json(),
            Self::Plain => Ok(plain(row)),
        }
    }
}

fn plain(row: &Row) -> Map<String, Value> {
    row.iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect()
}

impl BillRows {
    fn lock(&self) -> MutexGuard<'_, BillReader<Box<dyn BufRead + Send>>> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl BillRows {
    /// From a path, or from an object with `read` that gives bytes.
    #[new]
    fn new(py: Python<'_>, source: Bound<'_, PyAny>, kind: &str) -> PyResult<Self> {
        let kind = match kind {
            "plain" => Kind::Plain,
            "trade" => Kind::Trade,
            "fund_flow" => Kind::FundFlow,
            other => return Err(PyValueError::new_err(format!("there is no kind of bill {other:?}"))),
        };
        let source: Box<dyn BufRead + Send> = if source.hasattr("read")? {
            Box::new(BufReader::with_capacity(64 * 1024, Reader(source.unbind())))
        } else {
            let path: PathBuf = source.extract()?;
            let file = File::open(&path)
                .map_err(|error| PyOSError::new_err((error.raw_os_error(), error.to_string(), path)))?;
            Box::new(BufReader::with_capacity(64 * 1024, file))
        };
        // The interpreter is not held while the lock is: a `read` of Python needs it.
        let reader = py.detach(|| guarded(|| BillReader::new(source)));
        let reader = reader.map_err(|error| raised(py, &error))?;
        Ok(Self { reader: Mutex::new(reader), kind })
    }

    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        let next = py.detach(|| {
            guarded(|| {
                let row = self.lock().next().transpose()?;
                row.map(|row| self.kind.object(&row)).transpose()
            })
        });
        let object = next.map_err(|error| raised(py, &error))?;
        object.map(|object| dict(py, &object)).transpose()
    }

    /// Names of the columns, as the file has them.
    #[getter]
    fn columns(&self, py: Python<'_>) -> Vec<String> {
        py.detach(|| self.lock().columns().to_vec())
    }

    /// The totals at the end; `None` before all rows were read.
    #[getter]
    fn summary<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        let summary = py.detach(|| self.lock().summary().map(plain));
        summary.map(|object| dict(py, &object)).transpose()
    }
}

fn raised(py: Python<'_>, error: &Error) -> PyErr {
    streams::raised_in_callback().unwrap_or_else(|| exception(py, error))
}
