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
    for operation in node.operations() {
        out.push('\n');
        out.push_str(&swift_doc("        ", &operation_doc(operation)));
        let mut parameters = Vec::new();
        let mut arguments = vec![literal(&operation.id)];
        if let Some(id) = operation.request_type() {
            parameters.push(format!("_ request: {}", names.full(id)));
            arguments.push("request".to_owned());
        }
        let mut call = "send";
        if matches!(operation.request, Request::Upload { .. }) {
            call = "upload";
            parameters.push("fileName: String, content: Data".to_owned());
            arguments.push("fileName: fileName, content: content".to_owned());
        }
        let mut answer = String::new();
        match operation.response {
            Response::None => {}
            Response::Type(id) => answer = names.full(id).to_owned(),
            Response::Json => answer = "JSONValue".to_owned(),
            Response::File => {
                call = "callForFile";
                parameters.push(
                    "to path: String, progress: (@Sendable (UInt64, UInt64?) -> Void)? = nil".to_owned(),
                );
                arguments.push("to: path, progress: progress".to_owned());
            }
        }
        let returns = match operation.response {
            Response::None => String::new(),
            Response::File => " -> Downloaded".to_owned(),
            Response::Type(_) | Response::Json => {
                arguments.push(format!("as: {answer}.self"));
                format!(" -> Reply<{answer}>")
            }
        };
        let (parameters, arguments) = (parameters.join(", "), arguments.join(", "));
        let _ = writeln!(
            out,
            "        public func {}({parameters}) async throws{returns} {{\n            try await client.{call}({arguments})\n        }}",
            method(&operation.name)
        );
    }
    out.push_str("    }\n}\n\n");
    out
}
