//! Rows of a bill, a batch at a time.

use std::fs::File;
use std::io::BufReader;

use wechatpay_core::error::{Error, ErrorKind, Result};
use wechatpay_core::host::{BillRows, RowsOf};

use crate::texts::exact;

/// A bill file being read.
#[derive(Default)]
pub(crate) struct Rows {
    reader: Option<BillRows<BufReader<File>>>,
    /// Found behind rows that were still good: reported after them.
    failed: Option<Error>,
}

impl Rows {
    pub(crate) fn open(path: &str, kind: &str) -> Result<Self> {
        Ok(Self { reader: Some(BillRows::open(path, RowsOf::named(kind)?)?), failed: None })
    }

    /// The next rows as `{"rows":[…],"done":false}`; with `done`, the totals too.
    pub(crate) fn next(&mut self, limit: usize) -> Result<String> {
        if let Some(error) = self.failed.take() {
            // A row of the wrong length is an error of its own; the rest can be read after it.
            if error.kind() == ErrorKind::Io {
                self.reader = None;
            }
            return Err(error);
        }
        let mut rows = String::new();
        let mut done = true;
        if let Some(reader) = &mut self.reader {
            for row in reader.by_ref() {
                match row {
                    Ok(row) => {
                        rows.push_str(if rows.is_empty() { "" } else { "," });
                        rows.push_str(&exact(row));
                    }
                    Err(error) if rows.is_empty() => return Err(error),
                    Err(error) => {
                        self.failed = Some(error);
                        done = false;
                        break;
                    }
                }
                if rows.len() >= limit {
                    done = false;
                    break;
                }
            }
        }
        let summary = self.reader.as_ref().filter(|_| done).and_then(BillRows::summary);
        Ok(format!(
            "{{\"rows\":[{rows}],\"done\":{done},\"summary\":{}}}",
            summary.as_deref().unwrap_or("null")
        ))
    }
}
