//! The totals that close a bill, held against what its rows add up to.
//!
//! Only what the documentation says of a total is compared; the module `bill` says what that is, and what is left out.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::amount::fen;
use super::columns::Columns;
use super::row::Row;
use crate::error::{Error, Result, codes};
use crate::generated::bill_columns::{BillKind, Compared, Format, Total};

/// The totals begin with their count: `总交易单数`, `资金流水总笔数`, `总条数`. A row begins with a time.
pub(super) fn starts_totals(line: &str) -> bool {
    let first = line.split(',').next().unwrap_or_default().trim_start_matches('`').trim();
    first.contains('总') && first.ends_with('数')
}

/// Rows counted and amounts added up so far.
pub(super) struct Tally {
    kind: Option<BillKind>,
    rows: u64,
    /// Lines that could not be read.
    skipped: u64,
    sums: Vec<Sum>,
}

struct Sum {
    total: &'static Total,
    /// The column that is added up: its header, and where it stands. None: rows are counted.
    column: Option<(&'static str, usize)>,
    /// Where a column stands, and the value there of rows that count.
    only: Option<(usize, &'static str)>,
    /// Rows, or fen.
    sum: i128,
    /// The first line whose value is not an amount.
    unreadable: Option<u64>,
}

/// The totals that a bill may have: those of its kind, or of any when it is of none.
fn totals(kind: Option<BillKind>) -> impl Iterator<Item = (&'static Format, &'static Total)> {
    let kinds = BillKind::ALL.iter().copied().filter(move |one| kind.is_none_or(|kind| *one == kind));
    kinds.map(BillKind::format).flat_map(|format| format.totals.iter().map(move |total| (format, total)))
}

impl Tally {
    pub(super) fn new(columns: &Columns) -> Self {
        let sums =
            totals(columns.kind()).filter_map(|(format, total)| Sum::new(format, total, columns)).collect();
        Self { kind: columns.kind(), rows: 0, skipped: 0, sums }
    }

    pub(super) fn add(&mut self, row: &Row) {
        self.rows += 1;
        for sum in &mut self.sums {
            if sum.only.is_none_or(|(place, value)| row.cell(place) == value) {
                sum.add(row);
            }
        }
    }

    /// A line that could not be read is still a row.
    pub(super) fn skip(&mut self) {
        self.skipped += 1;
    }

    /// Whether the last value of the line of totals lacks a digit: these amounts have two decimals.
    pub(super) fn cuts_short(&self, line: &Row) -> bool {
        let Some((name, value)) = line.last() else { return false };
        let is_amount = totals(self.kind)
            .any(|(_, total)| total.header == name && matches!(total.compared, Compared::Sum(_)));
        is_amount && value.split_once('.').is_none_or(|(_, decimals)| decimals.len() < 2)
    }

    /// The error that names every difference, if there is one.
    pub(super) fn compare(&self, totals: &Row) -> Result<()> {
        let mut differences: Vec<Difference> =
            self.sums.iter().filter_map(|sum| self.difference(sum, totals)).collect();
        if let Some(count) =
            self.kind.and_then(|kind| kind.format().count).filter(|count| totals.get(count).is_none())
        {
            differences.push(Difference { total: count, announced: None, counted: self.rows.to_string() });
        }
        if differences.is_empty() {
            return Ok(());
        }
        let mut message = format!("line {} of the bill: its totals do not fit its rows.", totals.line());
        for Difference { total, announced, counted } in &differences {
            let announced = announced.as_deref().unwrap_or("nothing");
            // Writing to a text does not fail.
            let _ = write!(message, " {total} announces {announced}, the rows give {counted}.");
        }
        let list: Vec<Value> = differences
            .iter()
            .map(|one| json!({ "total": one.total, "announced": one.announced, "counted": one.counted }))
            .collect();
        Err(Error::malformed(codes::BILL_TOTALS, message)
            .with_hint(
                "Rows are missing or were altered; ask for the bill again, and settle nothing by this one.",
            )
            .with_detail(json!({ "line": totals.line(), "differences": list })))
    }

    fn difference(&self, sum: &Sum, totals: &Row) -> Option<Difference> {
        let text = totals.get(sum.total.header)?;
        let all_rows = sum.column.is_none() && sum.only.is_none();
        if self.skipped > 0 && !all_rows {
            return None; // what could not be read was reported, and cannot be added up
        }
        let announced = fen(text).ok();
        let (fits, counted) = match (sum.unreadable, sum.column) {
            (Some(line), Some((column, _))) => {
                (false, format!("no sum: {column} is not an amount on line {line}"))
            }
            (_, Some(_)) => (announced.map(i128::from) == Some(sum.sum), yuan(sum.sum)),
            (_, None) => {
                let counted = if all_rows { i128::from(self.rows + self.skipped) } else { sum.sum };
                // Spreadsheets write counts as `20.0`; in hundredths they are one.
                (announced.map(i128::from) == counted.checked_mul(100), counted.to_string())
            }
        };
        (!fits).then(|| Difference { total: sum.total.header, announced: Some(text.to_owned()), counted })
    }
}

struct Difference {
    total: &'static str,
    announced: Option<String>,
    counted: String,
}

impl Sum {
    /// None when the rows lack a column that it speaks of: then the total says nothing about them.
    fn new(format: &'static Format, total: &'static Total, columns: &Columns) -> Option<Self> {
        let find = |number: usize| {
            let column = format.columns.get(number)?;
            Some((column.headers.first().copied()?, columns.place(column)?))
        };
        let column = match total.compared {
            Compared::Rows => None,
            Compared::Sum(number) => Some(find(number)?),
        };
        let only = match total.only {
            None => None,
            Some((number, value)) => Some((find(number)?.1, value)),
        };
        Some(Self { total, column, only, sum: 0, unreadable: None })
    }

    fn add(&mut self, row: &Row) {
        let value = match self.column.map(|(_, place)| row.cell(place)) {
            None => Ok(1),
            Some("") => Ok(0),
            Some(text) => fen(text),
        };
        match value {
            // 2^63 amounts of 2^63 fen fit.
            Ok(value) => self.sum = self.sum.saturating_add(i128::from(value)),
            Err(_) => self.unreadable = self.unreadable.or(Some(row.line())),
        }
    }
}

fn yuan(fen: i128) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", fen.unsigned_abs() / 100, fen.unsigned_abs() % 100)
}
