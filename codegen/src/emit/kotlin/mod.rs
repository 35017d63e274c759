//! For the JVM: models and open enums in Java, what makes them, services and exceptions in Kotlin.
//!
//! A package per file of the spec. Java wants a file per class; Kotlin has one in all, cut in two where it would grow too long. No class names all
//! models: a program that is shrunk keeps what it uses, and nothing meets the limits of a class file.

mod bills;
mod errors;
mod functions;
mod javadoc;
mod models;
mod names;
mod options;
mod services;

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::Files;
use crate::emit::Api;
use crate::emit::describe::Tree;
use crate::emit::lengths::joined;
use crate::emit::text::{doc, used};
use crate::ir::{ErrorSpec, Spec, TypeId};
use names::{Names, PACKAGE, package};

const SDK: &str = "bindings-uniffi/kotlin/sdk/src/main/generated";
const COROUTINES: &str = "bindings-uniffi/kotlin/coroutines/src/main/generated";

/// Folders that hold nothing else.
pub const FOLDERS: &[&str] = &[SDK, COROUTINES];

/// All files of the language.
pub fn emit_all(api: Api<'_>) -> Files {
    let mut files = emit(api.spec, api.errors);
    files.extend(bills::emit(api.bills));
    files.extend(options::emit(api.options));
    files
}

/// Everything that Kotlin needs.
pub fn emit(spec: &Spec, errors: &ErrorSpec) -> Files {
    let names = Names::new(spec);
    let tree = Tree::new(spec);
    let mut files = Files::new();
    for node in tree.walk().into_iter().skip(1) {
        let mut pieces = vec![services::blocking(spec, &names, node)];
        let mut taken = vec![names.service(&node.path).to_owned()];
        if node.path.len() == 1 {
            pieces.push(services::notifications(&names, node));
        }
        if let Some((_, module)) = node.module {
            for id in &module.types {
                pieces.push(functions::emit(spec, &names, *id));
                taken.push(names.ty(*id).to_owned());
            }
        }
        let folder = format!("{SDK}/{}", package(&node.path).replace('.', "/"));
        let name = crate::names::pascal_case(node.name());
        let local = |id: TypeId| spec.module_of(id).path == node.path;
        let head = Head { source: &node.source(), package: &package(&node.path), names: &names };
        write_chunks(&mut files, &folder, &name, &head, pieces, &local, &taken);
        for id in node.module.iter().flat_map(|(_, module)| &module.types) {
            let text = head.java_file(&models::emit(spec, &names, *id), &local, &taken);
            files.insert(format!("{folder}/{}.java", names.ty(*id)), text);
        }
    }
    let root = format!("{SDK}/{}", PACKAGE.replace('.', "/"));
    let top = Head { source: "spec/**/*.yaml", package: PACKAGE, names: &names };
    files
        .insert(format!("{root}/Products.kt"), top.file(&services::products(&names, &tree), &|_| false, &[]));
    files.insert(
        format!("{root}/NotificationTypes.kt"),
        top.file(&services::notification_families(&tree), &|_| false, &[]),
    );
    files.insert(format!("{root}/Exceptions.kt"), errors::emit(errors));
    let coroutines = format!("{PACKAGE}.coroutines");
    let root = format!("{COROUTINES}/{}", coroutines.replace('.', "/"));
    let top = Head { source: "spec/**/*.yaml", package: &coroutines, names: &names };
    for family in &tree.children {
        let pieces: Vec<String> =
            family.walk().into_iter().map(|node| services::suspending(spec, &names, node)).collect();
        let name = crate::names::pascal_case(family.name());
        write_chunks(&mut files, &root, &name, &top, pieces, &|_| false, &[]);
    }
    files.insert(
        format!("{root}/SuspendProducts.kt"),
        top.file(&services::suspending_products(&tree), &|_| false, &[]),
    );
    files
}

/// Starts a file: first line, package, imports.
struct Head<'a> {
    source: &'a str,
    package: &'a str,
    names: &'a Names,
}

impl Head<'_> {
    fn file(&self, body: &str, local: &dyn Fn(TypeId) -> bool, taken: &[String]) -> String {
        const OTHERS: &[&str] = &[
            "java.nio.file.Path",
            "java.time.OffsetDateTime",
            "kotlinx.serialization.json.JsonElement",
            "kotlinx.serialization.json.JsonObject",
        ];
        const OWN: &[&str] = &[
            "Client",
            "DownloadProgress",
            "Downloaded",
            "EMPTY",
            "Fields",
            "Model",
            "ModelBuilder",
            "NameTheArguments",
            "OpenEnum",
            "Reply",
            "UntypedReply",
        ];
        self.with_imports(body, local, taken, OWN, OTHERS, "")
    }

    fn java_file(&self, body: &str, local: &dyn Fn(TypeId) -> bool, taken: &[String]) -> String {
        const OTHERS: &[&str] = &[
            "java.time.OffsetDateTime",
            "java.util.ArrayList",
            "java.util.List",
            "java.util.Map",
            "kotlinx.serialization.json.JsonElement",
            "kotlinx.serialization.json.JsonObject",
            "org.jetbrains.annotations.Nullable",
        ];
        const OWN: &[&str] = &["Elements", "Model", "ModelBuilder", "OpenEnum", "Reply"];
        self.with_imports(body, local, taken, OWN, OTHERS, ";")
    }

    fn with_imports(
        &self,
        body: &str,
        local: &dyn Fn(TypeId) -> bool,
        taken: &[String],
        own: &[&'static str],
        others: &[&'static str],
        end: &str,
    ) -> String {
        let mut out = header(self.source);
        let _ = writeln!(out, "package {}{end}\n", self.package);
        // By the short name, so that none is given twice.
        let mut imports: BTreeMap<String, String> = BTreeMap::new();
        if self.package != PACKAGE {
            for name in used(body, own) {
                imports.insert(name.to_owned(), format!("{PACKAGE}.{name}"));
            }
        }
        for path in others {
            let name = path.rsplit('.').next().unwrap_or(path);
            if !used(body, &[name]).is_empty() {
                imports.insert(name.to_owned(), (*path).to_owned());
            }
        }
        let body = self.shorten(body, local, taken, &mut imports);
        let mut imports: Vec<&String> = imports.values().collect();
        imports.sort();
        for import in &imports {
            let _ = writeln!(out, "import {import}{end}");
        }
        if !imports.is_empty() {
            out.push('\n');
        }
        out.push_str(body.trim_end());
        out.push('\n');
        out
    }

    /// Types of other files of the spec are written with their full names, except where a short one is free. One pass over
    /// the text, however many types there are.
    fn shorten(
        &self,
        body: &str,
        local: &dyn Fn(TypeId) -> bool,
        taken: &[String],
        imports: &mut BTreeMap<String, String>,
    ) -> String {
        let mut out = String::with_capacity(body.len());
        let mut rest = body;
        while let Some(at) = rest.find(PACKAGE) {
            out.push_str(&rest[..at]);
            rest = &rest[at..];
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '.').unwrap_or(rest.len());
            let full = &rest[..end];
            let short = self.names.find(full).and_then(|id| {
                let short = self.names.ty(id);
                if local(id) {
                    return Some(short);
                }
                let is_free = match imports.get(short) {
                    Some(known) => known == full,
                    None => !taken.iter().any(|name| name == short),
                };
                is_free.then(|| {
                    imports.insert(short.to_owned(), full.to_owned());
                    short
                })
            });
            out.push_str(short.unwrap_or(full));
            rest = &rest[end..];
        }
        out.push_str(rest);
        out
    }
}

fn write_chunks(
    files: &mut Files,
    folder: &str,
    name: &str,
    head: &Head<'_>,
    pieces: Vec<String>,
    local: &dyn Fn(TypeId) -> bool,
    taken: &[String],
) {
    for (index, chunk) in joined(pieces).iter().enumerate() {
        let number = if index == 0 { String::new() } else { format!("{}", index + 1) };
        files.insert(format!("{folder}/{name}{number}.kt"), head.file(chunk, local, taken));
    }
}

/// The first line of every generated Kotlin file.
fn header(source: &str) -> String {
    format!("// @generated by `cargo xtask codegen` from {source}. Do not edit.\n")
}

/// A KDoc comment.
fn kdoc(indent: &str, text: &str) -> String {
    let text = text.replace("*/", "*&#47;").replace("/*", "/&#42;");
    let body = doc(&format!("{indent} "), "*", &text);
    let mut lines = body.lines();
    match (lines.next(), lines.next()) {
        (Some(only), None) => format!("{indent}/** {} */\n", only.trim().trim_start_matches("* ")),
        _ => format!("{indent}/**\n{body}{indent} */\n"),
    }
}
