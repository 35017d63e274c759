//! Rows of a bill file: the trade bill (交易账单), the fund-flow bill (资金账单) and others of the same shape.
//!
//! A bill is text: a line of column names, one line per entry, a second line of column names, and one line of
//! totals. Each value has a back-tick in front (it keeps spreadsheet programs from rounding long numbers), which is
//! removed here. The reader holds one line in memory, whatever the size of the file.
//!
//! ```
//! # fn main() -> wechatpay_core::Result<()> {
//! # let file = "微信订单号,订单金额,手续费\n`4200000001,`12.30,`0.07000\n总交易单数,订单总金额\n`1,`12.30\n";
//! let mut bill = wechatpay_core::bill::BillReader::new(file.as_bytes())?;
//! for row in &mut bill {
//!     let row = row?;
//!     println!("{:?} {:?} fen", row.trade().transaction_id(), row.trade().total()?);
//! }
//! let totals = bill.summary().expect("the file is complete");
//! assert_eq!(totals.get("总交易单数"), Some("1"));
//! assert_eq!(totals.fen("订单总金额")?, Some(1230));
//! # Ok(()) }
//! ```

mod amount;
mod views;

use std::fmt;
use std::io::{BufRead, Read};
use std::sync::Arc;

use crate::error::{Error, Result};

pub use amount::fen;
pub use views::{FundFlowRow, TradeRow};

/// Longest line accepted, in bytes. Real lines stay below two kilobytes.
const MAX_LINE: u64 = 1 << 20;

/// Reads a bill line by line; an iterator over its rows.
///
/// A malformed row is an error of kind `malformed` that names its line; the next call goes on with the next line.
/// After an error of kind `io` the iteration ends.
pub struct BillReader<R> {
    source: R,
    columns: Arc<Columns>,
    line: u64,
    buffer: Vec<u8>,
    state: State,
    summary: Option<Row>,
}

enum State {
    Rows,
    /// The column names of the totals were read; the totals come next.
    Totals(Arc<Columns>),
    /// The totals were read: nothing but empty lines may follow.
    Tail,
    Done,
}

/// Names of the columns of one section.
#[derive(Debug, PartialEq, Eq)]
struct Columns {
    names: Vec<String>,
    /// The same names without blanks and with ASCII brackets, for the lookup.
    keys: Vec<String>,
}

impl Columns {
    fn new(names: Vec<String>) -> Self {
        let keys = names.iter().map(|name| key(name)).collect();
        Self { names, keys }
    }

    fn position(&self, name: &str) -> Option<usize> {
        let wanted = key(name);
        self.keys.iter().position(|key| *key == wanted)
    }
}

/// `收支金额（元）`, `收支金额 (元)` and `收支金额(元)` are one column.
fn key(name: &str) -> String {
    let bracket = |c| match c {
        '（' => '(',
        '）' => ')',
        other => other,
    };
    name.chars().filter(|c| !c.is_whitespace()).map(bracket).collect()
}

impl<R: BufRead> BillReader<R> {
    /// Starts reading: takes the column names from the first line.
    ///
    /// # Errors
    /// `malformed` when the text does not start like a bill (it is empty, still compressed, or JSON), `io` when the
    /// source cannot be read.
    pub fn new(source: R) -> Result<Self> {
        let mut reader = Self {
            source,
            columns: Arc::new(Columns::new(Vec::new())),
            line: 0,
            buffer: Vec::new(),
            state: State::Rows,
            summary: None,
        };
        let header = loop {
            match reader.next_line()? {
                Some(line) if line.is_empty() => {}
                Some(line) => break line,
                None => {
                    return Err(Error::malformed(
                        "BILL_EMPTY",
                        "the bill is empty: it has no line of column names.",
                    ));
                }
            }
        };
        let names = split(&header);
        if header.starts_with('{') || names.len() < 2 {
            return Err(Error::malformed(
                "BILL_HEADER",
                "this is not a bill: the first line does not hold column names separated by commas. \
                 If it is JSON, it is an answer of the API: read its `code` and `message`.",
            ));
        }
        reader.columns = Arc::new(Columns::new(names));
        Ok(reader)
    }

    /// The next line without its end and without a byte order mark; `None` at the end of the file.
    fn next_line(&mut self) -> Result<Option<String>> {
        self.buffer.clear();
        let read =
            (&mut self.source).take(MAX_LINE).read_until(b'\n', &mut self.buffer).map_err(|error| {
                Error::io(format!("line {} of the bill could not be read.", self.line + 1), error)
            })?;
        if read == 0 {
            return Ok(None);
        }
        self.line += 1;
        let mut bytes = self.buffer.as_slice();
        if bytes.last() == Some(&b'\n') {
            bytes = &bytes[..bytes.len() - 1];
        } else if read as u64 == MAX_LINE {
            self.state = State::Done; // the rest of an endless line is not a line
            return Err(self.malformed("BILL_LINE_TOO_LONG", "is longer than a megabyte; this is not a bill"));
        }
        if bytes.last() == Some(&b'\r') {
            bytes = &bytes[..bytes.len() - 1];
        }
        if self.line == 1 {
            if bytes.starts_with(&[0x1f, 0x8b]) {
                return Err(Error::malformed(
                    "BILL_COMPRESSED",
                    "the bill is still compressed (gzip). Download it with `download`, which decompresses, \
                     or pass it through a gzip decoder first.",
                ));
            }
            bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Some(text.to_owned())),
            Err(_) => Err(self.malformed(
                "BILL_ENCODING",
                "is not UTF-8; bills of the API are, a file saved by a spreadsheet program may be GBK",
            )),
        }
    }

    fn malformed(&self, code: &str, what: &str) -> Error {
        Error::malformed(code, format!("line {} of the bill {what}.", self.line))
            .with_detail(serde_json::json!({ "line": self.line }))
    }

    fn row(&self, columns: &Arc<Columns>, line: &str) -> Result<Row> {
        let cells = split(line);
        if cells.len() != columns.names.len() {
            return Err(self.malformed(
                "BILL_ROW",
                &format!("has {} values where the bill has {} columns", cells.len(), columns.names.len()),
            ));
        }
        Ok(Row { columns: Arc::clone(columns), cells, line: self.line })
    }

    fn advance(&mut self) -> Result<Option<Row>> {
        while let Some(line) = self.next_line()? {
            if line.trim().is_empty() {
                continue;
            }
            match &self.state {
                State::Rows if starts_summary(&line) => {
                    self.state = State::Totals(Arc::new(Columns::new(split(&line))));
                }
                State::Rows => return self.row(&self.columns, &line).map(Some),
                State::Totals(columns) => {
                    let columns = Arc::clone(columns);
                    self.state = State::Tail;
                    self.summary = Some(self.row(&columns, &line)?);
                }
                State::Tail => {
                    return Err(self.malformed("BILL_TAIL", "comes after the totals; nothing should"));
                }
                State::Done => break,
            }
        }
        if matches!(self.state, State::Totals(_)) {
            self.state = State::Done;
            return Err(
                self.malformed("BILL_CUT", "is the last one, and the totals that it announces are missing")
            );
        }
        self.state = State::Done;
        Ok(None)
    }
}

impl<R> BillReader<R> {
    /// Names of the columns, as the file has them.
    pub fn columns(&self) -> &[String] {
        &self.columns.names
    }

    /// The totals at the end of the file, with their own columns. `None` before all rows were read, and for a bill
    /// without totals.
    pub fn summary(&self) -> Option<&Row> {
        self.summary.as_ref()
    }
}

impl<R: BufRead> Iterator for BillReader<R> {
    type Item = Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        if matches!(self.state, State::Done) {
            return None;
        }
        let next = self.advance();
        if next.as_ref().is_err_and(|error| error.kind() == crate::ErrorKind::Io) {
            self.state = State::Done;
        }
        next.transpose()
    }
}

/// Shows where the reader stands, not what it read.
impl<R> fmt::Debug for BillReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BillReader")
            .field("columns", &self.columns.names)
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

/// The totals begin with their count: `总交易单数`, `资金流水总笔数`. A row begins with a time.
fn starts_summary(line: &str) -> bool {
    let first = line.split(',').next().unwrap_or_default().trim_start_matches('`').trim();
    first.contains('总') && first.ends_with('数')
}

/// Values of a line. A line that starts with a back-tick is cut at `` ,` `` only, so that a comma inside a product
/// name or an attachment does not shift the columns.
fn split(line: &str) -> Vec<String> {
    let clean = |cell: &str| cell.trim_matches(['\t', ' ']).to_owned();
    match line.strip_prefix('`') {
        Some(rest) => rest.split(",`").map(clean).collect(),
        None => line.split(',').map(|cell| clean(cell.strip_prefix('`').unwrap_or(cell))).collect(),
    }
}

/// One entry of a bill, or its totals.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    columns: Arc<Columns>,
    cells: Vec<String>,
    line: u64,
}

impl Row {
    /// The value in the column of this name, as the file has it without the back-tick; `None` when the bill has no
    /// such column. Blanks in the name do not matter, nor does the kind of brackets.
    pub fn get(&self, column: &str) -> Option<&str> {
        self.columns.position(column).map(|index| self.cells[index].as_str())
    }

    /// An amount of this column in fen, exactly. `None` when there is no such column or it is empty here.
    ///
    /// # Errors
    /// `malformed` when the value is not an amount, or not a whole number of fen; [`get`](Self::get) still gives
    /// the text.
    pub fn fen(&self, column: &str) -> Result<Option<i64>> {
        match self.get(column) {
            None | Some("") => Ok(None),
            Some(text) => fen(text).map(Some).map_err(|error| {
                error
                    .with_hint(format!("It stands in column {column} on line {} of the bill.", self.line))
                    .with_detail(serde_json::json!({ "line": self.line, "field": column, "value": text }))
            }),
        }
    }

    /// Number of the line in the file; the first is 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// All columns with their values, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.columns.names.iter().map(String::as_str).zip(self.cells.iter().map(String::as_str))
    }

    /// The row with the columns of a trade bill by name.
    pub fn trade(&self) -> TradeRow<'_> {
        TradeRow::new(self)
    }

    /// The row with the columns of a fund-flow bill by name.
    pub fn fund_flow(&self) -> FundFlowRow<'_> {
        FundFlowRow::new(self)
    }
}

/// Shows the line number only: a row holds a payer's identity and the merchant's business.
impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Row")
            .field("line", &self.line)
            .field("columns", &self.cells.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
