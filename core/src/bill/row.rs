//! One line of a bill by the names of its columns.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::amount::fen;
use super::columns::Columns;
use super::lines::Line;
use crate::error::Result;
use crate::generated::bill_columns::{self as format, BillKind};

/// Values of a line. A line that starts with a back-tick is cut at `` ,` `` only, so that a comma inside a product
/// name or an attachment does not shift the columns.
pub(super) fn split(line: &str) -> Vec<String> {
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
    /// What is wrong comes back as the end of a sentence.
    pub(super) fn new(columns: Arc<Columns>, line: &Line) -> Result<Self, String> {
        let cells = split(&line.text);
        let (got, wanted) = (cells.len(), columns.names.len());
        if got != wanted {
            return Err(format!("has {got} values where the bill has {wanted} columns"));
        }
        Ok(Self { columns, cells, line: line.number })
    }

    /// The value at this place of the line; empty when there is none.
    pub(super) fn cell(&self, index: usize) -> &str {
        self.cells.get(index).map_or("", String::as_str)
    }

    /// The last value of the line, and the name of its column.
    pub(super) fn last(&self) -> Option<(&str, &str)> {
        self.iter().last()
    }

    /// The value in the column of this name, as the file has it without the back-tick; `None` when the bill has no
    /// such column. Blanks in the name do not matter, nor does the kind of brackets.
    pub fn get(&self, column: &str) -> Option<&str> {
        self.columns.position(column).map(|index| self.cell(index))
    }

    /// An amount of this column in fen, exactly. `None` when there is no such column or it is empty here.
    ///
    /// # Errors
    /// `malformed` when the value is not an amount, or not a whole number of fen; [`get`](Self::get) still gives
    /// the text.
    pub fn fen(&self, column: &str) -> Result<Option<i64>> {
        self.get(column).map_or(Ok(None), |text| self.amount(column, text))
    }

    fn amount(&self, column: &str, text: &str) -> Result<Option<i64>> {
        if text.is_empty() {
            return Ok(None);
        }
        fen(text).map(Some).map_err(|error| {
            error
                .with_hint(format!("It stands in column {column} on line {} of the bill.", self.line))
                .with_detail(json!({ "line": self.line, "field": column, "value": text }))
        })
    }

    /// The text of a column of the kind that this is, by its number there; `None` when there is nothing.
    pub(crate) fn typed_text(&self, number: usize) -> Option<&str> {
        let (column, place) = self.columns.typed_at(number)?;
        self.unless_nothing(column, place)
    }

    /// The same as fen.
    pub(crate) fn typed_fen(&self, number: usize) -> Result<Option<i64>> {
        let Some((_, place)) = self.columns.typed_at(number) else { return Ok(None) };
        self.amount_at(place)
    }

    /// All columns of the kind that this is, by their names in every language.
    pub(crate) fn typed(&self) -> Result<Map<String, Value>> {
        let value = |column: &format::Column, place: Option<usize>| {
            let Some(place) = place else { return Ok(Value::Null) };
            Ok(match column.value {
                format::Value::Fen => Value::from(self.amount_at(place)?),
                format::Value::Text | format::Value::Yuan => Value::from(self.unless_nothing(column, place)),
            })
        };
        self.columns
            .typed()
            .map(|(column, place)| Ok((column.name.to_owned(), value(column, place)?)))
            .collect()
    }

    fn amount_at(&self, place: usize) -> Result<Option<i64>> {
        let name = self.columns.names.get(place).map_or("", String::as_str);
        self.amount(name, self.cell(place))
    }

    fn unless_nothing(&self, column: &format::Column, place: usize) -> Option<&str> {
        Some(self.cell(place)).filter(|text| !text.is_empty() && Some(*text) != column.nothing)
    }

    /// Number of the line in the file; the first is 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// All columns with their values, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.columns.names.iter().map(String::as_str).zip(self.cells.iter().map(String::as_str))
    }

    /// Refuses a row of another bill.
    pub(crate) fn demand(&self, kind: BillKind) -> Result<()> {
        self.columns.demand(kind)
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
