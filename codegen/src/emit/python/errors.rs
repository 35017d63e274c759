//! `spec/errors.yaml` to exception classes and to constants for our own codes.

use std::fmt::Write;

use super::{FOLDER, text};
use crate::Files;
use crate::emit::text::sentence;
use crate::ir::ErrorSpec;
use crate::names::pascal_case;

/// Names, in lower case, that the builtins have; ours must not hide them in `from wechatpay_rs import …`.
const BUILTIN: &[&str] = &["connectionerror", "timeouterror", "ioerror"];

/// What the builtins call the same: who catches that catches ours.
const IS_ALSO: &[(&str, &str)] = &[
    ("connection", "ConnectionError"),
    ("timeout", "TimeoutError"),
    ("network", "ConnectionError"),
    ("io", "OSError"),
];

pub(super) fn emit(errors: &ErrorSpec) -> Files {
    let mut files = Files::new();
    let source = "spec/errors.yaml";
    let mut out = text::header(source);
    out.push_str(
        "\"\"\"One exception class per kind of error.\"\"\"\n\nfrom __future__ import annotations\n\nfrom .._errors import WeChatPayError\n",
    );
    let mut by_kind = String::new();
    let mut names = Vec::new();
    for kind in &errors.kinds {
        let name = class_name(&kind.name);
        let builtin = IS_ALSO.iter().find(|(ours, _)| *ours == kind.name);
        let also = builtin.map(|(_, theirs)| format!(", {theirs}")).unwrap_or_default();
        let _ = write!(out, "\n\nclass {name}(WeChatPayError{also}):\n");
        out.push_str(&text::docstring("    ", &sentence(&kind.doc)));
        let _ = write!(out, "\n    kind = {}\n", text::literal(&kind.name));
        let _ = writeln!(by_kind, "    {}: {name},", text::literal(&kind.name));
        names.push(name);
    }
    let _ = write!(out, "\n\nBY_KIND: dict[str, type[WeChatPayError]] = {{\n{by_kind}}}\n");
    names.push("BY_KIND".to_owned());
    names.sort();
    let _ = write!(out, "\n__all__ = [\n");
    for name in &names {
        let _ = writeln!(out, "    {},", text::literal(name));
    }
    out.push_str("]\n");
    files.insert(format!("{FOLDER}/errors.py"), out);

    let mut out = text::header(source);
    out.push_str(
        "\"\"\"Values of `WeChatPayError.code` that this library gives itself; all others are WeChat Pay's own.\"\"\"\n\nfrom __future__ import annotations\n\nTYPE_CHECKING = False\nif TYPE_CHECKING:\n    from typing import Final\n\n",
    );
    for code in &errors.codes {
        let _ = writeln!(out, "{0}: Final = {1}", code.code, text::literal(&code.code));
        out.push_str(&text::docstring("", &sentence(&code.advice)));
    }
    files.insert(format!("{FOLDER}/codes.py"), out);
    files
}

/// `InvalidRequestError`; `WeChatPayTimeoutError` where the builtins have the short name.
fn class_name(kind: &str) -> String {
    let name = format!("{}Error", pascal_case(kind));
    if BUILTIN.contains(&name.to_lowercase().as_str()) { format!("WeChatPay{name}") } else { name }
}
