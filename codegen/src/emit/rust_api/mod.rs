//! The typed Rust API: `core/typed/src/generated/api`, one file per file of the spec, more where that would be too long.
//!
//! Each product family stands behind the Cargo feature of its name. Models need no other feature; the services that
//! send them need `transport`.

mod examples;
mod models;
mod names;
mod notifications;
mod services;
pub mod typed_calls;

use std::fmt::Write;

use crate::Files;
use crate::emit::RustTarget;
use crate::emit::text::{doc, header, markdown, sentence, used};
use crate::ir::{Spec, Tree};
use crate::names::{rust_file_stem, rust_module};
use models::Emitter;
use names::Names;

/// So many lines go into a file; what is left to 2,000 is for imports and for what rustfmt makes of it.
const MOST_LINES: usize = 1_850;

/// Models and services of every product.
pub fn emit(spec: &Spec, target: &RustTarget) -> Files {
    let folder = format!("{}/api", target.folder);
    let names = Names::new(spec);
    let tree = spec.tree();
    let mut files = Files::new();
    for family in &tree.children {
        family_files(spec, &names, family, &folder, &mut files);
    }
    files.insert(format!("{folder}/mod.rs"), root_file(&names, target, &tree));
    files.insert(format!("{folder}/notification_resource.rs"), notifications::emit(spec, &names, target));
    files
}

fn root_file(names: &Names, target: &RustTarget, tree: &Tree<'_>) -> String {
    let mut out = header("spec/**/*.yaml");
    out.push_str("//! Models and typed calls of every product, one module per product family.\n");
    // Names come from the spec: an operation may be called `new`.
    out.push_str("#![allow(clippy::new_ret_no_self, clippy::should_implement_trait)]\n");
    out.push_str("#![allow(clippy::wrong_self_convention)]\n\n");
    for family in &tree.children {
        let _ = writeln!(out, "{}pub mod {};", target.gate(family.name()), rust_module(family.name()));
    }
    out.push_str("mod notification_resource;\n\npub use notification_resource::NotificationResource;\n\n");
    let mut declared = String::new();
    let mut defined = String::new();
    for family in &tree.children {
        let gate = target.gate(family.name());
        let ident = rust_module(family.name());
        let service = names.service(&family.path);
        declared.push_str(&doc("    ", "///", &sentence(&markdown(&family.title()))));
        let _ = writeln!(declared, "    {gate}    fn {ident}(&self) -> {ident}::{service}<'_>;\n");
        let _ = writeln!(
            defined,
            "    {gate}    fn {ident}(&self) -> {ident}::{service}<'_> {{\n        {ident}::{service} {{ client: self }}\n    }}\n",
        );
    }
    let transport = "#[cfg(feature = \"transport\")]\n";
    out.push_str(&doc(
        "",
        "///",
        "The typed calls of a [`Client`](crate::Client), by product: `client.payments().jsapi().prepay(…)`.",
    ));
    let _ = writeln!(out, "{transport}pub trait Api: sealed::Sealed {{\n{}\n}}\n", declared.trim_end());
    let _ = writeln!(out, "{transport}impl Api for crate::Client {{\n{}\n}}\n", defined.trim_end());
    // A new product is a new method: nobody else may have to define it.
    let _ = writeln!(
        out,
        "{transport}mod sealed {{\n    pub trait Sealed {{}}\n    impl Sealed for crate::Client {{}}\n}}"
    );
    out
}

fn family_files(spec: &Spec, names: &Names, tree: &Tree<'_>, folder: &str, files: &mut Files) {
    let stem = rust_file_stem(tree.name());
    let mut out = header(&tree.source());
    let mut intro = sentence(&markdown(&tree.title()));
    if let Some((_, module)) = tree.module {
        if let Some(title) = &module.title_zh {
            let _ = write!(intro, "\n\n{}", markdown(title));
        }
        if let Some(description) = &module.description {
            let _ = write!(intro, "\n\n{}", markdown(description));
        }
    }
    out.push_str(&doc("", "//!", &intro));
    out.push('\n');
    for child in &tree.children {
        let _ = writeln!(out, "pub mod {};", rust_module(child.name()));
    }
    let mut bodies = bodies(spec, names, tree).into_iter();
    let body = bodies.next().unwrap_or_default();
    let rest: Vec<String> = bodies.collect();
    for number in 2..rest.len() + 2 {
        let _ = writeln!(out, "mod part_{number};");
    }
    for number in 2..rest.len() + 2 {
        let _ = writeln!(out, "pub use part_{number}::*;");
    }
    out.push_str(&imports(&body));
    out.push_str(&body);
    files.insert(format!("{folder}/{stem}.rs"), out);
    for (index, body) in rest.iter().enumerate() {
        let number = index + 2;
        let text = format!(
            "{}//! {} Part {number}.\n\n#[allow(unused_imports, reason = \"a part may need nothing of the others\")]\nuse super::*;\n{}{body}",
            header(&tree.source()),
            sentence(&markdown(&tree.title())),
            imports(body),
        );
        files.insert(format!("{folder}/{stem}/part_{number}.rs"), text);
    }
    for child in &tree.children {
        family_files(spec, names, child, &format!("{folder}/{stem}"), files);
    }
}

/// What the generated code names without a path.
fn imports(body: &str) -> String {
    let mut out = String::from("\n");
    for name in ["model", "open_enum"] {
        if body.contains(&format!("\n{name}! {{")) || body.starts_with(&format!("{name}! {{")) {
            let _ = writeln!(out, "use crate::{name}::{name};");
        }
    }
    let items = used(body, &["Reply", "Result"]).join(", ");
    if !items.is_empty() {
        let _ = writeln!(out, "#[cfg(feature = \"transport\")]\nuse crate::{{{items}}};");
    }
    out.push('\n');
    out
}

/// The service and the types of one file of the spec: the first text is for its file, the others for files below it.
fn bodies(spec: &Spec, names: &Names, tree: &Tree<'_>) -> Vec<String> {
    let mut parts = Parts { done: Vec::new(), open: services::service(names, tree), lines: 0 };
    parts.lines = parts.open.lines().count();
    let Some((index, module)) = tree.module else { return parts.finish() };
    let mut methods = String::new();
    for operation in tree.operations() {
        let mut text = services::method(spec, names, (index, module), operation, parts.depth());
        if !parts.has_room(&text) {
            let block = services::implementation(names, tree, "'_", &std::mem::take(&mut methods));
            parts.open.push_str(&block);
            parts.next();
            text = services::method(spec, names, (index, module), operation, parts.depth());
        }
        parts.lines += text.lines().count();
        methods.push_str(&text);
    }
    if !methods.is_empty() {
        parts.open.push_str(&services::implementation(names, tree, "'_", &methods));
    }
    for id in &module.types {
        let emit = |depth| Emitter { spec, names, module: index, depth }.emit(*id);
        let mut text = emit(parts.depth());
        if !parts.has_room(&text) {
            parts.next();
            text = emit(parts.depth());
        }
        parts.lines += text.lines().count();
        parts.open.push_str(&text);
    }
    parts.finish()
}

/// The texts of the files that one file of the spec becomes.
struct Parts {
    done: Vec<String>,
    open: String,
    lines: usize,
}

impl Parts {
    /// The first part is the file's own module, the others are modules below it.
    fn depth(&self) -> usize {
        usize::from(!self.done.is_empty())
    }

    fn has_room(&self, text: &str) -> bool {
        self.lines == 0 || self.lines + text.lines().count() <= MOST_LINES
    }

    fn next(&mut self) {
        self.done.push(std::mem::take(&mut self.open));
        self.lines = 0;
    }

    fn finish(mut self) -> Vec<String> {
        self.next();
        self.done
    }
}
