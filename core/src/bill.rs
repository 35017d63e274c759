//! Rows of a bill file: the trade bill (交易账单), the fund-flow bill (资金账单) and others of the same shape.
//! Which columns they have stands in `spec/bill_columns.yaml`.
//!
//! A bill is text: a line of column names, one line per entry, a second line of column names, and one line of
//! totals. Each value has a back-tick in front (it keeps spreadsheet programs from rounding long numbers), which is
//! removed here. The reader holds one line in memory, whatever the size of the file.
//!
//! ```
//! # fn main() -> wechatpay_core::Result<()> {
//! # let file = "交易时间,微信订单号,商户订单号,交易状态,应结订单金额,订单金额\n\
//! #     `2026-08-08 10:34:56,`4200000001,`T1,`SUCCESS,`12.30,`12.30\n总交易单数,应结订单总金额,订单总金额\n`1,`12.30,`12.30\n";
//! let mut bill = wechatpay_core::bill::BillReader::trade(file.as_bytes())?;
//! for row in &mut bill {
//!     let row = row?;
//!     let trade = row.trade()?;
//!     println!("{:?} {:?} fen", trade.transaction_id(), trade.total()?);
//! }
//! let totals = bill.summary().expect("the file is complete");
//! assert_eq!(totals.get("总交易单数"), Some("1"));
//! assert_eq!(totals.fen("订单总金额")?, Some(1230));
//! # Ok(()) }
//! ```
//!
//! # What a bill must be
//!
//! Reconciliation must not pass because the file was something else. So reading fails
//!
//! - at the start, when the text is no bill (an error page, JSON, XML, …): the error says what came instead. A reader of
//!   one [kind](BillReader::of_kind) of bill also demands the columns that make it such;
//! - at a line that cannot be read; the error names it, and the next call goes on behind it;
//! - at the end, when the totals are missing (`BILL_CUT`) or do not fit the rows (`BILL_TOTALS`). Everything before was
//!   handed out by then: **settle only after the iteration ended without an error.**
//!
//! # What is compared with the totals
//!
//! What the documentation says of a total, and no more. `总交易单数` and `资金流水总笔数` are the number of rows.
//! `应结订单总金额`, `退款总金额`, `充值券退款总金额`, `订单总金额` and `申请退款总金额` are the sums of the columns of these names.
//! `收入笔数`, `收入金额`, `支出笔数` and `支出金额` are number and sum of the rows whose `收支类型` says so.
//!
//! `手续费总金额` is not compared: fees stand there with five decimals where the documentation says two, and how the total is
//! rounded is not said. Nor are the totals of the early format that some merchants still get (`总金额` in place of
//! `应结订单金额`), except their number of rows: the documentation no longer describes them.
//!
//! All bills of the documentation have totals: trade, fund flow, profit sharing, and those of sub-merchants. For a file of
//! this shape that has none, and to read one whose totals are wrong all the same, there is [`BillReader::without_totals`].

mod amount;
mod binary;
mod columns;
mod foreign;
mod lines;
pub(crate) mod row;
mod totals;

use std::fmt;
use std::io::BufRead;
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result, codes};

pub use crate::generated::bill_columns::BillKind;
pub use crate::generated::bill_rows::*;
pub use amount::fen;
pub use row::Row;

use columns::Columns;
use lines::{Line, Lines};
use totals::{Tally, starts_totals};

/// Reads a bill line by line; an iterator over its rows.
///
/// A malformed row is an error of kind `malformed` that names its line; the next call goes on with the next line.
/// After an error of kind `io`, or a bill that ends too early, the iteration ends.
pub struct BillReader<R> {
    lines: Lines<R>,
    columns: Arc<Columns>,
    totals: Totals,
    state: State,
    summary: Option<Row>,
}

/// What is asked of the totals.
enum Totals {
    /// They must be there and fit the rows.
    Demanded(Tally),
    /// They are taken as they are.
    Ignored,
}

enum State {
    Rows,
    /// The column names of the totals were read; the totals come next.
    Totals(Arc<Columns>),
    /// The totals were read: nothing but empty lines may follow.
    Tail,
    Done,
}

impl<R: BufRead> BillReader<R> {
    /// Starts reading a bill of any kind: takes the column names from the first line.
    ///
    /// # Errors
    /// `malformed` when the text does not start like a bill; the error says what it is instead (`BILL_EMPTY`,
    /// `BILL_COMPRESSED`, `BILL_HEADER`, …). `io` when the source cannot be read.
    pub fn new(source: R) -> Result<Self> {
        let mut lines = Lines::new(source);
        let header = loop {
            match lines.next()? {
                Some(line) if line.text.trim().is_empty() => {}
                Some(line) => break line,
                None => {
                    return Err(Error::malformed(
                        codes::BILL_EMPTY,
                        "there is no bill: the text is empty. Ask for the bill again.",
                    ));
                }
            }
        };
        if let Some(error) = foreign::refused(&header.text, &mut lines) {
            return Err(error);
        }
        let columns = Arc::new(Columns::new(row::split(&header.text)));
        let totals = Totals::Demanded(Tally::new(&columns));
        Ok(Self { lines, columns, totals, state: State::Rows, summary: None })
    }

    /// Starts reading a trade bill, of any `bill_type`.
    ///
    /// # Errors
    /// `malformed` with code `BILL_COLUMNS` when it is another bill: the message names the columns that are missing, and
    /// what bill it looks like. Otherwise as for [`new`](Self::new).
    pub fn trade(source: R) -> Result<Self> {
        Self::of_kind(source, BillKind::Trade)
    }

    /// Starts reading a fund-flow bill, of any account.
    ///
    /// # Errors
    /// As for [`trade`](Self::trade).
    pub fn fund_flow(source: R) -> Result<Self> {
        Self::of_kind(source, BillKind::FundFlow)
    }

    /// Starts reading a bill of this kind.
    ///
    /// # Errors
    /// As for [`trade`](Self::trade).
    pub fn of_kind(source: R, kind: BillKind) -> Result<Self> {
        let reader = Self::new(source)?;
        reader.columns.demand(kind)?;
        Ok(reader)
    }

    /// Starts reading a bill of any kind whose totals are neither demanded nor compared. What was cut off is not noticed:
    /// use it only for a file that has no totals, or to look into one whose totals are wrong.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    pub fn without_totals(source: R) -> Result<Self> {
        Ok(Self { totals: Totals::Ignored, ..Self::new(source)? })
    }

    fn row(&self, columns: &Arc<Columns>, line: Line) -> Result<Row> {
        Row::new(Arc::clone(columns), &line).map_err(|what| self.lines.malformed(codes::BILL_ROW, &what))
    }

    /// A row as it is handed out: added up before.
    fn entry(&mut self, line: Line) -> Result<Row> {
        // Totals must follow, so a row is never the end of a file: what stands there may lack half of a value.
        if !line.ended && matches!(self.totals, Totals::Demanded(_)) {
            return Err(self.cut("ends in the middle of a row"));
        }
        let row = self.row(&self.columns, line);
        if let Totals::Demanded(tally) = &mut self.totals {
            match &row {
                Ok(row) => tally.add(row),
                Err(_) => tally.skip(),
            }
        }
        row
    }

    /// The last line of a bill: it must be whole and say what was counted.
    fn take_totals(&mut self, columns: &Arc<Columns>, line: Line) -> Result<()> {
        let ended = line.ended;
        let row = self.row(columns, line)?;
        if let Totals::Demanded(tally) = &self.totals {
            if !ended && tally.cuts_short(&row) {
                return Err(self.cut("ends in the middle of its totals"));
            }
            let outcome = tally.compare(&row);
            self.summary = Some(row);
            return outcome;
        }
        self.summary = Some(row);
        Ok(())
    }

    /// Ends the iteration with the error that the bill is not complete.
    fn cut(&mut self, how: &str) -> Error {
        self.state = State::Done;
        let line = self.lines.number();
        let error = Error::malformed(
            codes::BILL_CUT,
            format!(
                "the bill {how} (line {line}): the totals that close every bill are missing. The file is not complete; \
                 ask for the bill again, and settle nothing by this one."
            ),
        )
        .with_detail(serde_json::json!({ "line": line }));
        if self.columns.kind().is_some() {
            return error;
        }
        // Perhaps it never was one: any text with a comma in its first line may name columns.
        let first = foreign::quoted(&self.columns.names.join(","));
        error.with_hint(format!("If it is a bill at all: its first line is {first:?}."))
    }

    fn advance(&mut self) -> Result<Option<Row>> {
        while let Some(line) = self.next_line()? {
            if line.text.trim().is_empty() {
                continue;
            }
            match &self.state {
                State::Rows if starts_totals(&line.text) => {
                    self.state = State::Totals(Arc::new(Columns::new(row::split(&line.text))));
                }
                State::Rows => return self.entry(line).map(Some),
                State::Totals(columns) => {
                    let columns = Arc::clone(columns);
                    self.state = State::Tail;
                    self.take_totals(&columns, line)?;
                }
                State::Tail => {
                    self.state = State::Done;
                    return Err(self
                        .lines
                        .malformed(codes::BILL_TAIL, "comes after the totals; nothing should"));
                }
                State::Done => break,
            }
        }
        match (&self.state, &self.totals) {
            (State::Totals(_), _) => Err(self.cut("ends after the column names of its totals")),
            (State::Rows, Totals::Demanded(_)) => Err(self.cut("ends after its rows")),
            _ => {
                self.state = State::Done;
                Ok(None)
            }
        }
    }

    fn next_line(&mut self) -> Result<Option<Line>> {
        self.lines.next().map_err(|error| match (&mut self.totals, error.code()) {
            (_, codes::BILL_LINE_TOO_LONG) => {
                self.state = State::Done; // the rest of an endless line is not a line
                error
            }
            (Totals::Demanded(tally), codes::BILL_ENCODING) => {
                tally.skip();
                error
            }
            (_, codes::BILL_CUT) => self.cut("ends in the middle of a character"),
            _ => error,
        })
    }
}

impl<R> BillReader<R> {
    /// Names of the columns, as the file has them.
    pub fn columns(&self) -> &[String] {
        &self.columns.names
    }

    /// Which bill this is, by its columns; `None` for bills that have no rows of their own here.
    pub fn kind(&self) -> Option<BillKind> {
        self.columns.kind()
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
        if next.as_ref().is_err_and(|error| error.kind() == ErrorKind::Io) {
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
            .field("line", &self.lines.number())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
