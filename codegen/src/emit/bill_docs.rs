//! What docstrings say of bills, for every language that is not Rust: its getters give fen where the others give text.

use crate::emit::text::sentence;
use crate::ir::{BillColumn, BillKind, BillValue};

/// What a row is, with the language's word for nothing: `None`, `null`.
pub fn row(kind: &BillKind, nothing: &str) -> String {
    format!(
        "A row of a {} ({}). {}\n\n{nothing}: the bill has no such column, or nothing stands there.",
        kind.title,
        kind.title_zh,
        sentence(&kind.doc)
    )
}

/// What a reader of the bill is.
pub fn reader(kind: &BillKind) -> String {
    format!("Reads a {} ({}).", kind.title, kind.title_zh)
}

/// What a column means, how its values are read, and where it stands.
pub fn column(column: &BillColumn) -> String {
    described(
        column,
        match column.value {
            BillValue::Yuan => Some("In yuan, as text, for it may have fractions of a fen."),
            value => unit(value),
        },
    )
}

/// The same for Rust, whose getters read a fee as fen, or fail.
pub fn rust_column(column: &BillColumn) -> String {
    described(
        column,
        match column.value {
            BillValue::Yuan => {
                Some("In fen; it may have fractions of one, which are an error: [`Row::get`] gives the text.")
            }
            value => unit(value),
        },
    )
}

const fn unit(value: BillValue) -> Option<&'static str> {
    match value {
        BillValue::Time => Some("Beijing time: `2026-08-08 10:34:56`."),
        BillValue::Rate => Some("As text: `0.60%`."),
        BillValue::Fen => Some("In fen."),
        BillValue::Text | BillValue::Yuan | BillValue::Count => None,
    }
}

fn described(column: &BillColumn, unit: Option<&str>) -> String {
    let mut parts = vec![sentence(&column.doc)];
    parts.extend(unit.map(str::to_owned));
    let headers: Vec<String> = column.headers.iter().map(|header| format!("`{header}`")).collect();
    parts.push(format!("Column {}.", headers.join(" or ")));
    if !column.only.is_empty() {
        parts.push(format!("Only in bills of type {}.", column.only.join(", ")));
    }
    if column.partner {
        parts.push("Only in bills of service providers.".to_owned());
    }
    parts.join(" ")
}
