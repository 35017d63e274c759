//! `try await client.payments.jsapi.prepay(…)`: a namespace per file of the spec with a `Calls` struct.

use std::fmt::Write;

use crate::emit::describe::{Tree, operation_doc};
use crate::emit::swift::names::{Names, literal, method, namespace};
use crate::emit::swift::swift_doc;
use crate::ir::{Request, Response};
use crate::names::pascal_case;

/// The namespace of a file or folder of the spec, and its operations.
pub(super) fn emit(names: &Names, node: &Tree<'_>) -> String {
    let name = pascal_case(node.name());
    let mut out = String::new();
    let parent = &node.path[..node.path.len().saturating_sub(1)];
    let nested = !parent.is_empty();
    let indent = if nested { "    " } else { "" };
    if nested {
        let _ = writeln!(out, "extension {} {{", namespace(parent));
    }
    out.push_str(&swift_doc(indent, &node.doc()));
    let _ = writeln!(out, "{indent}public enum {name} {{}}");
    if nested {
        out.push_str("}\n");
    }
    let _ = writeln!(out, "\nextension {} {{", namespace(&node.path));
    out.push_str(&swift_doc("    ", &format!("The operations of `{}`.", node.path.join("."))));
    out.push_str("    public struct Calls: Sendable {\n        let client: Client\n");
    for child in &node.children {
        out.push('\n');
        out.push_str(&swift_doc("        ", &child.doc()));
        let _ = writeln!(
            out,
            "        public var {}: {}.Calls {{ {1}.Calls(client: client) }}",
            method(child.name()),
            namespace(&child.path)
        );
    }
    let operations = node.module.iter().flat_map(|(_, module)| module.operations.iter());
    // Files are fetched with the client's `download`.
    for operation in operations.filter(|operation| !matches!(operation.response, Response::File)) {
        out.push('\n');
        out.push_str(&swift_doc("        ", &operation_doc(operation)));
        let (parameters, arguments) = match &operation.request {
            Request::None => (String::new(), String::new()),
            Request::Fields(fields) => {
                (format!("_ request: {}", names.full(fields.type_id)), ", request".to_owned())
            }
            Request::Upload { .. } => (
                "fileName: String, content: Data".to_owned(),
                ", fileName: fileName, content: content".to_owned(),
            ),
        };
        let call = if matches!(operation.request, Request::Upload { .. }) { "upload" } else { "send" };
        let (answer, body) = match operation.response_type() {
            Some(id) => {
                let answer = names.full(id);
                let body = format!(
                    "try await client.{call}({}{arguments}, as: {answer}.self)",
                    literal(&operation.id)
                );
                (format!(" -> Reply<{answer}>"), body)
            }
            None => {
                (String::new(), format!("try await client.{call}({}{arguments})", literal(&operation.id)))
            }
        };
        let _ = writeln!(
            out,
            "        public func {}({parameters}) async throws{answer} {{\n            {body}\n        }}",
            method(&operation.name)
        );
    }
    out.push_str("    }\n}\n\n");
    if out.contains("content: Data") { format!("import Foundation\n\n{out}") } else { out }
}
