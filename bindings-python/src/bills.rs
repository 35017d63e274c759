//! Rows of a bill file, one dict each.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::{Map, Value};
use wechatpay_core::Error;
use wechatpay_core::host::{self, RowsOf};

use crate::errors::{exception, guarded};
use crate::streams::{self, Reader};
use crate::values::dict;

type Source = Box<dyn BufRead + Send>;

/// Iterates over the rows of a bill; `kind` is `any`, `trade`, `fund_flow` or `without_totals`.
#[pyclass(frozen, module = "wechatpay_rs._native")]
pub(crate) struct BillRows {
    reader: Mutex<host::BillRows<Source>>,
    // Beside the reader: a `read` of the source may ask for them while the reader is held.
    columns: Vec<String>,
    summary: Mutex<Option<Map<String, Value>>>,
}

impl BillRows {
    /// As a generator says it: a `read` of the source that goes on reading the bill would wait for itself.
    fn reader(&self) -> PyResult<MutexGuard<'_, host::BillRows<Source>>> {
        match self.reader.try_lock() {
            Ok(reader) => Ok(reader),
            Err(TryLockError::Poisoned(reader)) => Ok(reader.into_inner()),
            Err(TryLockError::WouldBlock) => Err(PyValueError::new_err("the bill is being read already")),
        }
    }

    fn summary_lock(&self) -> MutexGuard<'_, Option<Map<String, Value>>> {
        self.summary.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl BillRows {
    /// From a path, or from an object with `read` that gives bytes.
    #[new]
    fn new(py: Python<'_>, source: Bound<'_, PyAny>, kind: &str) -> PyResult<Self> {
        let kind = RowsOf::named(kind).map_err(|error| exception(py, &error))?;
        let source: Source = if source.hasattr("read")? {
            Box::new(BufReader::with_capacity(64 * 1024, Reader(source.unbind())))
        } else {
            let path: PathBuf = source.extract()?;
            Box::new(host::open_bill(path).map_err(|error| exception(py, &error))?)
        };
        let reader = py.detach(|| guarded(|| host::BillRows::new(source, kind)));
        let reader = reader.map_err(|error| raised(py, &error))?;
        let columns = reader.columns().to_vec();
        Ok(Self { reader: Mutex::new(reader), columns, summary: Mutex::new(None) })
    }

    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        let mut reader = self.reader()?;
        // The interpreter is not held while lines are read: a `read` of Python needs it.
        let rows = &mut *reader;
        let next = py.detach(|| guarded(|| rows.next_object()));
        if !matches!(next, Ok(Some(_))) {
            *self.summary_lock() = reader.summary_object();
        }
        drop(reader);
        let object = next.map_err(|error| raised(py, &error))?;
        object.map(|object| dict(py, &object)).transpose()
    }

    /// Names of the columns, as the file has them.
    #[getter]
    fn columns(&self) -> Vec<String> {
        self.columns.clone()
    }

    /// The totals at the end; `None` before all rows were read.
    #[getter]
    fn summary<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        let summary = self.summary_lock().clone();
        summary.map(|object| dict(py, &object)).transpose()
    }
}

fn raised(py: Python<'_>, error: &Error) -> PyErr {
    streams::raised_in_callback().unwrap_or_else(|| exception(py, error))
}

/// Yuan as text to fen.
#[pyfunction]
pub(crate) fn fen(py: Python<'_>, yuan: &str) -> PyResult<i64> {
    host::fen(yuan, None).map_err(|error| exception(py, &error))
}
