//! `spec/bill_columns.yaml` to rows as structs, and a reader for each kind.

use std::fmt::Write;

use super::names::{ident, literal};
use super::{CORE, header, swift_doc};
use crate::Files;
use crate::emit::bill_docs;
use crate::emit::text::markdown;
use crate::ir::{BillKind, BillSpec, BillValue};
use crate::names::pascal_case;

pub(super) fn emit(spec: &BillSpec) -> Files {
    let mut out = header("spec/bill_columns.yaml");
    for kind in &spec.kinds {
        bill(&mut out, kind);
    }
    Files::from([(format!("{CORE}/BillRows.swift"), out)])
}

fn bill(out: &mut String, kind: &BillKind) {
    let name = format!("{}Bill", pascal_case(&kind.name));
    out.push('\n');
    out.push_str(&swift_doc("", &markdown(&bill_docs::row(kind, "Nil"))));
    let _ = writeln!(
        out,
        "public struct {name}Row: Sendable, Hashable, Codable, CustomDebugStringConvertible {{"
    );
    for column in &kind.columns {
        let ty = if column.value == BillValue::Fen { "Int" } else { "String" };
        out.push_str(&swift_doc("    ", &markdown(&bill_docs::column(column))));
        let _ = writeln!(out, "    public var {}: {ty}?", ident(&column.name));
    }
    out.push('\n');
    out.push_str(&swift_doc("    ", "Shows nothing of the content, which tells the merchant's business."));
    let _ = writeln!(
        out,
        "    public var debugDescription: String {{ {} }}\n}}\n",
        literal(&format!("{name}Row"))
    );
    let text = format!("{} Errors are those of `BillReader`.", bill_docs::reader(kind));
    out.push_str(&swift_doc("", &text));
    let _ = writeln!(out, "public final class {name}Reader: Sendable {{\n    private let bill: OpenBill\n");
    out.push_str(&swift_doc("    ", &format!("Opens a {} that was downloaded.", kind.title)));
    let _ = writeln!(
        out,
        "    public init(path: String) throws {{\n        self.bill = try OpenBill(path: path, kind: {})\n    }}\n",
        literal(&kind.name)
    );
    out.push_str(&swift_doc("    ", "Names of the columns, in their order."));
    out.push_str("    public var columns: [String] { bill.columns }\n\n");
    out.push_str(&swift_doc("    ", "The next row; nil after the last."));
    let _ = writeln!(
        out,
        "    public func next() throws -> {name}Row? {{\n        try bill.next({name}Row.self)\n    }}\n"
    );
    out.push_str(&swift_doc("    ", "The totals at the end of the bill, once all rows are read."));
    out.push_str("    public func summary() -> [String: String]? {\n        bill.summary()\n    }\n}\n");
}
