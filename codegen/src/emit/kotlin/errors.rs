//! `spec/errors.yaml` to exception classes, the enum of kinds, and the codes that the library itself gives.

use std::fmt::Write;

use crate::emit::kotlin::names::{PACKAGE, literal};
use crate::emit::kotlin::{header, kdoc};
use crate::emit::text::{markdown, sentence};
use crate::ir::ErrorSpec;
use crate::names::{pascal_case, screaming_case};

/// `Exceptions.kt`.
pub(super) fn emit(errors: &ErrorSpec) -> String {
    let mut out = header("spec/errors.yaml");
    let _ = writeln!(out, "package {PACKAGE}\n");
    out.push_str(&kdoc(
        "",
        "What kind of thing went wrong; a closed list. Each has an exception class of its own.",
    ));
    out.push_str("public enum class ErrorKind(\n    /** The name that all languages share: `invalid_request`. */\n    public val id: String,\n) {\n");
    for kind in &errors.kinds {
        out.push_str(&kdoc("    ", &sentence(&markdown(&kind.doc))));
        let _ = writeln!(out, "    {}({}),\n", screaming_case(&kind.name), literal(&kind.name));
    }
    while out.ends_with('\n') {
        out.pop();
    }
    out.push_str("\n}\n\n");
    for kind in &errors.kinds {
        out.push_str(&kdoc("", &sentence(&markdown(&kind.doc))));
        let _ = writeln!(
            out,
            "public class {}Exception internal constructor(error: ErrorFields) : WeChatPayException(error)\n",
            pascal_case(&kind.name)
        );
    }
    out.push_str("internal fun exceptionOf(error: ErrorFields): WeChatPayException = when (error.kind) {\n");
    for kind in &errors.kinds {
        let _ = writeln!(
            out,
            "    ErrorKind.{} -> {}Exception(error)",
            screaming_case(&kind.name),
            pascal_case(&kind.name)
        );
    }
    out.push_str("}\n\n");
    out.push_str(&kdoc("", "Codes that this library gives itself; all others are WeChat Pay's own."));
    out.push_str("public object ErrorCodes {\n");
    for (index, code) in errors.codes.iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        out.push_str(&kdoc("    ", &sentence(&markdown(&code.advice))));
        let _ = writeln!(out, "    public const val {}: String = {}", code.code, literal(&code.code));
    }
    out.push_str("}\n");
    out
}
