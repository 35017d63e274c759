//! Methods: an interface for the compiler, a class of one-line methods for Node.

use std::fmt::Write;

use crate::emit::text::{header, markdown, sentence};
use crate::ir::{Operation, Request, Response, Spec};

use super::models::{self, Names, Scope};
use super::tree::{Node, Tree};
use super::{camel_case, docs, method, namespace, outside, quoted};

/// The `.d.ts` of one module.
pub(super) fn declarations(spec: &Spec, names: &Names, node: &Node<'_>) -> String {
    let mut scope = Scope::new(spec, names, node.index);
    let methods = node.method_names();
    let (mut api, mut namespaces) = (String::new(), String::new());
    for child in &node.children {
        let name = camel_case(child);
        let (lines, local) = namespace(&name, &child_path(node, child));
        namespaces.push_str(&lines);
        let _ = writeln!(api, "  readonly {name}: {local}.Api;");
    }
    let (mut options, mut upload) = (false, false);
    for operation in node.module.map_or(&[][..], |module| &module.operations) {
        let Some(signature) = signature(&mut scope, operation) else { continue };
        options = true;
        upload |= matches!(operation.request, Request::Upload { .. });
        if !api.is_empty() {
            api.push('\n');
        }
        api.push_str(&docs::comment("  ", &docs::operation(operation)));
        let _ = writeln!(api, "  {}{signature};", method(&methods[operation.name.as_str()]));
    }
    let types = models::declarations(&mut scope, names, node);

    let mut out = header(node.module.map_or("spec/**/*.yaml", |module| &module.file));
    out.push_str(&scope.imports(&node.path));
    let mut shared = Vec::new();
    shared.extend(options.then_some("CallOptions"));
    shared.extend(upload.then_some("UploadOptions"));
    shared.extend(upload.then_some("UploadSource"));
    if !shared.is_empty() {
        let path = outside(&node.path, "types");
        let _ = writeln!(out, "import type {{ {} }} from {};", shared.join(", "), quoted(&path));
    }
    out.push_str(&namespaces);
    out.push('\n');
    if let Some(module) = node.module {
        let mut text = sentence(&markdown(&module.title));
        if let Some(title) = &module.title_zh {
            let _ = write!(text, "\n\n{}", markdown(title));
        }
        if let Some(description) = &module.description {
            let _ = write!(text, "\n\n{}", sentence(&markdown(description)));
        }
        out.push_str(&docs::comment("", &text));
    }
    let _ = write!(out, "export interface Api {{\n{api}}}\n{types}");
    out
}

/// `(params: PrepayRequest, options?: CallOptions): Promise<PrepayResponse>`; none for files, which `download` fetches.
fn signature(scope: &mut Scope<'_>, operation: &Operation) -> Option<String> {
    let answer = match operation.response {
        Response::Type(id) => scope.named(id),
        Response::None => "void".to_owned(),
        Response::File => return None,
    };
    let params = match &operation.request {
        Request::None => String::new(),
        Request::Upload { .. } => {
            return Some(format!("(file: UploadSource, options?: UploadOptions): Promise<{answer}>"));
        }
        Request::Fields(_) => params(scope, operation).map_or_else(String::new, |(name, optional)| {
            format!("params{}: {name}, ", if optional { "?" } else { "" })
        }),
    };
    Some(format!("({params}options?: CallOptions): Promise<{answer}>"))
}

/// The type of the parameters, and whether they may be left out altogether.
fn params(scope: &mut Scope<'_>, operation: &Operation) -> Option<(String, bool)> {
    let id = operation.request_type()?;
    let optional = !scope.fields(id).iter().any(crate::ir::Field::caller_must_give);
    Some((scope.named(id), optional))
}

/// The `.js` of one module.
pub(super) fn javascript(node: &Node<'_>) -> String {
    let mut out = header(node.module.map_or("spec/**/*.yaml", |module| &module.file));
    out.push_str("'use strict';\n");
    if !node.children.is_empty() {
        let path = outside(&node.path, "lazy");
        let _ = writeln!(out, "const {{ lazy }} = require({});", quoted(&path));
    }
    let class = node.class();
    let _ = write!(
        out,
        "\nclass {class} {{\n  #client;\n\n  constructor(client) {{\n    this.#client = client;\n  }}\n"
    );
    for child in &node.children {
        let (name, path) = (camel_case(child), quoted(&child_path(node, child)));
        let _ = write!(
            out,
            "\n  get {name}() {{\n    return lazy(this, '{name}', new (require({path}))(this.#client));\n  }}\n"
        );
    }
    let names = node.method_names();
    for operation in node.module.map_or(&[][..], |module| &module.operations) {
        if matches!(operation.response, Response::File) {
            continue;
        }
        let (name, id) = (&names[operation.name.as_str()], quoted(&operation.id));
        let (params, call) = match &operation.request {
            Request::None => ("options", format!("call({id}, null, options)")),
            Request::Fields(_) => ("params, options", format!("call({id}, params, options)")),
            Request::Upload { max_bytes, .. } => {
                ("file, options", format!("upload({id}, file, options, {max_bytes})"))
            }
        };
        let _ = write!(out, "\n  {name}({params}) {{\n    return this.#client.{call};\n  }}\n");
    }
    let _ = write!(out, "}}\n\nmodule.exports = {class};\n");
    out
}

fn child_path(node: &Node<'_>, child: &str) -> String {
    let last = node.path.last().map_or("", String::as_str);
    format!("./{last}/{child}.js")
}

/// The families on the client, and the table from names to types behind `call`, `prepare` and `finish`.
pub(super) fn root_declarations(spec: &Spec, names: &Names, tree: &Tree<'_>) -> String {
    let mut scope = Scope::new(spec, names, None);
    let mut operations = String::new();
    for (_, operation) in spec.operations() {
        let answer = match operation.response {
            Response::Type(id) => scope.named(id),
            Response::None => "null".to_owned(),
            Response::File => continue,
        };
        let params = match params(&mut scope, operation) {
            Some((name, true)) => format!("{name} | null"),
            Some((name, false)) => name,
            None => "null".to_owned(),
        };
        if !matches!(operation.request, Request::Upload { .. }) {
            let _ = writeln!(
                operations,
                "  {}: {{ params: {params}; answer: {answer} }};",
                quoted(&operation.id)
            );
        }
    }
    let mut out = header("spec/**/*.yaml");
    out.push_str(&scope.imports(&[]));
    let mut families = String::new();
    for root in tree.roots() {
        let (name, stem) = (camel_case(&root.path[0]), &root.path[0]);
        let (lines, local) = namespace(&name, &format!("./{stem}.js"));
        out.push_str(&lines);
        if let Some(module) = root.module {
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
    for root in tree.roots() {
        let (name, stem) = (camel_case(&root.path[0]), &root.path[0]);
        let _ = writeln!(out, "  {name}: () => require('./{stem}.js'),");
    }
    out.push_str("};\n");
    out
}
