//! Reading bills row by row, for Swift.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use wechatpay_core::host::{self, BillRows, RowsOf};

use crate::error::NativeError;

/// A bill file that is being read; memory holds one line of it.
#[derive(uniffi::Object)]
pub struct NativeBill(Mutex<BillRows<BufReader<File>>>);

#[uniffi::export]
impl NativeBill {
    /// Opens a bill of a kind (`any`, `trade`, `fund_flow`, `without_totals`) and reads the names of its columns.
    #[uniffi::constructor]
    pub fn new(path: String, kind: String) -> Result<Self, NativeError> {
        Ok(Self(Mutex::new(BillRows::open(Path::new(&path), RowsOf::named(&kind)?)?)))
    }

    /// Names of the columns.
    pub fn columns(&self) -> Vec<String> {
        self.rows().columns().to_vec()
    }

    /// The next row as a JSON object; none after the last.
    pub fn next_row(&self) -> Result<Option<String>, NativeError> {
        Ok(self.rows().next().transpose()?)
    }

    /// The totals at the end, once all rows are read.
    pub fn summary(&self) -> Option<String> {
        self.rows().summary()
    }
}

impl NativeBill {
    /// A panic while a row was read leaves the reader between two lines, where it can go on.
    fn rows(&self) -> MutexGuard<'_, BillRows<BufReader<File>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Yuan as text to fen; the column, where there is one, is named in the error.
#[uniffi::export]
pub fn fen(yuan: String, column: Option<String>) -> Result<i64, NativeError> {
    Ok(host::fen(&yuan, column.as_deref())?)
}
