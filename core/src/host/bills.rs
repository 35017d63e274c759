//! Rows of a bill for the bindings: JSON objects, one at a time.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde_json::{Map, Value};

use crate::bill::{self, BillKind, BillReader, Row};
use crate::error::{Error, Result, codes};

/// What the rows of a bill are read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RowsOf {
    /// Any bill: names of columns, as the file has them, and texts.
    Any,
    /// A bill of this kind: English names, and amounts in fen.
    Kind(BillKind),
    /// As any bill; totals are neither demanded nor compared.
    WithoutTotals,
}

impl RowsOf {
    /// By the name that bindings use: `any`, `without_totals`, or that of a kind.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) for any other name.
    pub fn named(name: &str) -> Result<Self> {
        match name {
            "any" => Ok(Self::Any),
            "without_totals" => Ok(Self::WithoutTotals),
            other => BillKind::ALL.iter().find(|kind| kind.as_str() == other).map(|kind| Self::Kind(*kind)).ok_or_else(|| {
                let kinds: Vec<&str> = BillKind::ALL.iter().map(|kind| kind.as_str()).collect();
                let kinds = kinds.join(", ");
                Error::invalid_request(
                    codes::WRONG_TYPE,
                    format!("there is no kind of bill {other:?}: it must be any, without_totals, or one of {kinds}."),
                )
            }),
        }
    }
}

/// Rows of a bill as JSON objects, then the totals.
pub struct BillRows<R: BufRead> {
    reader: BillReader<R>,
    kind: RowsOf,
}

impl BillRows<BufReader<fs::File>> {
    /// Opens a bill file and reads its header.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    pub fn open(path: impl AsRef<Path>, kind: RowsOf) -> Result<Self> {
        Self::new(open_bill(path)?, kind)
    }
}

/// Opens the file of a bill.
///
/// # Errors
/// [`ErrorKind::Io`](crate::ErrorKind::Io) when that fails.
pub fn open_bill(path: impl AsRef<Path>) -> Result<BufReader<fs::File>> {
    let path = path.as_ref();
    let file = fs::File::open(path).map_err(|error| {
        Error::io(format!("the bill {} could not be opened: {error}.", path.display()), error)
    })?;
    Ok(BufReader::with_capacity(64 * 1024, file))
}

impl<R: BufRead> BillRows<R> {
    /// Reads the header of a bill.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) when this is not a bill, or another than was asked for;
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) when it cannot be read.
    pub fn new(source: R, kind: RowsOf) -> Result<Self> {
        let reader = match kind {
            RowsOf::Any => BillReader::new(source),
            RowsOf::Kind(kind) => BillReader::of_kind(source, kind),
            RowsOf::WithoutTotals => BillReader::without_totals(source),
        }?;
        Ok(Self { reader, kind })
    }

    /// Names of the columns.
    pub fn columns(&self) -> &[String] {
        self.reader.columns()
    }

    /// The totals at the end, once all rows are read: names of columns and texts.
    pub fn summary_object(&self) -> Option<Map<String, Value>> {
        self.reader.summary().map(texts)
    }

    /// As [`summary_object`](Self::summary_object), as JSON text.
    pub fn summary(&self) -> Option<String> {
        self.summary_object().map(|object| Value::Object(object).to_string())
    }

    /// The next row; `None` after the last.
    ///
    /// # Errors
    /// As for [`BillReader`]: a row that cannot be read, and at the end totals that are missing or do not fit.
    pub fn next_object(&mut self) -> Result<Option<Map<String, Value>>> {
        let Some(row) = self.reader.next().transpose()? else { return Ok(None) };
        match self.kind {
            RowsOf::Kind(_) => row.typed(),
            RowsOf::Any | RowsOf::WithoutTotals => Ok(texts(&row)),
        }
        .map(Some)
    }
}

impl<R: BufRead> Iterator for BillRows<R> {
    type Item = Result<String>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_object().map(|row| row.map(|object| Value::Object(object).to_string())).transpose()
    }
}

fn texts(row: &Row) -> Map<String, Value> {
    row.iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect()
}

/// Yuan as text to fen, by the one rule that there is: [`bill::fen`].
///
/// # Errors
/// As for [`bill::fen`]; `column` is named in the error.
pub fn fen(yuan: &str, column: Option<&str>) -> Result<i64> {
    bill::fen(yuan).map_err(|error| match column {
        Some(column) => error
            .with_hint(format!("It stands in column {column}."))
            .with_detail(serde_json::json!({ "field": column, "value": yuan })),
        None => error,
    })
}
