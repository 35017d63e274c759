//! Bills for the JVM: many rows in one crossing, and no JSON, so that a row costs little more than its texts.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wechatpay_core::Error;
use wechatpay_core::host::{BillRows, RowsOf, error_json};

use super::frame::{Output, bug};

/// So many rows at most cross at once: memory holds no more of a bill.
const ROWS: u32 = 64;

/// A bill that is being read.
#[derive(Clone)]
pub(super) struct Bill(Arc<Mutex<BillRows<BufReader<File>>>>);

impl Bill {
    /// Opens a bill of a kind (`any`, `trade`, `fund_flow`, `without_totals`) and reads the names of its columns.
    pub(super) fn open(path: &Path, kind: &str) -> Result<Self, Error> {
        Ok(Self(Arc::new(Mutex::new(BillRows::open(path, RowsOf::named(kind)?)?))))
    }

    /// Names of the columns.
    pub(super) fn columns(&self) -> Vec<String> {
        self.rows().columns().to_vec()
    }

    pub(super) fn carry_out(&self, function: &str, output: &mut Output) -> Result<(), Error> {
        match function {
            "next_rows" => self.next_rows(output),
            "summary" => {
                let summary = self.rows().summary_object();
                output.number(u32::from(summary.is_some()));
                summary.map_or(Ok(()), |summary| output.members(&summary))
            }
            _ => Err(bug("a bill has no such function")),
        }
    }

    /// Rows, each after 1, up to the first that cannot be read. Then 0 when there may be more, 2 at the end, 3 and an error as JSON.
    fn next_rows(&self, output: &mut Output) -> Result<(), Error> {
        let mut rows = self.rows();
        for _ in 0..ROWS {
            match rows.next_object() {
                Ok(Some(row)) => {
                    output.number(1);
                    output.members(&row)?;
                }
                Ok(None) => {
                    output.number(2);
                    return Ok(());
                }
                Err(error) => {
                    output.number(3);
                    output.text(&error_json(&error));
                    return Ok(());
                }
            }
        }
        output.number(0);
        Ok(())
    }

    /// A panic while a row was read leaves the reader between two lines, where it can go on.
    fn rows(&self) -> MutexGuard<'_, BillRows<BufReader<File>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
