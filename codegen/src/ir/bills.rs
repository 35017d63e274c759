//! `spec/bill_columns.yaml`: what the bills are made of.

use crate::ir::Standing;

/// The bills.
#[derive(Debug, Default)]
pub struct BillSpec {
    /// In the order of the file, in which a bill of unknown kind is held against them.
    pub kinds: Vec<BillKind>,
}

/// One kind of bill.
#[derive(Debug)]
pub struct BillKind {
    /// snake_case name, which the names in all languages come from: `fund_flow`.
    pub name: String,
    /// `fund-flow bill`
    pub title: String,
    /// Name in the official documentation.
    pub title_zh: String,
    /// What a row is.
    pub doc: String,
    /// Operations whose files these are.
    pub operations: Vec<String>,
    /// How sure we are of the columns.
    pub standing: Standing,
    /// Columns in the order of the file.
    pub columns: Vec<BillColumn>,
    /// What stands in the last line.
    pub totals: Vec<BillTotal>,
}

impl BillKind {
    /// Place of a column by its name.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The total that says how many rows there are.
    pub fn count(&self) -> Option<&BillTotal> {
        self.totals.iter().find(|total| total.compared == Compared::Rows && total.only.is_none())
    }
}

/// A column.
#[derive(Debug)]
pub struct BillColumn {
    /// snake_case name in all languages.
    pub name: String,
    /// Its headers; the first that a bill has is read.
    pub headers: Vec<String>,
    /// What its values are.
    pub value: BillValue,
    /// Whether bills of the kind have it.
    pub needed: Needed,
    /// Values of `bill_type` whose bills have it; none: all.
    pub only: Vec<String>,
    /// Whether it is filled only in bills of service providers.
    pub partner: bool,
    /// The text that means nothing.
    pub nothing: Option<String>,
    /// What it means.
    pub doc: String,
}

/// What a value of a bill is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BillValue {
    /// Text.
    Text,
    /// Beijing time: `2026-08-08 10:34:56`.
    Time,
    /// `0.60%`
    Rate,
    /// Yuan with two decimals, read as whole fen.
    Fen,
    /// Yuan that may have fractions of a fen.
    Yuan,
    /// A number of rows.
    Count,
}

/// Whether a bill must have a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needed {
    /// Otherwise it is no bill of the kind.
    Always,
    /// All columns of this sort are there, or none.
    Together,
    /// It may be missing.
    No,
}

/// A total.
#[derive(Debug)]
pub struct BillTotal {
    /// snake_case name.
    pub name: String,
    /// Its header.
    pub header: String,
    /// What its value is.
    pub value: BillValue,
    /// What it must be.
    pub compared: Compared,
    /// Place of a column, and the value that rows have there which count.
    pub only: Option<(usize, String)>,
}

/// What a total is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compared {
    /// The number of rows.
    Rows,
    /// The sum of the column at this place.
    Sum(usize),
    /// Nothing.
    Not,
}
