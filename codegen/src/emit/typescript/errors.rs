//! `spec/errors.yaml` to a class per kind.

use std::fmt::Write;

use crate::Files;
use crate::emit::text::{header, sentence};
use crate::ir::ErrorSpec;
use crate::names::pascal_case;

use super::{FOLDER, docs, quoted};

pub(super) fn emit(errors: &ErrorSpec) -> Files {
    let source = "spec/errors.yaml";
    let mut js = header(source);
    js.push_str("'use strict';\nconst { WeChatPayError } = require('../error.js');\n\n");
    js.push_str("const kinds = { __proto__: null };\n");
    let mut ts = header(source);
    ts.push_str("import { WeChatPayError } from '../error.js';\n");
    ts.push_str("\n/** What kind of thing went wrong: a closed list, with a class for each. */\n");
    let kinds: Vec<String> = errors.kinds.iter().map(|kind| quoted(&kind.name)).collect();
    let _ = writeln!(ts, "export type ErrorKind =\n  | {};", kinds.join("\n  | "));
    let codes: Vec<String> = errors.codes.iter().map(|code| quoted(&code.code)).collect();
    let mut text = String::from("Codes that this library gives itself. All others are WeChat Pay's own.\n");
    for code in &errors.codes {
        let _ = write!(text, "\n- `{}`: {}", code.code, sentence(&code.advice));
    }
    ts.push('\n');
    ts.push_str(&docs::comment("", &text));
    let _ = writeln!(ts, "export type LocalErrorCode =\n  | {};", codes.join("\n  | "));
    let mut names = Vec::new();
    for kind in &errors.kinds {
        let (class, name) = (format!("{}Error", pascal_case(&kind.name)), quoted(&kind.name));
        let _ = write!(
            js,
            "\nclass {class} extends WeChatPayError {{\n  static kind = {name};\n}}\nkinds.{} = {class};\n",
            kind.name
        );
        ts.push('\n');
        ts.push_str(&docs::comment("", &sentence(&kind.doc)));
        let _ = writeln!(ts, "export class {class} extends WeChatPayError {{\n  readonly kind: {name};\n}}");
        names.push(class);
    }
    let _ = write!(js, "\nmodule.exports = {{ kinds, {} }};\n", names.join(", "));
    let mut esm = header(source);
    let _ = write!(
        esm,
        "import cjs from './errors.js';\n\nexport const {{\n  {},\n}} = cjs;\n",
        names.join(",\n  ")
    );
    Files::from([
        (format!("{FOLDER}/errors.js"), js),
        (format!("{FOLDER}/errors.mjs"), esm),
        (format!("{FOLDER}/errors.d.ts"), ts),
    ])
}
