//! The totals that close a bill, held against what its rows add up to.
//!
//! Only what the documentation says of a total is compared; the module `bill` says what that is, and what is left out.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::amount::fen;
use super::columns::{BillKind, Columns};
use super::row::Row;
use crate::error::{Error, Result};

/// The totals begin with their count: `总交易单数`, `资金流水总笔数`, `总条数`. A row begins with a time.
pub(super) fn starts_totals(line: &str) -> bool {
    let first = line.split(',').next().unwrap_or_default().trim_start_matches('`').trim();
    first.contains('总') && first.ends_with('数')
}

/// What a total stands for: the number of rows, or the sum of a column, of all rows or of one direction only.
struct Rule {
    total: &'static str,
    column: Option<&'static str>,
    direction: Option<&'static str>,
}

const fn rule(total: &'static str, column: Option<&'static str>, direction: Option<&'static str>) -> Rule {
    Rule { total, column, direction }
}

const DIRECTION: &str = "收支类型";
const FLOW: &str = "收支金额(元)";

const RULES: &[Rule] = &[
    rule("总交易单数", None, None),
    rule("应结订单总金额", Some("应结订单金额"), None),
    rule("退款总金额", Some("退款金额"), None),
    rule("充值券退款总金额", Some("充值券退款金额"), None),
    rule("订单总金额", Some("订单金额"), None),
    rule("申请退款总金额", Some("申请退款金额"), None),
    rule("资金流水总笔数", None, None),
    rule("收入笔数", None, Some("收入")),
    rule("收入金额", Some(FLOW), Some("收入")),
    rule("支出笔数", None, Some("支出")),
    rule("支出金额", Some(FLOW), Some("支出")),
];

/// Rows counted and amounts added up so far.
pub(super) struct Tally {
    kind: Option<BillKind>,
    rows: u64,
    /// Lines that could not be read.
    skipped: u64,
    direction: Option<usize>,
    sums: Vec<Sum>,
}

struct Sum {
    rule: &'static Rule,
    index: Option<usize>,
    /// Rows, or fen.
    sum: i128,
    /// The first line whose value is not an amount.
    unreadable: Option<u64>,
}

impl Tally {
    pub(super) fn new(columns: &Columns) -> Self {
        let direction = columns.position(DIRECTION);
        let sums = RULES
            .iter()
            .filter(|rule| rule.direction.is_none() || direction.is_some())
            .filter_map(|rule| {
                let index = rule.column.map(|name| columns.position(name));
                // A total of a column that the rows do not have says nothing about them.
                (index != Some(None)).then(|| Sum { rule, index: index.flatten(), sum: 0, unreadable: None })
            })
            .collect();
        Self { kind: columns.kind(), rows: 0, skipped: 0, direction, sums }
    }

    pub(super) fn add(&mut self, row: &Row) {
        self.rows += 1;
        let direction = self.direction.map(|index| row.cell(index));
        for sum in &mut self.sums {
            if sum.rule.direction.is_none() || sum.rule.direction == direction {
                sum.add(row);
            }
        }
    }

    /// A line that could not be read is still a row.
    pub(super) fn skip(&mut self) {
        self.skipped += 1;
    }

    /// Whether the last value of the line of totals lacks a digit: these amounts have two decimals.
    pub(super) fn cuts_short(&self, totals: &Row) -> bool {
        let Some((name, value)) = totals.last() else { return false };
        let is_amount = RULES.iter().any(|rule| rule.column.is_some() && rule.total == name);
        is_amount && value.split_once('.').is_none_or(|(_, decimals)| decimals.len() < 2)
    }

    /// The error that names every difference, if there is one.
    pub(super) fn compare(&self, totals: &Row) -> Result<()> {
        let mut differences: Vec<Difference> =
            self.sums.iter().filter_map(|sum| self.difference(sum, totals)).collect();
        if let Some(count) = self.kind.map(BillKind::count).filter(|count| totals.get(count).is_none()) {
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
        Err(Error::malformed("BILL_TOTALS", message)
            .with_hint(
                "Rows are missing or were altered; ask for the bill again, and settle nothing by this one.",
            )
            .with_detail(json!({ "line": totals.line(), "differences": list })))
    }

    fn difference(&self, sum: &Sum, totals: &Row) -> Option<Difference> {
        let text = totals.get(sum.rule.total)?;
        let all_rows = sum.rule.column.is_none() && sum.rule.direction.is_none();
        if self.skipped > 0 && !all_rows {
            return None; // what could not be read was reported, and cannot be added up
        }
        let announced = fen(text).ok();
        let (fits, counted) = match (sum.unreadable, sum.rule.column) {
            (Some(line), Some(column)) => {
                (false, format!("no sum: {column} is not an amount on line {line}"))
            }
            (_, Some(_)) => (announced.map(i128::from) == Some(sum.sum), yuan(sum.sum)),
            (_, None) => {
                let counted = if all_rows { i128::from(self.rows + self.skipped) } else { sum.sum };
                // Spreadsheets write counts as `20.0`; in hundredths they are one.
                (announced.map(i128::from) == counted.checked_mul(100), counted.to_string())
            }
        };
        (!fits).then(|| Difference { total: sum.rule.total, announced: Some(text.to_owned()), counted })
    }
}

struct Difference {
    total: &'static str,
    announced: Option<String>,
    counted: String,
}

impl Sum {
    fn add(&mut self, row: &Row) {
        let value = match self.index.map(|index| row.cell(index)) {
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
