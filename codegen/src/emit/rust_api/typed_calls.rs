//! Every typed call as a function from JSON to JSON: `tests/src/generated/typed_calls/`. With it the examples of the spec
//! go through the typed Rust API, of which a test could otherwise only name the calls that its author thought of.

use std::fmt::Write;

use crate::Files;
use crate::emit::rust_api::names::Names;
use crate::emit::text::{header, literal, used};
use crate::ir::{Module, Operation, Request, Response, Spec};
use crate::names::{rust_file_stem, rust_ident, rust_module};

const FOLDER: &str = "tests/src/generated/typed_calls";

/// The lists of typed calls, one for each product family.
pub fn emit(spec: &Spec) -> Files {
    let names = Names::new(spec);
    let mut files = Files::new();
    let mut families: Vec<(String, String)> = Vec::new();
    for (module, operation) in spec.operations() {
        let call = call(spec, &names, module, operation);
        let family = module.family().to_owned();
        // Modules are sorted by path: a family's operations stand together.
        if families.last().is_none_or(|(last, _)| *last != family) {
            families.push((family, String::new()));
        }
        if let Some((_, calls)) = families.last_mut() {
            let _ = writeln!(calls, "({}, {call}),", literal(&operation.id));
        }
    }
    for (family, calls) in &families {
        let mut out = header("spec/**/*.yaml");
        let helpers = used(calls, &["fetched", "none", "reply", "to_upload", "untyped", "with"]).join(", ");
        let api = if used(calls, &["api"]).is_empty() { "Api" } else { "{Api, api}" };
        let _ = write!(
            out,
            "//! Typed calls of `{family}`.\n\nuse wechatpay::{api};\n\nuse crate::typed::{{Call, {helpers}}};\n\n"
        );
        let _ = write!(out, "pub(super) const CALLS: &[(&str, Call)] = &[\n{calls}];\n");
        files.insert(format!("{FOLDER}/{}.rs", rust_file_stem(family)), out);
    }
    let mut out = header("spec/**/*.yaml");
    out.push_str("//! Every typed call of the Rust API, from JSON to JSON.\n\n");
    for (family, _) in &families {
        let _ = writeln!(out, "mod {};", rust_module(family));
    }
    out.push_str("\nuse crate::typed::Call;\n\n/// Operations and their typed calls.\n");
    out.push_str("pub fn all() -> impl Iterator<Item = &'static (&'static str, Call)> {\n[");
    for (family, _) in &families {
        let _ = write!(out, "{}::CALLS,", rust_module(family));
    }
    out.push_str("].into_iter().flatten()\n}\n");
    files.insert(format!("{FOLDER}/mod.rs"), out);
    files
}

/// The call as a closure. What is uploaded is made up, and what is downloaded goes nowhere.
fn call(spec: &Spec, names: &Names, module: &Module, operation: &Operation) -> String {
    let path_of = |path: &[String]| path.iter().map(|name| rust_module(name)).collect::<Vec<_>>();
    let services: String = path_of(&module.path).iter().map(|name| format!(".{name}()")).collect();
    let method = rust_ident(&operation.name);
    let (give, end) = match operation.response {
        Response::Type(_) => ("reply", ""),
        Response::Json => ("untyped", ""),
        Response::None => ("none", ""),
        Response::File => ("fetched", "&mut std::io::sink()"),
    };
    let end = match &operation.request {
        Request::Upload { extensions, .. } => {
            format!("&to_upload({})", literal(extensions.first().map_or("", String::as_str)))
        }
        Request::None | Request::Fields(_) => end.to_owned(),
    };
    let Some(request) = operation.request_type() else {
        return format!("|client, _| {give}(client{services}.{method}({end}))");
    };
    let modules = path_of(&spec.module_of(request).path).join("::");
    let ty = format!("api::{modules}::{}", names.plain(request));
    let end = if end.is_empty() { end } else { format!(", {end}") };
    format!("|client, json| with(json, |request: &{ty}| {give}(client{services}.{method}(request{end})))")
}
