//! Methods with keyword arguments: `client.payments.jsapi.prepay(appid=…)`, blocking and awaitable.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::types::{Place, alias, field_doc, file_name};
use super::{FOLDER, text};
use crate::Files;
use crate::emit::text::{page_url, sentence, used};
use crate::ir::{Field, Operation, Request, Response, Role, Spec, Standing, Tree};
use crate::names::{Unique, pascal_case};

/// Attributes of the hand-written clients, which a product must not hide.
const CLIENT: &[&str] = &[
    "app_payment",
    "call",
    "close",
    "decrypt",
    "download",
    "encrypt",
    "finish",
    "from_env",
    "jsapi_payment",
    "notifications",
    "prepare",
    "request",
    "upload",
];

/// The two ways to call.
#[derive(Clone, Copy)]
struct Way {
    folder: &'static str,
    caller: &'static str,
    /// Where the caller is.
    module: &'static str,
    def: &'static str,
    wait: &'static str,
    /// What the hand-written class is called.
    client: &'static str,
}

const WAYS: &[Way] = &[
    Way { folder: "client", caller: "Caller", module: "_caller", def: "def", wait: "", client: "Client" },
    Way {
        folder: "async_client",
        caller: "AsyncCaller",
        module: "_async_caller",
        def: "async def",
        wait: "await ",
        client: "AsyncClient",
    },
];

pub(super) fn emit(spec: &Spec, tree: &Tree<'_>) -> Files {
    let mut files = Files::new();
    for way in WAYS {
        let mut body = format!(
            "\n\nclass Products:\n    \"\"\"The products, as attributes of `{}`; each is imported when it is first used.\"\"\"\n\n    _caller: {}\n",
            way.client, way.caller
        );
        let mut unique = Unique::new(CLIENT.iter().copied());
        for child in &tree.children {
            attribute(&mut body, &mut unique, child);
            product(&mut files, spec, *way, child);
        }
        let intro = format!("Where `{}` has its products from.", way.client);
        let mut out = text::header("spec/**/*.yaml") + &text::docstring("", &intro);
        out.push_str(&imports(spec, *way, tree, &body));
        files.insert(format!("{FOLDER}/{}/__init__.py", way.folder), out + &body);
    }
    files
}

fn class_name(tree: &Tree<'_>) -> String {
    text::ident(&pascal_case(&tree.path.join("_")))
}

fn module_name(tree: &Tree<'_>) -> String {
    text::ident(&tree.path.join("_"))
}

/// A product as an attribute of its parent.
fn attribute(out: &mut String, unique: &mut Unique, tree: &Tree<'_>) {
    let name = unique.take(text::ident(tree.name()), "_");
    let (class, module) = (class_name(tree), module_name(tree));
    let _ = write!(out, "\n    @cached_property\n    def {name}(self) -> {class}:\n");
    out.push_str(&text::docstring("        ", &sentence(&tree.title())));
    let _ = write!(out, "        from .{module} import {class}\n\n        return {class}(self._caller)\n");
}

/// The file of a product, and those of the products within it.
fn product(files: &mut Files, spec: &Spec, way: Way, tree: &Tree<'_>) {
    let class = class_name(tree);
    let mut body = format!("\n\nclass {class}:\n");
    let mut intro = sentence(&tree.title());
    if let Some((_, module)) = tree.module {
        for part in [&module.title_zh, &module.description].into_iter().flatten() {
            let _ = write!(intro, "\n\n{part}");
        }
    }
    body.push_str(&text::docstring("    ", &intro));
    let _ = write!(
        body,
        "\n    def __init__(self, caller: {}) -> None:\n        self._caller = caller\n",
        way.caller
    );
    let mut unique = Unique::default();
    for child in &tree.children {
        attribute(&mut body, &mut unique, child);
        product(files, spec, way, child);
    }
    let operations = tree.module.map_or(&[][..], |(_, module)| module.operations.as_slice());
    let named: Vec<(String, &Operation)> = operations
        .iter()
        // A file is fetched with the client's `download`.
        .filter(|operation| !matches!(operation.response, Response::File))
        .map(|operation| (unique.take(text::ident(&operation.name), "_"), operation))
        .collect();
    // A method called `list` hides the builtin from the annotations of its class.
    let hidden =
        named.iter().map(|(name, _)| name.clone()).chain(tree.children.iter().map(|c| c.name().to_owned()));
    let hidden: BTreeSet<String> = hidden.collect();
    let place = Place { spec, own: None, hidden: &hidden, times: true };
    for (name, operation) in &named {
        method(&mut body, &place, way, name, operation);
    }
    let source = match tree.module {
        Some((_, module)) => module.file.clone(),
        None => format!("spec/{}/*.yaml", tree.path.join("/")),
    };
    let mut out = text::header(&source);
    // What the native code returns is typed here and nowhere else.
    out.push_str("# mypy: disable-error-code=\"no-any-return\"\n");
    out.push_str(&text::docstring("", &sentence(&tree.title())));
    out.push_str(&imports(spec, way, tree, &body));
    files.insert(format!("{FOLDER}/{}/{}.py", way.folder, module_name(tree)), out + &body);
}

fn imports(spec: &Spec, way: Way, tree: &Tree<'_>, body: &str) -> String {
    let mut out = String::from("\nfrom __future__ import annotations\n\n");
    if !tree.children.is_empty() {
        out.push_str("from ..._lazy import cached_property\n\n");
    }
    // `typing` itself costs more to import than the whole package.
    out.push_str("TYPE_CHECKING = False\nif TYPE_CHECKING:\n");
    // Docstrings say "Any text" too.
    if [": Any,", ": Any |", "[Any]", ", Any]"].iter().any(|usage| body.contains(usage)) {
        out.push_str("    from typing import Any\n");
    }
    if !used(body, &["builtins"]).is_empty() {
        out.push_str("    import builtins\n");
    }
    if !used(body, &["DateTime"]).is_empty() {
        out.push_str("    from datetime import datetime as DateTime\n");
    }
    if !used(body, &["FileSource"]).is_empty() {
        out.push_str("    from ..._types import FileSource\n");
    }
    let _ = writeln!(out, "    from ...{} import {}", way.module, way.caller);
    for module in &spec.modules {
        if body.contains(&format!("{}.", alias(module))) {
            let _ = writeln!(out, "    from ..types import {} as {}", file_name(module), alias(module));
        }
    }
    for child in &tree.children {
        let _ = writeln!(out, "    from .{} import {}", module_name(child), class_name(child));
    }
    out
}

fn method(out: &mut String, place: &Place<'_>, way: Way, name: &str, operation: &Operation) {
    let fields = operation.request_type().map_or(&[][..], |id| place.spec.fields(id));
    let mut unique = Unique::new(["self"]);
    let arguments: Vec<(String, &Field)> =
        fields.iter().map(|field| (unique.take(text::ident(&field.name), "_"), field)).collect();
    let reply = operation.response_type().map_or_else(|| "None".to_owned(), |id| place.named(id));
    let upload = matches!(operation.request, Request::Upload { .. });
    let _ = write!(out, "\n    {} {name}(", way.def);
    if upload {
        let str_type = if place.hidden.contains("str") { "builtins.str" } else { "str" };
        let _ = write!(out, "self, file: FileSource, *, file_name: {str_type} | None = None");
    } else if arguments.is_empty() {
        out.push_str("self");
    } else {
        out.push_str("\n        self,\n        *,\n");
        for (argument, field) in &arguments {
            let ty = place.ty(&field.ty);
            let rest = if field.caller_must_give() { "" } else { " | None = None" };
            let _ = writeln!(out, "        {argument}: {ty}{rest},");
        }
        out.push_str("    ");
    }
    let _ = writeln!(out, ") -> {reply}:");
    out.push_str(&text::docstring("        ", &documentation(place.spec, operation, &arguments, upload)));
    let keyword = if reply == "None" { "" } else { "return " };
    let wait = way.wait;
    let id = text::literal(&operation.id);
    if upload {
        let _ = writeln!(out, "        {keyword}{wait}self._caller.upload({id}, file, file_name)");
    } else if arguments.is_empty() {
        let _ = writeln!(out, "        {keyword}{wait}self._caller.call({id}, {{}})");
    } else {
        let _ = write!(out, "        {keyword}{wait}self._caller.call(\n            {id},\n            {{\n");
        for (argument, field) in &arguments {
            let _ = writeln!(out, "                {}: {argument},", text::literal(&field.name));
        }
        out.push_str("            },\n        )\n");
    }
}

/// Meaning, arguments, answer, errors and official page.
fn documentation(spec: &Spec, operation: &Operation, arguments: &[(String, &Field)], upload: bool) -> String {
    let mut doc = sentence(&operation.title);
    if let Some(title) = &operation.title_zh {
        let _ = write!(doc, "\n\n{title}");
    }
    if let Some(description) = &operation.description {
        let _ = write!(doc, "\n\n{}", description.trim());
    }
    match operation.standing {
        Standing::Documented => {}
        Standing::Retired => doc.push_str("\n\nNo longer in the official documentation."),
        Standing::Community => {
            doc.push_str("\n\nKnown from community sources only; not in the official documentation.");
        }
    }
    if operation.role == Role::Partner {
        doc.push_str("\n\nFor service providers.");
    }
    if upload {
        doc.push_str(
            "\n\nArgs:\n    file: A path, the bytes, or a binary file object.\n    file_name: Name with extension; needed for bytes and for file objects without a name.",
        );
    } else if !arguments.is_empty() {
        doc.push_str("\n\nArgs:");
        for (argument, field) in arguments {
            let _ = write!(doc, "\n    {argument}: {}", field_doc(spec, field).replace('\n', " "));
        }
    }
    let confirm = operation
        .confirm
        .as_ref()
        .map(|id| format!(" When `outcome_unknown` is set, look it up with `{id}` before anything else."));
    let codes = operation.errors.join(", ");
    let _ =
        write!(doc, "\n\nRaises:\n    WeChatPayError: See its subclasses.{}", confirm.unwrap_or_default());
    if !codes.is_empty() {
        let _ = write!(doc, "\n    ApiError: Documented codes: {codes}.");
    }
    let _ = write!(doc, "\n\n`{} {}`", operation.method, operation.path);
    if let Some(page) = &operation.doc {
        let _ = write!(doc, ", {}", page_url(page));
    }
    doc
}
