//! `spec/bill_columns.yaml` to rows with getters, and a reader for each kind.

use std::fmt::Write;

use super::names::{PACKAGE, ident, literal};
use super::{SDK, header, kdoc};
use crate::Files;
use crate::emit::bill_docs;
use crate::emit::text::markdown;
use crate::ir::{BillKind, BillSpec, BillValue};
use crate::names::pascal_case;

/// A file per kind: Java's users look for classes by name.
pub(super) fn emit(spec: &BillSpec) -> Files {
    let mut files = Files::new();
    for kind in &spec.kinds {
        let name = format!("{}Bill", pascal_case(&kind.name));
        let path = format!("{SDK}/{}/{name}.kt", PACKAGE.replace('.', "/"));
        files.insert(path, file(kind, &name));
    }
    files
}

fn file(kind: &BillKind, name: &str) -> String {
    let mut out = header("spec/bill_columns.yaml");
    let _ = writeln!(
        out,
        "package {PACKAGE}\n\nimport java.nio.file.Path\nimport kotlinx.serialization.json.JsonObject\n"
    );
    out.push_str(&kdoc("", &markdown(&bill_docs::row(kind, "Null"))));
    let _ = writeln!(out, "public class {name}Row(json: JsonObject) : Model(json) {{");
    for column in &kind.columns {
        let (ty, read) = if column.value == BillValue::Fen { ("Long", "whole") } else { ("String", "text") };
        out.push_str(&kdoc("    ", &markdown(&bill_docs::column(column))));
        let (name, key) = (ident(&column.name), literal(&column.name));
        let _ = writeln!(out, "    public val {name}: {ty}? get() = {read}({key})\n");
    }
    out.push_str(&kdoc("    ", "Shows nothing of the content, which tells the merchant's business."));
    let _ = writeln!(out, "    override fun toString(): String = {}\n}}\n", literal(&format!("{name}Row")));
    let example = format!(
        "{}\n\n```\n{name}Reader(path).use {{ bill -> for (row in bill) println(row.time) }}\n```",
        bill_docs::reader(kind)
    );
    out.push_str(&kdoc("", &example));
    let _ = write!(
        out,
        "public class {name}Reader(path: Path) : BillRows<{name}Row>(path, {}) {{\n    override fun row(json: JsonObject): {name}Row = {name}Row(json)\n}}\n",
        literal(&kind.name)
    );
    out
}
