//! `spec/bill_columns.yaml` to rows as `TypedDict`s, and a reader for each kind.

use std::fmt::Write;

use super::{FOLDER, text};
use crate::Files;
use crate::emit::bill_docs;
use crate::ir::{BillSpec, BillValue};
use crate::names::pascal_case;

pub(super) fn emit(spec: &BillSpec) -> Files {
    let mut out = text::header("spec/bill_columns.yaml");
    out.push_str(
        "\"\"\"Rows of bills with their columns by name.\"\"\"\n\nfrom __future__ import annotations\n\nfrom typing import TypedDict\n\nfrom .._bills import BillReader, BillSource\n",
    );
    let mut exported = Vec::new();
    for kind in &spec.kinds {
        let row = format!("{}BillRow", pascal_case(&kind.name));
        let _ = write!(out, "\n\nclass {row}(TypedDict):\n");
        out.push_str(&text::docstring("    ", &bill_docs::row(kind, "`None`")));
        for column in &kind.columns {
            let ty = if column.value == BillValue::Fen { "int" } else { "str" };
            let _ = write!(out, "\n    {}: {ty} | None\n", column.name);
            out.push_str(&text::docstring("    ", &bill_docs::column(column)));
        }
        let function = format!("{}_bill_rows", kind.name);
        let _ = write!(out, "\n\ndef {function}(source: BillSource) -> BillReader[{row}]:\n");
        let doc =
            format!("Read a {} ({}), with English names and amounts in fen.", kind.title, kind.title_zh);
        out.push_str(&text::docstring("    ", &doc));
        let _ = writeln!(out, "    return BillReader(source, {})", text::literal(&kind.name));
        exported.extend([row, function]);
    }
    exported.sort();
    out.push_str("\n\n__all__ = [\n");
    for name in exported {
        let _ = writeln!(out, "    {},", text::literal(&name));
    }
    out.push_str("]\n");
    Files::from([(format!("{FOLDER}/bill_rows.py"), out)])
}
