//! Names of columns: looked up, and held against what a kind of bill must have.

use serde_json::json;

use crate::error::{Error, Result, codes};
use crate::generated::bill_columns::{BillKind, Column, Needed};

impl BillKind {
    /// The name of the kind, as bindings take it.
    pub const fn as_str(self) -> &'static str {
        self.format().name
    }
}

/// Names of the columns of one section.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) names: Vec<String>,
    /// The same names without blanks and with ASCII brackets, for the lookup.
    keys: Vec<String>,
    kind: Option<BillKind>,
    /// Where the columns of the kind stand, in the order of its format.
    places: Vec<Option<usize>>,
}

impl Columns {
    pub(super) fn new(names: Vec<String>) -> Self {
        let keys = names.iter().map(|name| key(name)).collect();
        let mut columns = Self { names, keys, kind: None, places: Vec::new() };
        columns.kind = BillKind::ALL.iter().copied().find(|kind| columns.missing(*kind).is_empty());
        if let Some(kind) = columns.kind {
            columns.places = kind.format().columns.iter().map(|column| columns.place(column)).collect();
        }
        columns
    }

    pub(super) const fn kind(&self) -> Option<BillKind> {
        self.kind
    }

    pub(super) fn position(&self, name: &str) -> Option<usize> {
        let wanted = key(name);
        self.keys.iter().position(|key| *key == wanted)
    }

    /// Where a column stands: the first of its headers that is there.
    pub(super) fn place(&self, column: &Column) -> Option<usize> {
        column.headers.iter().find_map(|header| self.position(header))
    }

    /// The columns of the kind that this is, each with its place.
    pub(super) fn typed(&self) -> impl Iterator<Item = (&'static Column, Option<usize>)> {
        let columns = self.kind.map_or(&[] as &[Column], |kind| kind.format().columns);
        columns.iter().zip(self.places.iter().copied())
    }

    /// A column of the kind that this is, by its number there, when the bill has it.
    pub(super) fn typed_at(&self, number: usize) -> Option<(&'static Column, usize)> {
        let place = self.places.get(number).copied().flatten()?;
        Some((self.kind?.format().columns.get(number)?, place))
    }

    /// What a bill of this kind has and this one has not.
    fn missing(&self, kind: BillKind) -> Vec<String> {
        let absent = |column: &&Column| self.place(column).is_none();
        let of = |needed| kind.format().columns.iter().filter(move |column| column.needed == needed);
        let mut missing: Vec<&Column> = of(Needed::Always).filter(absent).collect();
        if of(Needed::Together).any(|column| !absent(&column)) {
            missing.extend(of(Needed::Together).filter(absent));
        }
        missing.into_iter().map(|column| column.headers.join(" or ")).collect()
    }

    /// The error that names what is missing when this is no bill of the kind.
    pub(super) fn demand(&self, kind: BillKind) -> Result<()> {
        if self.kind == Some(kind) {
            return Ok(());
        }
        let missing = self.missing(kind);
        let looks = match self.kind {
            Some(other) => format!("It looks like {}: read it as one.", other.format().title),
            None => format!("Its columns are {}.", self.names.join(", ")),
        };
        Err(Error::malformed(
            codes::BILL_COLUMNS,
            format!("this is not {}: it lacks {}. {looks}", kind.format().title, missing.join(", ")),
        )
        .with_detail(json!({
            "kind": kind.as_str(), "missing": missing, "found": self.kind.map(BillKind::as_str), "columns": self.names,
        })))
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
