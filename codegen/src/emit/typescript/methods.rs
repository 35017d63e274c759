//! Methods: an interface for the compiler, a class of one-line methods for Node.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::emit::describe::module_doc;
use crate::emit::text::{header, markdown, sentence};
use crate::ir::{Operation, Request, Response, Spec, Tree};

use super::models::{self, Names, Scope};
use super::{docs, method, names, namespace, outside, quoted};
use crate::names::camel_case;

/// The `.d.ts` of one module.
pub(super) fn declarations(spec: &Spec, types: &Names, node: &Tree<'_>) -> String {
    let mut scope = Scope::new(spec, types, node.module.map(|(index, _)| index));
    let methods = names::methods(node);
    let (mut api, mut namespaces) = (String::new(), String::new());
    for child in &node.children {
        let name = camel_case(child.name());
        let (lines, local) = namespace(&name, &child_path(node, child));
        namespaces.push_str(&lines);
        let _ = writeln!(api, "  readonly {name}: {local}.Api;");
    }
    let mut shared = BTreeSet::new();
    for operation in node.operations() {
        let signature = signature(&mut scope, &mut shared, operation);
        if !api.is_empty() {
            api.push('\n');
        }
        api.push_str(&docs::comment("  ", &docs::operation(operation)));
        let _ = writeln!(api, "  {}{signature};", method(&methods[operation.name.as_str()]));
    }
    let types = models::declarations(&mut scope, types, node);

    let mut out = header(&node.source());
    out.push_str(&scope.imports(&node.path));
    if !shared.is_empty() {
        let path = outside(&node.path, "types");
        let _ = writeln!(
            out,
            "import type {{ {} }} from {};",
            shared.into_iter().collect::<Vec<_>>().join(", "),
            quoted(&path)
        );
    }
    out.push_str(&namespaces);
    out.push('\n');
    if let Some((_, module)) = node.module {
        out.push_str(&docs::comment("", &module_doc(module)));
    }
    let _ = write!(out, "export interface Api {{\n{api}}}\n{types}");
    out
}

/// `(params: PrepayRequest, options?: CallOptions): Promise<PrepayResponse>`. Notes in `shared` what it takes from `types.d.ts`.
fn signature(scope: &mut Scope<'_>, shared: &mut BTreeSet<&'static str>, operation: &Operation) -> String {
    let mut shared = |name: &'static str| {
        shared.insert(name);
        name
    };
    let answer = match operation.response {
        Response::Type(id) => scope.named(id),
        Response::Json => "unknown".to_owned(),
        Response::None => "void".to_owned(),
        Response::File => shared("Downloaded").to_owned(),
    };
    let file = match operation.request {
        Request::Upload { .. } => {
            Some((format!("file: {}", shared("UploadSource")), shared("UploadOptions")))
        }
        _ if operation.answers_file() => {
            Some((format!("destination: {}", shared("DownloadDestination")), shared("FileOptions")))
        }
        _ => None,
    };
    let params = params(scope, operation);
    let mut parameters = Vec::new();
    // What may be left out must not stand before what may not.
    parameters.extend(params.map(|(name, optional)| match (optional, file.is_some()) {
        (true, true) => format!("params: {name} | null | undefined"),
        (true, false) => format!("params?: {name}"),
        (false, _) => format!("params: {name}"),
    }));
    let options = match file {
        Some((file, options)) => {
            parameters.push(file);
            options
        }
        None => shared("CallOptions"),
    };
    parameters.push(format!("options?: {options}"));
    format!("({}): Promise<{answer}>", parameters.join(", "))
}

/// The type of the parameters, and whether they may be left out altogether.
fn params(scope: &mut Scope<'_>, operation: &Operation) -> Option<(String, bool)> {
    let id = operation.request_type()?;
    let optional = !scope.fields(id).iter().any(crate::ir::Field::caller_must_give);
    Some((scope.named(id), optional))
}

/// The `.js` of one module.
pub(super) fn javascript(node: &Tree<'_>) -> String {
    let mut out = header(&node.source());
    out.push_str("'use strict';\n");
    if !node.children.is_empty() {
        let path = outside(&node.path, "lazy");
        let _ = writeln!(out, "const {{ lazy }} = require({});", quoted(&path));
    }
    let class = names::class(node);
    let _ = write!(
        out,
        "\nclass {class} {{\n  #client;\n\n  constructor(client) {{\n    this.#client = client;\n  }}\n"
    );
    for child in &node.children {
        let (name, path) = (camel_case(child.name()), quoted(&child_path(node, child)));
        let _ = write!(
            out,
            "\n  get {name}() {{\n    return lazy(this, '{name}', new (require({path}))(this.#client));\n  }}\n"
        );
    }
    let methods = names::methods(node);
    for operation in node.operations() {
        let (name, id) = (&methods[operation.name.as_str()], quoted(&operation.id));
        let has_fields = operation.request_type().is_some();
        let given = if has_fields { "params" } else { "null" };
        let (file, call) = match &operation.request {
            Request::Upload { max_bytes, .. } => {
                (Some("file"), format!("upload({id}, file, options, {max_bytes}, {given})"))
            }
            _ if operation.answers_file() => {
                (Some("destination"), format!("callForFile({id}, {given}, destination, options)"))
            }
            _ => (None, format!("call({id}, {given}, options)")),
        };
        let params: Vec<&str> =
            has_fields.then_some("params").into_iter().chain(file).chain(["options"]).collect();
        let params = params.join(", ");
        let _ = write!(out, "\n  {name}({params}) {{\n    return this.#client.{call};\n  }}\n");
    }
    let _ = write!(out, "}}\n\nmodule.exports = {class};\n");
    out
}

fn child_path(node: &Tree<'_>, child: &Tree<'_>) -> String {
    format!("./{}/{}.js", node.name(), child.name())
}

/// The families on the client, and the table from names to types behind `call`, `prepare` and `finish`.
pub(super) fn root_declarations(spec: &Spec, names: &Names, tree: &Tree<'_>) -> String {
    let mut scope = Scope::new(spec, names, None);
    let mut operations = String::new();
    for (_, operation) in spec.operations() {
        let answer = match operation.response {
            Response::Type(id) => scope.named(id),
            Response::Json => "unknown".to_owned(),
            Response::None => "null".to_owned(),
            Response::File => continue,
        };
        if matches!(operation.request, Request::Upload { .. }) {
            continue;
        }
        let params = match params(&mut scope, operation) {
            Some((name, true)) => format!("{name} | null"),
            Some((name, false)) => name,
            None => "null".to_owned(),
        };
        let _ =
            writeln!(operations, "  {}: {{ params: {params}; answer: {answer} }};", quoted(&operation.id));
    }
    let mut out = header("spec/**/*.yaml");
    out.push_str(&scope.imports(&[]));
    let mut families = String::new();
    for root in &tree.children {
        let (name, stem) = (camel_case(root.name()), root.name());
        let (lines, local) = namespace(&name, &format!("./{stem}.js"));
        out.push_str(&lines);
        if let Some((_, module)) = root.module {
            families.push_str(&docs::comment("  ", &sentence(&markdown(&module.title))));
        }
        let _ = writeln!(families, "  readonly {name}: {local}.Api;");
    }
    let _ = write!(
        out,
        "\n/** The product families on the client. */\nexport interface Families {{\n{families}}}\n\n/** What each operation takes and answers, by its name. */\nexport interface Operations {{\n{operations}}}\n"
    );
    out
}

/// Puts a getter for each family on the client's prototype; its code is loaded when it is first used.
pub(super) fn root_javascript(tree: &Tree<'_>) -> String {
    let mut out = header("spec/**/*.yaml");
    out.push_str(
        "'use strict';\n\n// Each `require` is written out so that bundlers find it.\nmodule.exports = {\n",
    );
    for root in &tree.children {
        let (name, stem) = (camel_case(root.name()), root.name());
        let _ = writeln!(out, "  {name}: () => require('./{stem}.js'),");
    }
    out.push_str("};\n");
    out
}
