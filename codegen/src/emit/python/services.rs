//! Methods with keyword arguments: `client.payments.jsapi.prepay(appid=…)`, blocking and awaitable.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::place::{Place, alias, file_name};
use super::types::field_doc;
use super::{FOLDER, text};
use crate::Files;
use crate::emit::describe::OperationDoc;
use crate::emit::text::sentence;
use crate::ir::{Field, Operation, Request, Response, Spec, Tree};
use crate::names::{Unique, pascal_case};

/// Attributes of the hand-written clients, which a product must not hide.
const CLIENT: &[&str] = &[
    "app_payment",
    "call",
    "call_for_file",
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
        out.push_str(&imports(&Place::new(spec, None, BTreeSet::new()), *way, tree));
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
        .map(|operation| (unique.take(text::ident(&operation.name), "_"), operation))
        .collect();
    // A method called `list` hides the builtin from the annotations of its class.
    let hidden =
        named.iter().map(|(name, _)| name.clone()).chain(tree.children.iter().map(|c| c.name().to_owned()));
    let mut place = Place::new(spec, None, hidden.collect());
    place.times = true;
    for (name, operation) in &named {
        method(&mut body, &mut place, way, name, operation);
    }
    let source = match tree.module {
        Some((_, module)) => module.file.clone(),
        None => format!("spec/{}/*.yaml", tree.path.join("/")),
    };
    let mut out = text::header(&source);
    // What the native code returns is typed here and nowhere else.
    out.push_str("# mypy: disable-error-code=\"no-any-return\"\n");
    out.push_str(&text::docstring("", &sentence(&tree.title())));
    out.push_str(&imports(&place, way, tree));
    files.insert(format!("{FOLDER}/{}/{}.py", way.folder, module_name(tree)), out + &body);
}

fn imports(place: &Place<'_>, way: Way, tree: &Tree<'_>) -> String {
    let mut out = String::from("\nfrom __future__ import annotations\n\n");
    if !tree.children.is_empty() {
        out.push_str("from ..._lazy import cached_property\n\n");
    }
    // `typing` itself costs more to import than the whole package.
    out.push_str("TYPE_CHECKING = False\nif TYPE_CHECKING:\n");
    if place.imports("Any") {
        out.push_str("    from typing import Any\n");
    }
    if place.imports("builtins") {
        out.push_str("    import builtins\n");
    }
    if place.imports("DateTime") {
        out.push_str("    from datetime import datetime as DateTime\n");
    }
    let shared: Vec<&str> = ["Downloaded", "FileSource", "FileTarget", "Progress"]
        .into_iter()
        .filter(|name| place.imports(name))
        .collect();
    if !shared.is_empty() {
        let _ = writeln!(out, "    from ..._types import {}", shared.join(", "));
    }
    let _ = writeln!(out, "    from ...{} import {}", way.module, way.caller);
    for module in place.modules() {
        let _ = writeln!(out, "    from ..types import {} as {}", file_name(module), alias(module));
    }
    for child in &tree.children {
        let _ = writeln!(out, "    from .{} import {}", module_name(child), class_name(child));
    }
    out
}

/// What a method has besides the fields of its request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum File {
    None,
    /// A file goes up.
    Up,
    /// A file comes down.
    Down,
}

impl File {
    fn of(operation: &Operation) -> Self {
        match operation.request {
            Request::Upload { .. } => Self::Up,
            _ if operation.answers_file() => Self::Down,
            _ => Self::None,
        }
    }

    /// Parameters before the fields, and behind them.
    fn parameters(self, place: &mut Place<'_>) -> (Option<String>, Option<String>) {
        match self {
            Self::None => (None, None),
            Self::Up => {
                let name = format!("file_name: {} | None = None", place.builtin("str"));
                (Some(format!("file: {}", place.imported("FileSource"))), Some(name))
            }
            Self::Down => {
                let progress = format!("progress: {} | None = None", place.imported("Progress"));
                (Some(format!("to: {}", place.imported("FileTarget"))), Some(progress))
            }
        }
    }

    fn reserved(self) -> &'static [&'static str] {
        match self {
            Self::None => &["self"],
            Self::Up => &["self", "file", "file_name"],
            Self::Down => &["self", "to", "progress"],
        }
    }

    /// What the docstring says of them, at the same two places.
    fn documentation(self) -> (&'static str, &'static str) {
        match self {
            Self::None => ("", ""),
            Self::Up => (
                "\n    file: A path, the bytes, or a binary file object.",
                "\n    file_name: Name with extension; needed for bytes and for file objects without a name.",
            ),
            Self::Down => (
                "\n    to: A path, where the file appears only when it is whole, or a file object opened in binary mode, which has got bytes before all of them came.",
                "\n    progress: Is called with the bytes received so far and the bytes to receive, where known.",
            ),
        }
    }
}

fn method(out: &mut String, place: &mut Place<'_>, way: Way, name: &str, operation: &Operation) {
    let file = File::of(operation);
    let fields = operation.request_type().map_or(&[][..], |id| place.spec.fields(id));
    let mut unique = Unique::new(file.reserved().iter().copied());
    let arguments: Vec<(String, &Field)> =
        fields.iter().map(|field| (unique.take(text::ident(&field.name), "_"), field)).collect();
    let reply = match operation.response {
        Response::Type(id) => place.named(id),
        Response::Json => place.imported("Any").to_owned(),
        Response::None => "None".to_owned(),
        Response::File => place.imported("Downloaded").to_owned(),
    };
    let (first, last) = file.parameters(place);
    let _ = write!(out, "\n    {} {name}(", way.def);
    if arguments.is_empty() {
        let keywords = last.map(|last| format!("*, {last}"));
        let all = [Some("self".to_owned()), first, keywords];
        out.push_str(&all.into_iter().flatten().collect::<Vec<_>>().join(", "));
    } else {
        out.push_str("\n        self,\n");
        for parameter in first.iter().map(String::as_str).chain(["*"]) {
            let _ = writeln!(out, "        {parameter},");
        }
        for (argument, field) in &arguments {
            let ty = place.ty(&field.ty);
            let rest = if field.caller_must_give() { "" } else { " | None = None" };
            let _ = writeln!(out, "        {argument}: {ty}{rest},");
        }
        if let Some(last) = last {
            let _ = writeln!(out, "        {last},");
        }
        out.push_str("    ");
    }
    let _ = writeln!(out, ") -> {reply}:");
    out.push_str(&text::docstring("        ", &documentation(place.spec, operation, &arguments, file)));
    let keyword = if reply == "None" { "" } else { "return " };
    let (call, before, after): (_, &[&str], &[&str]) = match file {
        File::None => ("call", &[], &[]),
        File::Up => ("upload", &["file", "file_name"], &[]),
        File::Down => ("call_for_file", &[], &["to", "progress"]),
    };
    let _ = write!(out, "        {keyword}{}self._caller.{call}(", way.wait);
    let id = text::literal(&operation.id);
    if arguments.is_empty() {
        let all: Vec<&str> =
            [id.as_str()].iter().chain(before).chain(&["{}"]).chain(after).copied().collect();
        let _ = writeln!(out, "{})", all.join(", "));
        return;
    }
    out.push('\n');
    for argument in [id.as_str()].iter().chain(before) {
        let _ = writeln!(out, "            {argument},");
    }
    out.push_str("            {\n");
    for (argument, field) in &arguments {
        let _ = writeln!(out, "                {}: {argument},", text::literal(&field.name));
    }
    out.push_str("            },\n");
    for argument in after {
        let _ = writeln!(out, "            {argument},");
    }
    out.push_str("        )\n");
}

/// Meaning, arguments, answer, errors and official page.
fn documentation(spec: &Spec, operation: &Operation, arguments: &[(String, &Field)], file: File) -> String {
    let parts = OperationDoc::of(operation);
    let mut doc = sentence(parts.title);
    let paragraphs = [parts.title_zh.map(str::to_owned), parts.description.map(sentence)];
    for paragraph in paragraphs.into_iter().flatten().chain(parts.notes) {
        let _ = write!(doc, "\n\n{paragraph}");
    }
    if file != File::None || !arguments.is_empty() {
        let (first, last) = file.documentation();
        let _ = write!(doc, "\n\nArgs:{first}");
        for (argument, field) in arguments {
            let _ = write!(doc, "\n    {argument}: {}", field_doc(spec, field).replace('\n', " "));
        }
        doc.push_str(last);
    }
    doc.push_str("\n\nRaises:\n    WeChatPayError: See its subclasses.");
    if let Some(id) = parts.confirm {
        let _ = write!(doc, " When `outcome_unknown` is set, look it up with `{id}` before anything else.");
    }
    if !parts.codes.is_empty() {
        let _ = write!(doc, "\n    ApiError: Documented codes: {}.", parts.codes.join(", "));
    }
    let _ = write!(doc, "\n\n`{}`", parts.http);
    if let Some(page) = parts.page {
        let _ = write!(doc, ", {page}");
    }
    doc
}
