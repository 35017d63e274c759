//! `client.payments().jsapi().prepay(…)`: a struct per file of the spec, a method per operation.

use std::fmt::Write;

use crate::emit::describe::OperationDoc;
use crate::emit::rust_api::examples;
use crate::emit::rust_api::names::Names;
use crate::emit::text::{doc, literal, markdown, sentence};
use crate::ir::{Module, Operation, Request, Response, Spec, Tree};
use crate::names::{rust_ident, rust_module};

/// The struct of one module's service, with the methods that lead to the modules below.
pub(super) fn service(names: &Names, tree: &Tree<'_>) -> String {
    let service = names.service(&tree.path);
    let mut out = doc("", "///", &sentence(&markdown(&tree.title())));
    let _ = writeln!(
        out,
        "#[cfg(feature = \"transport\")]\n#[derive(Debug, Clone, Copy)]\npub struct {service}<'c> {{\n    pub(crate) client: &'c crate::Client,\n}}\n"
    );
    let mut methods = String::new();
    for child in &tree.children {
        let ident = rust_module(child.name());
        let child_service = names.service(&child.path);
        methods.push_str(&doc("    ", "///", &sentence(&markdown(&child.title()))));
        let _ = writeln!(
            methods,
            "    pub fn {ident}(&self) -> {ident}::{child_service}<'c> {{\n        {ident}::{child_service} {{ client: self.client }}\n    }}\n"
        );
    }
    if !methods.is_empty() {
        out.push_str(&implementation(names, tree, "'c", &methods));
    }
    out
}

/// The `impl` around methods of a module's service.
pub(super) fn implementation(names: &Names, tree: &Tree<'_>, lifetime: &str, methods: &str) -> String {
    let service = names.service(&tree.path);
    let introduced = if lifetime == "'_" { "" } else { "<'c>" };
    format!(
        "#[cfg(feature = \"transport\")]\nimpl{introduced} {service}<{lifetime}> {{\n{}\n}}\n\n",
        methods.trim_end()
    )
}

/// The method of one operation, or the two of one that answers with a file; types are named as seen from `depth` Rust modules
/// below the file of the spec.
pub(super) fn method(
    spec: &Spec,
    names: &Names,
    (index, module): (usize, &Module),
    operation: &Operation,
    depth: usize,
) -> String {
    let path = |id| names.path(spec, id, index, depth);
    let request = operation.request_type().map(|id| format!(", request: &{}", path(id))).unwrap_or_default();
    let argument = if request.is_empty() { "&serde_json::Value::Null" } else { "request.json()" };
    let example = examples::call(spec, names, module, operation);
    let example = example.map(|example| format!("\n\n{example}")).unwrap_or_default();
    if operation.answers_file() {
        return file_methods(operation, &example, &request, argument);
    }
    let (call, parameters, arguments) = match operation.request {
        Request::Upload { .. } => {
            ("upload", format!("{request}, file: &crate::media::File"), format!("{argument}, file"))
        }
        Request::None | Request::Fields(_) => ("send", request, argument.to_owned()),
    };
    let (answer, call) = match operation.response {
        Response::Type(id) => (format!("Reply<{}>", path(id)), call.to_owned()),
        Response::Json => ("Reply<serde_json::Value>".to_owned(), format!("{call}_untyped")),
        Response::None | Response::File => ("()".to_owned(), format!("{call}_only")),
    };
    let ident = rust_ident(&operation.name);
    let body = format!("crate::call::{call}(self.client, {}, {arguments})", literal(&operation.id));
    let mut out = doc("    ", "///", &(operation_doc(operation, None) + &example));
    let _ = writeln!(
        out,
        "    pub fn {ident}(&self{parameters}) -> Result<{answer}> {{\n        {body}\n    }}\n"
    );
    out
}

/// One that writes the file into a writer, and one that writes it to a path.
fn file_methods(operation: &Operation, example: &str, request: &str, argument: &str) -> String {
    let id = literal(&operation.id);
    let (into, to_path) = (rust_ident(&operation.name), rust_ident(&format!("{}_to_path", operation.name)));
    let writer = "The writer has got bytes before all of them came: they are the file only when this returns without an error.";
    let path =
        "The file appears at the path only when all of it came, and is right where its SHA-1 is signed.";
    let mut out = doc("    ", "///", &operation_doc(operation, Some(writer)));
    let _ = writeln!(
        out,
        "    pub fn {into}<W: std::io::Write + ?Sized>(&self{request}, out: &mut W) -> Result<crate::download::Downloaded> {{\n        crate::call::download(self.client, {id}, {argument}, out)\n    }}\n"
    );
    out.push_str(&doc("    ", "///", &(operation_doc(operation, Some(path)) + example)));
    let _ = writeln!(
        out,
        "    pub fn {to_path}(&self{request}, path: impl AsRef<std::path::Path>) -> Result<crate::download::Downloaded> {{\n        crate::call::download_to_path(self.client, {id}, {argument}, path.as_ref())\n    }}\n"
    );
    out
}

/// Title, description, page, a remark, errors.
fn operation_doc(operation: &Operation, remark: Option<&str>) -> String {
    let doc = OperationDoc::of(operation);
    let mut text = doc.markdown();
    if let Some(remark) = remark {
        let _ = write!(text, "\n\n{remark}");
    }
    text.push_str("\n\n# Errors\n");
    if let Some(codes) = doc.quoted_codes() {
        let _ = write!(text, "WeChat Pay's codes for this call: {codes}. ");
    }
    text.push_str("Every way a call can fail: [`ErrorKind`](crate::ErrorKind).");
    if let Some(confirm) = doc.confirm {
        let _ = write!(text, " When the outcome is unknown, ask `{confirm}`.");
    }
    text
}
