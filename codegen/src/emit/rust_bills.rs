//! `spec/bill_columns.yaml` to what the core knows of bills: tables, and typed views of their rows.

use std::fmt::Write;

use crate::Files;
use crate::emit::bill_docs;
use crate::emit::text::{doc, header, literal, literals, sentence};
use crate::ir::{BillColumn, BillKind, BillSpec, BillTotal, BillValue, Compared};
use crate::names::{pascal_case, rust_ident, screaming_case};

const SOURCE: &str = "spec/bill_columns.yaml";

/// Files below `folder`: `bill_columns.rs` with the tables, `bill_rows.rs` with the views.
pub fn emit(spec: &BillSpec, folder: &str) -> Files {
    Files::from([
        (format!("{folder}/bill_columns.rs"), tables(spec)),
        (format!("{folder}/bill_rows.rs"), views(spec)),
    ])
}

fn tables(spec: &BillSpec) -> String {
    let mut out = header(SOURCE);
    out.push_str(
        "//! The columns of bills: what they are called, what stands there, and what the totals say of them.

/// Which bill it is, by its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BillKind {
",
    );
    for kind in &spec.kinds {
        let text = format!("The {} ({}). {}", kind.title, kind.title_zh, sentence(&kind.doc));
        out.push_str(&doc("    ", "///", &text));
        let _ = writeln!(out, "    {},", pascal_case(&kind.name));
    }
    out.push_str("}\n\nimpl BillKind {\n    /// All of them.\n    pub const ALL: &'static [Self] = &[");
    for kind in &spec.kinds {
        let _ = write!(out, "Self::{}, ", pascal_case(&kind.name));
    }
    out.push_str("];\n\n    /// What such a bill is made of.\n    pub(crate) const fn format(self) -> &'static Format {\n        match self {\n");
    for kind in &spec.kinds {
        let _ = writeln!(out, "Self::{} => &{},", pascal_case(&kind.name), screaming_case(&kind.name));
    }
    out.push_str(
        "        }
    }
}

/// What a kind of bill is made of.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Format {
    /// The name of the kind in all languages.
    pub(crate) name: &'static str,
    /// Its names in English and Chinese.
    pub(crate) title: &'static str,
    pub(crate) columns: &'static [Column],
    pub(crate) totals: &'static [Total],
    /// The total that says how many rows there are.
    pub(crate) count: Option<&'static str>,
}

/// A column.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    /// The first of these that the bill has is read.
    pub(crate) headers: &'static [&'static str],
    pub(crate) value: Value,
    pub(crate) needed: Needed,
    /// The text that means nothing.
    pub(crate) nothing: Option<&'static str>,
}

/// How a value is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value {
    /// As it stands there.
    Text,
    /// Yuan, as whole fen.
    Fen,
    /// Yuan that may have fractions of a fen.
    Yuan,
}

/// Whether a bill of the kind must have a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needed {
    Always,
    /// All columns of this sort, or none.
    Together,
    No,
}

/// A total.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Total {
    pub(crate) header: &'static str,
    pub(crate) compared: Compared,
    /// Place of a column, and what stands there in the rows that count.
    pub(crate) only: Option<(usize, &'static str)>,
}

/// What a total is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compared {
    /// The number of rows.
    Rows,
    /// The sum of the column at this place.
    Sum(usize),
}
",
    );
    for kind in &spec.kinds {
        table(&mut out, kind);
    }
    out
}

fn table(out: &mut String, kind: &BillKind) {
    let title = format!("a {} ({})", kind.title, kind.title_zh);
    let _ = write!(
        out,
        "\nconst {}: Format = Format {{\nname: {},\ntitle: {},\ncolumns: &[\n",
        screaming_case(&kind.name),
        literal(&kind.name),
        literal(&title)
    );
    for column in &kind.columns {
        let _ = writeln!(
            out,
            "Column {{ name: {}, headers: {}, value: Value::{}, needed: Needed::{:?}, nothing: {} }},",
            literal(&column.name),
            literals(&column.headers),
            match column.value {
                BillValue::Fen => "Fen",
                BillValue::Yuan => "Yuan",
                BillValue::Text | BillValue::Time | BillValue::Rate | BillValue::Count => "Text",
            },
            column.needed,
            option(column.nothing.as_deref().map(literal))
        );
    }
    out.push_str("],\ntotals: &[\n");
    for total in &kind.totals {
        out.push_str(&self::total(total));
    }
    let count = kind.count().map(|total| literal(&total.header));
    let _ = writeln!(out, "],\ncount: {},\n}};", option(count));
}

/// Only what is compared: the others are texts to the core.
fn total(total: &BillTotal) -> String {
    let compared = match total.compared {
        Compared::Rows => "Compared::Rows".to_owned(),
        Compared::Sum(column) => format!("Compared::Sum({column})"),
        Compared::Not => return String::new(),
    };
    let only = total.only.as_ref().map(|(column, value)| format!("({column}, {})", literal(value)));
    format!("Total {{ header: {}, compared: {compared}, only: {} }},\n", literal(&total.header), option(only))
}

fn option(value: Option<String>) -> String {
    value.map_or_else(|| "None".to_owned(), |value| format!("Some({value})"))
}

fn views(spec: &BillSpec) -> String {
    let mut out = header(SOURCE);
    out.push_str(
        "//! Rows of bills with their columns by name.

use serde_json::{Map, Value};

use crate::bill::row::Row;
use crate::error::Result;
use crate::generated::bill_columns::BillKind;

impl Row {
",
    );
    for kind in &spec.kinds {
        let (method, view) = (rust_ident(&kind.name), view_name(kind));
        let _ = write!(
            out,
            "    /// The row with the columns of a {} by name.\n    ///\n    /// # Errors\n    /// `malformed` with code `BILL_COLUMNS` when the row is of another bill.\n    pub fn {method}(&self) -> Result<{view}<'_>> {{\n        self.demand(BillKind::{})?;\n        Ok({view}(self))\n    }}\n\n",
            kind.title,
            pascal_case(&kind.name)
        );
    }
    out.push_str("}\n");
    for kind in &spec.kinds {
        view(&mut out, kind);
    }
    out
}

fn view_name(kind: &BillKind) -> String {
    format!("{}Row", pascal_case(&kind.name))
}

fn view(out: &mut String, kind: &BillKind) {
    let name = view_name(kind);
    let intro = format!(
        "A row of a {} ({}). {} A method returns `None` when the bill has no such column or the value is empty; other columns are reached with [`Row::get`].",
        kind.title,
        kind.title_zh,
        sentence(&kind.doc)
    );
    let _ = write!(
        out,
        "\n{}#[derive(Debug, Clone, Copy)]\npub struct {name}<'a>(&'a Row);\n\nimpl<'a> {name}<'a> {{\n",
        doc("", "///", &intro)
    );
    for (place, column) in kind.columns.iter().enumerate() {
        getter(out, place, column);
    }
    out.push_str(
        "    /// All of these as a JSON object: amounts are numbers of fen, what is not there is `null`. A fee is text in
    /// yuan, for it may have fractions of a fen.
    ///
    /// # Errors
    /// As for [`Row::fen`].
    pub fn to_json(&self) -> Result<Map<String, Value>> {
        self.0.typed()
    }
}
",
    );
}

fn getter(out: &mut String, place: usize, column: &BillColumn) {
    out.push_str(&doc("    ", "///", &bill_docs::rust_column(column)));
    let name = rust_ident(&column.name);
    let _ = match column.value {
        BillValue::Fen | BillValue::Yuan => write!(
            out,
            "    ///\n    /// # Errors\n    /// As for [`Row::fen`].\n    pub fn {name}(&self) -> Result<Option<i64>> {{\n        self.0.typed_fen({place})\n    }}\n\n"
        ),
        BillValue::Text | BillValue::Time | BillValue::Rate | BillValue::Count => write!(
            out,
            "    pub fn {name}(&self) -> Option<&'a str> {{\n        self.0.typed_text({place})\n    }}\n\n"
        ),
    };
}
