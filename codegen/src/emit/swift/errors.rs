//! `spec/errors.yaml` to `WeChatPayError`.

use std::fmt::Write;

use crate::emit::swift::names::{literal, method};
use crate::emit::swift::{header, swift_doc};
use crate::emit::text::{markdown, sentence};
use crate::ir::ErrorSpec;

/// `WeChatPayError.swift`.
pub(super) fn emit(errors: &ErrorSpec) -> String {
    let mut out = header("spec/errors.yaml");
    out.push('\n');
    out.push_str(&swift_doc(
        "",
        "Everything that can go wrong: a closed list of kinds, each with the same details.",
    ));
    out.push_str("public enum WeChatPayError: Error, Sendable {\n");
    for kind in &errors.kinds {
        out.push_str(&swift_doc("    ", &sentence(&markdown(&kind.doc))));
        let _ = writeln!(out, "    case {}(ErrorDetails)", method(&kind.name));
    }
    out.push_str("\n    /// What is known of it, whatever the kind.\n    public var details: ErrorDetails {\n        switch self {\n");
    for kind in &errors.kinds {
        let _ = writeln!(out, "        case .{}(let details): return details", method(&kind.name));
    }
    out.push_str("        }\n    }\n\n    /// The name that all languages share: `invalid_request`.\n    public var kind: String {\n        switch self {\n");
    for kind in &errors.kinds {
        let _ = writeln!(out, "        case .{}: return {}", method(&kind.name), literal(&kind.name));
    }
    out.push_str(
        "        }\n    }\n\n    init(kind: String, details: ErrorDetails) {\n        switch kind {\n",
    );
    for kind in &errors.kinds {
        let _ =
            writeln!(out, "        case {}: self = .{}(details)", literal(&kind.name), method(&kind.name));
    }
    out.push_str("        default: self = .malformed(details)\n        }\n    }\n}\n\n");
    out.push_str(&swift_doc("", "Codes that this library gives itself; all others are WeChat Pay's own."));
    out.push_str("public enum ErrorCodes {\n");
    for (index, code) in errors.codes.iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        out.push_str(&swift_doc("    ", &sentence(&markdown(&code.advice))));
        let _ = writeln!(out, "    public static let {} = {}", code.code, literal(&code.code));
    }
    out.push_str("}\n");
    out
}
