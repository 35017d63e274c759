//! The npm package: declarations of everything in `.d.ts`, and JavaScript that only names operations.
//!
//! No model exists at run time. One pair of files per file of the spec, loaded when the family is first used.

mod bills;
mod docs;
mod errors;
mod methods;
mod models;
mod names;
mod notifications;
mod options;

use crate::Files;
use crate::emit::Api;
use crate::ir::{ErrorSpec, Spec};

const FOLDER: &str = "bindings-node/lib/generated";

/// Folders that hold nothing else.
pub const FOLDERS: &[&str] = &[FOLDER];

/// All files of the language.
pub fn emit_all(api: Api<'_>) -> Files {
    let mut files = emit(api.spec, api.errors);
    files.extend(bills::emit(api.bills));
    files.extend(options::emit(api.options));
    files
}

/// Everything of the npm package that follows from the spec.
pub fn emit(spec: &Spec, errors: &ErrorSpec) -> Files {
    let mut files = errors::emit(errors);
    files.extend(emit_api(spec));
    files
}

/// Types and methods.
pub fn emit_api(spec: &Spec) -> Files {
    let tree = spec.tree();
    let names = models::Names::new(spec);
    let mut files = Files::new();
    for node in tree.walk().into_iter().skip(1) {
        let stem = format!("{FOLDER}/{}", node.path.join("/"));
        files.insert(format!("{stem}.d.ts"), methods::declarations(spec, &names, node));
        files.insert(format!("{stem}.js"), methods::javascript(node));
    }
    files.insert(format!("{FOLDER}/api.d.ts"), methods::root_declarations(spec, &names, &tree));
    files.insert(format!("{FOLDER}/api.js"), methods::root_javascript(&tree));
    files.insert(format!("{FOLDER}/notifications.d.ts"), notifications::declarations(spec, &names));
    files
}

/// A JavaScript string literal with single quotes.
fn quoted(text: &str) -> String {
    let mut out = String::from("'");
    for c in text.chars() {
        match c {
            '\'' => out.push_str("\\'"),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('\'');
    out
}

/// Words that cannot name an import.
const RESERVED: &[&str] = &[
    "arguments",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "eval",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "let",
    "new",
    "null",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "static",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "var",
    "void",
    "while",
    "with",
    "yield",
];

/// The lines that make the file at `path` a namespace `name` of this one, and what it is called in here.
fn namespace(name: &str, path: &str) -> (String, String) {
    let path = quoted(path);
    if RESERVED.contains(&name) {
        let local = format!("${name}");
        return (
            format!("import type * as {local} from {path};\nexport type {{ {local} as {name} }};\n"),
            local,
        );
    }
    (format!("import type * as {name} from {path};\nexport type {{ {name} }};\n"), name.to_owned())
}

/// A method's name in an interface, where a bare `new` would be a constructor.
fn method(name: &str) -> String {
    if name == "new" { quoted(name) } else { name.to_owned() }
}

/// A property name: bare where JavaScript allows it.
fn property(name: &str) -> String {
    if name.starts_with(|c: char| c.is_ascii_digit()) { quoted(name) } else { name.to_owned() }
}

/// `import('./a.js')` from the file of `from`: both are paths below the generated folder, without extension.
fn relative(from: &[String], to: &str) -> String {
    let up = from.len().saturating_sub(1);
    if up == 0 { format!("./{to}.js") } else { format!("{}{to}.js", "../".repeat(up)) }
}

/// `../../types.js`: a hand-written file in the folder above the generated one.
fn outside(from: &[String], name: &str) -> String {
    format!("{}{name}.js", "../".repeat(from.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_literals_are_valid_javascript() {
        assert_eq!(quoted("it's\n\u{2028}"), "'it\\'s\\n\\u2028'");
        assert_eq!(property("3d_secure"), "'3d_secure'");
    }

    #[test]
    fn imports_climb_to_the_generated_folder() {
        let path = |text: &str| text.split('/').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(relative(&path("payments"), "refunds"), "./refunds.js");
        assert_eq!(relative(&path("payments/jsapi"), "payments"), "../payments.js");
        assert_eq!(outside(&path("payments"), "types"), "../types.js");
        assert_eq!(outside(&path("payments/jsapi"), "types"), "../../types.js");
    }
}
