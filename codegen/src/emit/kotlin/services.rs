//! `client.payments.jsapi.prepay(…)`: a class per file of the spec, a method per operation; and the same suspending.

use std::fmt::Write;

use crate::emit::describe::{Tree, operation_doc};
use crate::emit::kotlin::kdoc;
use crate::emit::kotlin::names::{Names, PACKAGE, ident, literal, method, package};
use crate::ir::{Operation, Request, Response};
use crate::names::pascal_case;

/// Files are fetched with the client's `download`.
fn is_typed(operation: &Operation) -> bool {
    !matches!(operation.response, Response::File)
}

/// The blocking service of a file or folder of the spec.
pub(super) fn blocking(names: &Names, node: &Tree<'_>) -> String {
    let mut out = kdoc("", &node.doc());
    let service = names.service(&node.path);
    let operations: Vec<&Operation> = operations(node);
    let keep = if operations.is_empty() { "client: Client" } else { "private val client: Client" };
    let _ = writeln!(out, "public class {service} internal constructor({keep}) {{");
    for child in &node.children {
        out.push_str(&kdoc("    ", &child.doc()));
        let name = format!("{}.{}", package(&child.path), names.service(&child.path));
        let _ = writeln!(out, "    public val {}: {name} = {name}(client)\n", ident(child.name()));
    }
    for operation in operations {
        out.push_str(&kdoc("    ", &operation_doc(operation)));
        let id = literal(&operation.id);
        let reply = operation.response_type().map(|id| names.model(id));
        let answer = reply.as_ref().map_or_else(String::new, |reply| format!(": {reply}"));
        let serializer = reply.as_ref().map(|reply| format!(", {reply}.serializer()")).unwrap_or_default();
        let name = method(&operation.name);
        match &operation.request {
            Request::None => {
                let call = if reply.is_some() { "send" } else { "sendForNothing" };
                let body = format!("client.{call}({id}{serializer})");
                function(&mut out, &format!("{name}(){answer}"), &body);
            }
            Request::Fields(fields) => {
                let request = names.model(fields.type_id);
                let default = if names.is_all_optional(fields.type_id) {
                    out.push_str("    @JvmOverloads\n");
                    format!(" = {request}()")
                } else {
                    String::new()
                };
                let call = if reply.is_some() { "send" } else { "sendForNothing" };
                let body = format!("client.{call}({id}, request, {request}.serializer(){serializer})");
                function(&mut out, &format!("{name}(request: {request}{default}){answer}"), &body);
            }
            Request::Upload { .. } => {
                let call = if reply.is_some() { "upload" } else { "uploadForNothing" };
                let body = format!("client.{call}({id}, fileName, content{serializer})");
                function(&mut out, &format!("{name}(fileName: String, content: ByteArray){answer}"), &body);
                out.push_str(&kdoc("    ", &operation_doc(operation)));
                let body = format!("client.{call}({id}, file{serializer})");
                function(&mut out, &format!("{name}(file: Path){answer}"), &body);
            }
        }
    }
    close(&mut out);
    out
}

fn function(out: &mut String, signature: &str, body: &str) {
    let signature =
        if signature.ends_with(')') { format!("{signature}: Unit") } else { signature.to_owned() };
    let _ = writeln!(out, "    public fun {signature} =\n        {body}\n");
}

fn close(out: &mut String) {
    while out.ends_with('\n') {
        out.pop();
    }
    out.push_str("\n}\n\n");
}

fn operations<'a>(node: &'a Tree<'_>) -> Vec<&'a Operation> {
    node.module
        .iter()
        .flat_map(|(_, module)| module.operations.iter())
        .filter(|operation| is_typed(operation))
        .collect()
}

/// All product families, which the client inherits.
pub(super) fn products(names: &Names, tree: &Tree<'_>) -> String {
    let mut out = kdoc("", "All typed operations of a [Client], by product.");
    out.push_str("public abstract class Products internal constructor() {\n");
    out.push_str("    internal abstract fun client(): Client\n\n");
    for family in &tree.children {
        out.push_str(&kdoc("    ", &family.doc()));
        let name = format!("{}.{}", package(&family.path), names.service(&family.path));
        let _ =
            writeln!(out, "    public val {}: {name} by lazy {{ {name}(client()) }}\n", ident(family.name()));
    }
    close(&mut out);
    out
}

/// Class of the suspending operations of a file or folder: `SuspendPaymentsJsapi`.
fn suspending_name(path: &[String]) -> String {
    let parts: String = path.iter().map(|part| pascal_case(part)).collect();
    format!("Suspend{parts}")
}

/// The suspending service of a file or folder of the spec.
pub(super) fn suspending(names: &Names, node: &Tree<'_>) -> String {
    let name = suspending_name(&node.path);
    let blocking = format!("{}.{}", package(&node.path), names.service(&node.path));
    let mut out = kdoc(
        "",
        &format!("`{}`, suspending: see [{blocking}] for what the operations do.", node.path.join(".")),
    );
    let operations = operations(node);
    let keep = if operations.is_empty() { "blocking" } else { "private val blocking" };
    let _ = writeln!(out, "public class {name} internal constructor({keep}: {blocking}) {{");
    for child in &node.children {
        out.push_str(&kdoc("    ", &format!("`{}`, suspending.", child.path.join("."))));
        let child_name = suspending_name(&child.path);
        let property = ident(child.name());
        let _ =
            writeln!(out, "    public val {property}: {child_name} = {child_name}(blocking.{property})\n");
    }
    for operation in operations {
        let method = method(&operation.name);
        out.push_str(&kdoc(
            "    ",
            &crate::emit::text::sentence(&crate::emit::text::markdown(&operation.title)),
        ));
        let (parameters, arguments) = match &operation.request {
            Request::None => (String::new(), ""),
            Request::Fields(fields) => {
                let request = names.model(fields.type_id);
                let default = if names.is_all_optional(fields.type_id) {
                    format!(" = {request}()")
                } else {
                    String::new()
                };
                (format!("request: {request}{default}"), "request")
            }
            Request::Upload { .. } => {
                ("fileName: String, content: ByteArray".to_owned(), "fileName, content")
            }
        };
        let answer = match operation.response_type() {
            Some(id) => names.model(id).to_owned(),
            None => "Unit".to_owned(),
        };
        let _ = writeln!(
            out,
            "    public suspend fun {method}({parameters}): {answer} =\n        detached {{ blocking.{method}({arguments}) }}\n"
        );
    }
    close(&mut out);
    out
}

/// All product families, suspending.
pub(super) fn suspending_products(tree: &Tree<'_>) -> String {
    let mut out = kdoc("", "All typed operations, suspending, by product.");
    let _ = writeln!(
        out,
        "public abstract class SuspendProducts internal constructor(blocking: {PACKAGE}.Products) {{"
    );
    for family in &tree.children {
        out.push_str(&kdoc("    ", &family.doc()));
        let name = suspending_name(&family.path);
        let property = ident(family.name());
        let _ = writeln!(out, "    public val {property}: {name} = {name}(blocking.{property})\n");
    }
    close(&mut out);
    out
}
