//! The typed Rust API: `core/src/generated/api`, one file per file of the spec.
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
use names::Names;

/// Models and services of every product.
pub fn emit(spec: &Spec, target: &RustTarget) -> Files {
    let folder = format!("{}/api", target.folder);
    let names = Names::new(spec);
    let tree = Tree::new(spec);
    let mut files = Files::new();
    for family in &tree.children {
        family_files(spec, &names, target, family, &folder, &mut files);
    }
    files.insert(format!("{folder}/mod.rs"), root_file(&names, target, &tree));
    files.insert(format!("{folder}/notification_resource.rs"), notifications::emit(spec, &names, target));
    files
}

fn root_file(names: &Names, target: &RustTarget, tree: &Tree<'_>) -> String {
    let mut out = header("spec/**/*.yaml");
    out.push_str("//! Models and typed calls of every product, one module per product family.\n");
    // Fields keep WeChat Pay's names, and so do their setters.
    // Names and shapes come from the spec: an operation may be called `new`, a type may hold itself.
    out.push_str("#![allow(clippy::new_ret_no_self, clippy::should_implement_trait)]\n");
    out.push_str("#![allow(clippy::use_self, clippy::wrong_self_convention)]\n\n");
    for family in &tree.children {
        let _ = writeln!(out, "{}pub mod {};", target.gate(family.name()), rust_module(family.name()));
    }
    out.push_str("mod notification_resource;\n\npub use notification_resource::NotificationResource;\n\n");
    if !tree.children.is_empty() {
        out.push_str("#[cfg(feature = \"transport\")]\nimpl crate::Client {\n");
        for family in &tree.children {
            out.push_str(&doc("    ", "///", &sentence(&markdown(&family.title()))));
            let gate = target.gate(family.name());
            let ident = rust_module(family.name());
            let service = names.service(&family.path);
            let _ = writeln!(
                out,
                "    {gate}    #[inline]\n    pub fn {ident}(&self) -> {ident}::{service}<'_> {{\n        {ident}::{service} {{ client: self }}\n    }}\n",
            );
        }
        out.push_str("}\n");
    }
    out
}

fn family_files(
    spec: &Spec,
    names: &Names,
    target: &RustTarget,
    tree: &Tree<'_>,
    folder: &str,
    files: &mut Files,
) {
    let stem = rust_file_stem(tree.name());
    let mut body = String::new();
    services::emit(&mut body, spec, names, tree);
    if let Some((index, module)) = tree.module {
        models::emit(&mut body, spec, names, index, module);
    }
    let source = match tree.module {
        Some((_, module)) => module.file.clone(),
        None => format!("spec/{}/*.yaml", tree.path.join("/")),
    };
    let mut out = header(&source);
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
    out.push('\n');
    for (path, items) in [
        ("serde", &["Deserialize", "Serialize"][..]),
        ("crate::typed", &["Sensitive", "Timestamp", "open_enum", "setters"][..]),
    ] {
        let items = used(&body, items);
        if !items.is_empty() {
            let _ = writeln!(out, "use {path}::{{{}}};", items.join(", "));
        }
    }
    for (item, path) in [("BTreeMap", "std::collections::BTreeMap"), ("Value", "serde_json::Value")] {
        if !used(&body, &[item]).is_empty() {
            let _ = writeln!(out, "use {path};");
        }
    }
    if !used(&body, &["Reply"]).is_empty() {
        out.push_str("#[cfg(feature = \"transport\")]\nuse crate::typed::Reply;\n");
    }
    if !used(&body, &["table"]).is_empty() {
        let _ = writeln!(out, "#[cfg(feature = \"transport\")]\nuse {}::table;", target.module);
    }
    let items = used(&body, &["Client", "Result"]).join(", ");
    if !items.is_empty() {
        let _ = writeln!(out, "#[cfg(feature = \"transport\")]\nuse crate::{{{items}}};\n");
    }
    out.push_str(&body);
    files.insert(format!("{folder}/{stem}.rs"), out);
    for child in &tree.children {
        family_files(spec, names, target, child, &format!("{folder}/{stem}"), files);
    }
}
