//! Every typed call as a function from JSON to JSON: `tests/src/generated/typed_calls.rs`. With it the examples of the spec
//! go through the typed Rust API, of which a test could otherwise only name the calls that its author thought of.

use std::fmt::Write;

use crate::Files;
use crate::emit::rust_api::names::Names;
use crate::emit::text::{header, literal};
use crate::ir::{Request, Response, Spec, TypeId};
use crate::names::{rust_ident, rust_module};

const FILE: &str = "tests/src/generated/typed_calls.rs";

/// The list of typed calls. Files and uploads are left out.
pub fn emit(spec: &Spec) -> Files {
    let names = Names::new(spec);
    let path_of = |path: &[String]| path.iter().map(|name| rust_module(name)).collect::<Vec<_>>();
    let type_path =
        |id: TypeId| format!("api::{}::{}", path_of(&spec.module_of(id).path).join("::"), names.plain(id));
    let mut out = header("spec/**/*.yaml");
    out.push_str("//! Every typed call of the Rust API, from JSON to JSON.\n\n");
    out.push_str("use wechatpay_core::api;\n\nuse crate::typed::{Call, none, reply, with};\n\n");
    out.push_str("/// Operations and their typed calls.\npub const CALLS: &[(&str, Call)] = &[\n");
    for (module, operation) in spec.operations() {
        if matches!(operation.response, Response::File) {
            continue;
        }
        let services: String = path_of(&module.path).iter().map(|name| format!(".{name}()")).collect();
        let method = rust_ident(&operation.name);
        let give = if operation.response_type().is_some() { "reply" } else { "none" };
        let call = match &operation.request {
            Request::Upload { .. } => continue,
            Request::None => format!("|client, _| {give}(client{services}.{method}())"),
            Request::Fields(fields) => format!(
                "|client, json| with(json, |request: &{}| {give}(client{services}.{method}(request)))",
                type_path(fields.type_id)
            ),
        };
        let _ = writeln!(out, "({}, {call}),", literal(&operation.id));
    }
    out.push_str("];\n");
    Files::from([(FILE.to_owned(), out)])
}
