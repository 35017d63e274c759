//! `client.payments().jsapi().prepay(…)`: a struct per file of the spec, a method per operation.

use std::fmt::Write;

use crate::emit::rust_api::examples;
use crate::emit::rust_api::names::Names;
use crate::emit::rust_table;
use crate::emit::text::{doc, markdown, sentence};
use crate::ir::{Module, Operation, Request, Response, Role, Spec, Standing, Tree};
use crate::names::{rust_ident, rust_module};

/// The service of one module.
pub(super) fn emit(out: &mut String, spec: &Spec, names: &Names, tree: &Tree<'_>) {
    let service = names.service(&tree.path);
    out.push_str(&doc("", "///", &sentence(&markdown(&tree.title()))));
    let _ = writeln!(
        out,
        "#[cfg(feature = \"transport\")]\n#[derive(Debug, Clone, Copy)]\npub struct {service}<'c> {{\n    pub(crate) client: &'c Client,\n}}\n"
    );
    let _ = writeln!(out, "#[cfg(feature = \"transport\")]\nimpl<'c> {service}<'c> {{");
    for child in &tree.children {
        let ident = rust_module(child.name());
        let child_service = names.service(&child.path);
        out.push_str(&doc("    ", "///", &sentence(&markdown(&child.title()))));
        let _ = writeln!(
            out,
            "    #[inline]\n    pub fn {ident}(&self) -> {ident}::{child_service}<'c> {{\n        {ident}::{child_service} {{ client: self.client }}\n    }}\n"
        );
    }
    if let Some((index, module)) = tree.module {
        let table_names = rust_table::Names::new(spec);
        for operation in module.operations.iter().filter(|operation| is_typed(operation)) {
            let path = format!(
                "&table::{}::{}",
                rust_table::module_ident(module),
                table_names.operation(&operation.id)
            );
            method(out, spec, names, index, module, operation, &path);
        }
    }
    out.push_str("}\n\n");
}

/// Files are fetched with the client's `download`.
fn is_typed(operation: &Operation) -> bool {
    !matches!(operation.response, Response::File)
}

fn method(
    out: &mut String,
    spec: &Spec,
    names: &Names,
    index: usize,
    module: &Module,
    operation: &Operation,
    table_path: &str,
) {
    let mut text = operation_doc(operation);
    if let Some(example) = examples::call(spec, names, module, operation) {
        let _ = write!(text, "\n\n{example}");
    }
    out.push_str(&doc("    ", "///", &text));
    let ident = rust_ident(&operation.name);
    let (parameter, argument) = match &operation.request {
        Request::None => (String::new(), "&crate::typed::NoFields {}"),
        Request::Fields(fields) => {
            (format!(", request: &{}", names.ty(spec, fields.type_id, index)), "request")
        }
        Request::Upload { .. } => (", file: &crate::media::File".to_owned(), "file"),
    };
    // The types of the request and the reply are inferred, but for the reply that is nothing.
    let (send, nothing) = match operation.request {
        Request::Upload { .. } => ("send_file", "::<()>"),
        _ => ("send", "::<_, ()>"),
    };
    let (answer, call) = match operation.response_type() {
        Some(id) => {
            let answer = format!("Reply<{}>", names.ty(spec, id, index));
            (answer, format!("self.client.{send}({table_path}, {argument})"))
        }
        None => ("()".to_owned(), format!("self.client.{send}{nothing}({table_path}, {argument}).map(drop)")),
    };
    let _ = writeln!(
        out,
        "    #[inline]\n    pub fn {ident}(&self{parameter}) -> Result<{answer}> {{\n        {call}\n    }}\n"
    );
}

/// Title, description, page, errors.
fn operation_doc(operation: &Operation) -> String {
    let mut text = sentence(&markdown(&operation.title));
    if let Some(title) = &operation.title_zh {
        let _ = write!(text, "\n\n{}", markdown(title));
    }
    if let Some(description) = &operation.description {
        let _ = write!(text, "\n\n{}", sentence(&markdown(description)));
    }
    match operation.standing {
        Standing::Documented => {}
        Standing::Retired => text.push_str("\n\nNo longer in the official documentation."),
        Standing::Community => {
            text.push_str("\n\nNot in the official documentation: known from other sources.")
        }
    }
    match operation.role {
        Role::Merchant => {}
        Role::Partner => text.push_str("\n\nFor service providers."),
        Role::Both => text.push_str("\n\nFor merchants and service providers."),
    }
    if let Request::Upload { max_bytes, extensions } = &operation.request {
        let _ =
            write!(text, "\n\nAt most {max_bytes} bytes; file name extensions: {}.", extensions.join(", "));
    }
    let _ = write!(text, "\n\n`{} {}`", operation.method, operation.path);
    if let Some(since) = &operation.since {
        let _ = write!(text, ", since {since}");
    }
    if let Some(page) = &operation.doc {
        let _ = write!(text, ": [official page]({})", crate::emit::text::page_url(page));
    }
    text.push_str("\n\n# Errors\n");
    if !operation.errors.is_empty() {
        let codes: Vec<String> = operation.errors.iter().map(|code| format!("`{code}`")).collect();
        let _ = write!(text, "WeChat Pay's codes for this call: {}. ", codes.join(", "));
    }
    text.push_str("Every way a call can fail: [`ErrorKind`](crate::ErrorKind).");
    if let Some(confirm) = &operation.confirm {
        let _ = write!(text, " When the outcome is unknown, ask `{confirm}`.");
    }
    text
}
