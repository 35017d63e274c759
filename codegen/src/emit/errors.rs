//! `spec/errors.yaml` to `core/src/generated/error_kind.rs`.

use std::fmt::Write;

use crate::Files;
use crate::emit::text::{doc, header, literal, sentence};
use crate::ir::ErrorSpec;
use crate::names::pascal_case;

/// The kinds and codes of errors.
pub fn emit(errors: &ErrorSpec) -> Files {
    let mut out = header("spec/errors.yaml");
    out.push_str(
        "//! The closed list of kinds of errors, and the codes that this library gives.\n\nuse std::fmt;\n\n",
    );
    out.push_str(
        "/// What kind of thing went wrong.\n#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]\n#[non_exhaustive]\npub enum ErrorKind {\n",
    );
    for kind in &errors.kinds {
        out.push_str(&doc("    ", "///", &sentence(&kind.doc)));
        let _ = writeln!(out, "    {},", pascal_case(&kind.name));
    }
    out.push_str("}\n\nimpl ErrorKind {\n    /// All kinds.\n    pub const ALL: &'static [Self] = &[");
    for kind in &errors.kinds {
        let _ = write!(out, "Self::{},", pascal_case(&kind.name));
    }
    out.push_str("];\n\n    /// The name that all languages share: `invalid_request`.\n");
    out.push_str("    pub const fn as_str(self) -> &'static str {\n        match self {\n");
    for kind in &errors.kinds {
        let _ = writeln!(out, "Self::{} => {},", pascal_case(&kind.name), literal(&kind.name));
    }
    out.push_str(
        "}\n}\n}\n\nimpl fmt::Display for ErrorKind {\n    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {\n        f.write_str(self.as_str())\n    }\n}\n\n",
    );
    out.push_str(
        "/// Codes that this library gives itself; all others are WeChat Pay's own.\npub mod codes {\n",
    );
    for code in &errors.codes {
        out.push_str(&doc("    ", "///", &sentence(&code.advice)));
        let _ = writeln!(out, "    pub const {0}: &str = {1};", code.code, literal(&code.code));
    }
    out.push_str("}\n\n/// What one of this library's own [`codes`] means and what to do about it.\n");
    out.push_str("pub fn advice(code: &str) -> Option<&'static str> {\n    match code {\n");
    for code in &errors.codes {
        let _ = writeln!(out, "codes::{} => Some({}),", code.code, literal(&code.advice));
    }
    out.push_str("_ => None,\n}\n}\n");
    Files::from([("core/src/generated/error_kind.rs".to_owned(), out)])
}
