//! What stands in the sandbox's binary: the examples, from which it answers wherever it is installed, and headings of bills.

use crate::Files;
use crate::emit::{examples, text};
use crate::ir::{BillSpec, Compared, ErrorSpec, Spec, Standing};
use crate::names::screaming_case;

/// Folders that hold nothing else.
pub const FOLDERS: &[&str] = &["sandbox/src/generated"];

/// The list of the files of [`examples`].
pub fn emit(spec: &Spec, errors: &ErrorSpec) -> Files {
    let list: String = examples::emit(spec, errors)
        .keys()
        .map(|name| format!("    include_str!(\"../../../{name}\"),\n"))
        .collect();
    let content = format!(
        "{}//! The examples of the spec: `tests/vectors/examples/`.\n\n/// The text of each file.\npub(super) const FILES: &[&str] = &[\n{list}];\n",
        text::header("spec/**/*.yaml")
    );
    Files::from([("sandbox/src/generated/examples.rs".to_owned(), content)])
}

/// The headings of the bills that the sandbox makes.
pub fn emit_bills(spec: &BillSpec) -> Files {
    let mut out = text::header("spec/bill_columns.yaml");
    out.push_str("//! Headings of bills, in the order of the file.\n\n/// A column or a total, and the values of `bill_type` whose bills have it; none: all.\npub(super) type Heading = (&'static str, &'static [&'static str]);\n");
    for kind in spec.kinds.iter().filter(|kind| kind.standing == Standing::Documented) {
        let name = screaming_case(&kind.name);
        let title = format!("{} ({})", kind.title, kind.title_zh);
        out.push_str(&format!("\n/// Columns of a {title}.\npub(super) const {name}: &[Heading] = &[\n"));
        for column in &kind.columns {
            out.push_str(&heading(&column.headers[0], &column.only));
        }
        out.push_str(&format!(
            "];\n\n/// Totals of a {title}.\npub(super) const {name}_TOTALS: &[Heading] = &[\n"
        ));
        for total in &kind.totals {
            let only = match total.compared {
                Compared::Sum(column) => kind.columns[column].only.as_slice(),
                Compared::Rows | Compared::Not => &[],
            };
            out.push_str(&heading(&total.header, only));
        }
        out.push_str("];\n");
    }
    Files::from([("sandbox/src/generated/bill_headings.rs".to_owned(), out)])
}

fn heading(header: &str, only: &[String]) -> String {
    format!("    ({}, {}),\n", text::literal(header), text::literals(only))
}
