//! Kotlin for the JVM: `@Serializable` data classes, open enums, services, exceptions.
//!
//! One file per file of the spec, in a package of its own, cut in two where it would grow too long. Two limits of the
//! JVM shape the code: a constructor takes 255 slots at most (`names::fits_constructor`), and a class file's constant
//! pool and methods are limited, so that nothing here puts all models into one class.

mod errors;
mod models;
mod names;
mod services;

use std::fmt::Write;

use crate::Files;
use crate::emit::describe::{Tree, notification_doc};
use crate::emit::text::{doc, used};
use crate::ir::{ErrorSpec, Spec, TypeId};
use names::{Names, PACKAGE, literal, package};

const SDK: &str = "bindings-uniffi/kotlin/sdk/src/main/generated";
const COROUTINES: &str = "bindings-uniffi/kotlin/coroutines/src/main/generated";

/// Folders that hold nothing else.
pub const FOLDERS: &[&str] = &[SDK, COROUTINES];

/// Generated files stay shorter than this many lines, except where one declaration alone is longer.
const MAX_LINES: usize = 1900;

/// Everything that Kotlin needs.
pub fn emit(spec: &Spec, errors: &ErrorSpec) -> Files {
    let names = Names::new(spec);
    let tree = Tree::new(spec);
    let mut files = Files::new();
    for node in tree.walk().into_iter().skip(1) {
        let mut pieces = vec![services::blocking(&names, node)];
        let mut taken = vec![names.service(&node.path).to_owned()];
        if let Some((_, module)) = node.module {
            for id in &module.types {
                pieces.push(models::emit(spec, &names, *id));
                taken.push(names.ty(*id).to_owned());
            }
        }
        let folder = format!("{SDK}/{}", package(&node.path).replace('.', "/"));
        let name = crate::names::pascal_case(node.name());
        let local = |id: TypeId| spec.module_of(id).path == node.path;
        let head = Head { source: &node.source(), package: &package(&node.path), spec, names: &names };
        write_chunks(&mut files, &folder, &name, &head, &pieces, &local, &taken);
    }
    let root = format!("{SDK}/{}", PACKAGE.replace('.', "/"));
    let top = Head { source: "spec/**/*.yaml", package: PACKAGE, spec, names: &names };
    files
        .insert(format!("{root}/Products.kt"), top.file(&services::products(&names, &tree), &|_| false, &[]));
    files.insert(
        format!("{root}/NotificationTypes.kt"),
        top.file(&notification_types(spec, &names), &|_| false, &[]),
    );
    files.insert(format!("{root}/Exceptions.kt"), errors::emit(errors));
    let coroutines = format!("{PACKAGE}.coroutines");
    let root = format!("{COROUTINES}/{}", coroutines.replace('.', "/"));
    let top = Head { source: "spec/**/*.yaml", package: &coroutines, spec, names: &names };
    for family in &tree.children {
        let pieces: Vec<String> =
            family.walk().into_iter().map(|node| services::suspending(&names, node)).collect();
        let name = crate::names::pascal_case(family.name());
        write_chunks(&mut files, &root, &name, &top, &pieces, &|_| false, &[]);
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
    spec: &'a Spec,
    names: &'a Names,
}

impl Head<'_> {
    fn file(&self, body: &str, local: &dyn Fn(TypeId) -> bool, taken: &[String]) -> String {
        let mut out = header(self.source);
        let timed = !used(body, &["OffsetDateTime"]).is_empty();
        if timed && body.contains("@Serializable") {
            out.push_str("@file:UseSerializers(TimestampSerializer::class)\n\n");
        }
        let _ = writeln!(out, "package {}\n", self.package);
        let mut imports: Vec<String> = Vec::new();
        if self.package != PACKAGE {
            for name in
                used(body, &["Client", "OpenEnum", "OpenEnumSerializer", "Reply", "Sensitive", "required"])
            {
                imports.push(format!("{PACKAGE}.{name}"));
            }
        }
        for (name, path) in [
            ("KSerializer", "kotlinx.serialization.KSerializer"),
            ("SerialName", "kotlinx.serialization.SerialName"),
            ("Serializable", "kotlinx.serialization.Serializable"),
            ("JsonElement", "kotlinx.serialization.json.JsonElement"),
            ("JsonObject", "kotlinx.serialization.json.JsonObject"),
            ("OffsetDateTime", "java.time.OffsetDateTime"),
            ("Path", "java.nio.file.Path"),
        ] {
            if !used(body, &[name]).is_empty() {
                imports.push(path.to_owned());
            }
        }
        if timed && body.contains("@Serializable") {
            imports.push("kotlinx.serialization.UseSerializers".to_owned());
            if self.package != PACKAGE {
                imports.push(format!("{PACKAGE}.TimestampSerializer"));
            }
        }
        // Types of other files of the spec are written with their full names, except where a short one is free.
        let mut body = body.to_owned();
        for index in 0..self.spec.types.len() {
            let id = TypeId(index);
            let full = self.names.full(id);
            if !body.contains(&full) {
                continue;
            }
            let short = self.names.ty(id);
            let import = full.clone();
            let clashes = taken.iter().any(|name| name == short)
                || imports.iter().any(|known| *known != import && known.ends_with(&format!(".{short}")));
            if local(id) {
                body = replace_word(&body, &full, short);
            } else if !clashes {
                body = replace_word(&body, &full, short);
                imports.push(import);
            }
        }
        imports.sort();
        imports.dedup();
        for import in &imports {
            let _ = writeln!(out, "import {import}");
        }
        if !imports.is_empty() {
            out.push('\n');
        }
        out.push_str(body.trim_end());
        out.push('\n');
        out
    }
}

/// Replaces `from` where no letter, digit or dot follows that would make it another name.
fn replace_word(text: &str, from: &str, to: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(from) {
        let after = &rest[at + from.len()..];
        out.push_str(&rest[..at]);
        let ends = !after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        out.push_str(if ends { to } else { from });
        rest = after;
    }
    out.push_str(rest);
    out
}

fn write_chunks(
    files: &mut Files,
    folder: &str,
    name: &str,
    head: &Head<'_>,
    pieces: &[String],
    local: &dyn Fn(TypeId) -> bool,
    taken: &[String],
) {
    let mut chunks: Vec<String> = vec![String::new()];
    for piece in pieces.iter().filter(|piece| !piece.is_empty()) {
        let lines = |text: &str| text.lines().count();
        match chunks.last_mut() {
            Some(last) if last.is_empty() || lines(last) + lines(piece) < MAX_LINES => last.push_str(piece),
            _ => chunks.push(piece.clone()),
        }
    }
    for (index, chunk) in chunks.iter().enumerate() {
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

/// Which type the decrypted resource of a notification has.
fn notification_types(spec: &Spec, names: &Names) -> String {
    let mut out = kdoc(
        "",
        "The type of a notification's resource, by the name that the core gives to the notification.",
    );
    out.push_str(
        "internal fun notificationSerializer(type: String): KSerializer<out Any>? = when (type) {\n",
    );
    for (_, notification) in spec.notifications() {
        let _ = writeln!(out, "    // {}", notification_doc(notification).replace('\n', " "));
        let _ = writeln!(
            out,
            "    {} -> {}.serializer()",
            literal(&notification.id),
            names.model(notification.resource)
        );
    }
    out.push_str("    else -> null\n}\n");
    out
}
