//! The operations of a spec file as they are written.

use crate::ir::{Caller, Digest, Host, Period, RateLimit, Role, Standing};
use crate::names;
use crate::parse::parts::{doc_page, has_key, text_of, title, values};
use crate::parse::reader::{Reader, Spanned};
use crate::yaml::{Data, Entry, Node};

#[derive(Debug)]
pub(super) struct Operation {
    pub(super) name: Spanned<String>,
    pub(super) method: String,
    pub(super) path: Spanned<String>,
    /// Names in braces.
    pub(super) path_params: Vec<String>,
    pub(super) title: String,
    pub(super) title_zh: Option<String>,
    pub(super) description: Option<String>,
    pub(super) doc: Option<String>,
    pub(super) role: Role,
    pub(super) since: Option<String>,
    /// That of the operation or of its file.
    pub(super) host: Option<Host>,
    pub(super) standing: Standing,
    pub(super) rate_limit: Option<RateLimit>,
    pub(super) idempotent: Option<bool>,
    pub(super) confirm: Option<Spanned<String>>,
    pub(super) flow: Option<Spanned<String>>,
    pub(super) errors: Vec<String>,
    pub(super) headers: Vec<Spanned<String>>,
    pub(super) query: Vec<Spanned<String>>,
    pub(super) body: Vec<Spanned<String>>,
    pub(super) request: Request,
    pub(super) response: Response,
    pub(super) example_request: Option<Node>,
    pub(super) example_response: Option<Node>,
}

#[derive(Debug)]
pub(super) enum Request {
    None,
    Type(Spanned<String>),
    Upload(Upload),
}

/// An upload; what is absent has a default.
#[derive(Debug, Default)]
pub(super) struct Upload {
    pub(super) max_bytes: Option<u64>,
    pub(super) extensions: Vec<String>,
    pub(super) fields: Option<Spanned<String>>,
    /// Member with the file's name, or `none`.
    pub(super) name_in: Option<Spanned<String>>,
    pub(super) digest: Option<Digest>,
    pub(super) digest_in: Option<Spanned<String>>,
    pub(super) algorithm_in: Option<Spanned<String>>,
}

#[derive(Debug)]
pub(super) enum Response {
    None,
    Type(Spanned<String>),
    Json,
    /// A file, with a signature over its SHA-1 or without one.
    File {
        signed_digest: bool,
    },
}

const OPERATION_KEYS: &[&str] = &[
    "http",
    "title",
    "title_zh",
    "description",
    "doc",
    "role",
    "since",
    "host",
    "standing",
    "rate_limit",
    "idempotent",
    "confirm",
    "flow",
    "errors",
    "headers",
    "query",
    "body",
    "request",
    "response",
    "example",
];
const UPLOAD_KEYS: &[&str] =
    &["max_bytes", "extensions", "fields", "name_in", "digest", "digest_in", "algorithm_in"];
const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE"];

pub(super) fn operation(reader: &mut Reader<'_>, entry: &Entry) -> Option<Operation> {
    let what = format!("operation `{}`", entry.key);
    let mut operation = Operation {
        name: Spanned { value: entry.key.clone(), pos: entry.pos },
        method: String::new(),
        path: Spanned { value: String::new(), pos: entry.pos },
        path_params: Vec::new(),
        title: String::new(),
        title_zh: None,
        description: None,
        doc: None,
        role: Role::Merchant,
        since: None,
        host: None,
        standing: Standing::Documented,
        rate_limit: None,
        idempotent: None,
        confirm: None,
        flow: None,
        errors: Vec::new(),
        headers: Vec::new(),
        query: Vec::new(),
        body: Vec::new(),
        request: Request::None,
        response: Response::None,
        example_request: None,
        example_response: None,
    };
    if !names::is_snake_case(&entry.key) {
        reader.error(entry.pos, format!("{what}: an operation's name must be snake_case"));
    }
    for entry in reader.map(&what, &entry.node) {
        let node = &entry.node;
        match entry.key.as_str() {
            "http" => http(reader, node, &mut operation),
            "title" => operation.title = title(reader, node),
            "title_zh" => operation.title_zh = text_of(reader.text("title_zh", node)),
            "description" => operation.description = text_of(reader.text("description", node)),
            "doc" => operation.doc = doc_page(reader, node),
            "role" => {
                let choices = [
                    ("merchant", Role::Merchant),
                    ("partner", Role::Partner),
                    ("both", Role::Both),
                    ("acquirer", Role::Acquirer),
                ];
                operation.role = reader.choice("role", node, &choices).unwrap_or(Role::Merchant);
            }
            "since" => operation.since = text_of(reader.text("since", node)),
            "host" => operation.host = host(reader, node),
            "rate_limit" => operation.rate_limit = rate_limit(reader, node),
            "standing" => {
                let choices = [
                    ("documented", Standing::Documented),
                    ("retired", Standing::Retired),
                    ("community", Standing::Community),
                ];
                operation.standing =
                    reader.choice("standing", node, &choices).unwrap_or(Standing::Documented);
            }
            "idempotent" => operation.idempotent = reader.boolean("idempotent", node),
            "confirm" => operation.confirm = reader.text("confirm", node),
            "flow" => operation.flow = reader.text("flow", node),
            "errors" => operation.errors = error_codes(reader, node),
            "headers" => operation.headers = reader.texts("headers", node),
            "query" => operation.query = reader.texts("query", node),
            "body" => operation.body = reader.texts("body", node),
            "request" => operation.request = request(reader, node),
            "response" => operation.response = response(reader, node),
            "example" => example(reader, node, &mut operation),
            _ => reader.unknown_key(&what, entry, OPERATION_KEYS),
        }
    }
    for key in ["http", "title", "response"] {
        if !has_key(&entry.node, key) {
            let hint = if key == "response" { " (a type, none, json, or {file: true})" } else { "" };
            reader.error(entry.pos, format!("{what} needs `{key}`{hint}"));
        }
    }
    // Without a method there is nothing to check further.
    (!operation.method.is_empty()).then_some(operation)
}

fn error_codes(reader: &mut Reader<'_>, node: &Node) -> Vec<String> {
    let codes = reader.texts("errors", node);
    for code in &codes {
        if !names::is_error_code(&code.value) {
            reader.error(
                code.pos,
                format!("an error code is upper case like PARAM_ERROR, not `{}`", code.value),
            );
        }
    }
    values(codes)
}

fn http(reader: &mut Reader<'_>, node: &Node, operation: &mut Operation) {
    let Some(line) = reader.text("http", node) else { return };
    let Some((method, path)) = line.value.split_once(' ') else {
        reader.error(line.pos, "http is a method and a path: POST /v3/pay/transactions/jsapi");
        return;
    };
    if !METHODS.contains(&method) {
        reader.error(line.pos, format!("unknown method `{method}`: one of {}", METHODS.join(", ")));
        return;
    }
    let path = path.trim();
    match path_params(path) {
        Ok(params) => operation.path_params = params,
        Err(message) => reader.error(line.pos, message),
    }
    operation.method = method.to_owned();
    operation.path = Spanned { value: path.to_owned(), pos: line.pos };
}

/// Names in braces, in the order of the path.
fn path_params(path: &str) -> Result<Vec<String>, String> {
    if !path.starts_with('/') {
        return Err(format!("a path starts with /: `{path}`"));
    }
    let mut params: Vec<String> = Vec::new();
    let mut rest = path;
    while let Some(at) = rest.find(['{', '}']) {
        let inside = &rest[at + 1..];
        let close = inside.find(['{', '}']);
        match close {
            Some(close) if rest[at..].starts_with('{') && inside[close..].starts_with('}') => {
                let name = &inside[..close];
                if !names::is_field_name(name) {
                    return Err(format!("`{{{name}}}` is not a name of a path parameter"));
                }
                if params.iter().any(|param| param == name) {
                    return Err(format!("the path names `{{{name}}}` twice"));
                }
                params.push(name.to_owned());
                rest = &inside[close + 1..];
            }
            _ => return Err(format!("the braces in `{path}` do not match")),
        }
    }
    let literal_ok = |c: char| c.is_ascii_alphanumeric() || "/_-.{}".contains(c);
    match path.chars().find(|c| !literal_ok(*c)) {
        Some(c) => Err(format!("`{c}` cannot stand in a path: query parameters are fields of the request")),
        None => Ok(params),
    }
}

fn request(reader: &mut Reader<'_>, node: &Node) -> Request {
    if let Data::Map(entries) = &node.data {
        let [Entry { key, node: upload, .. }] = entries.as_slice() else {
            reader.error(
                node.pos,
                "request is a type's name, none, or {upload: {max_bytes: …, extensions: […]}}",
            );
            return Request::None;
        };
        if key != "upload" {
            reader.error(
                node.pos,
                format!("request cannot be {{{key}: …}}: a type's name, none, or {{upload: …}}"),
            );
            return Request::None;
        }
        return Request::Upload(self::upload(reader, upload));
    }
    match reader.text("request", node) {
        Some(name) if name.value != "none" => Request::Type(name),
        _ => Request::None,
    }
}

fn upload(reader: &mut Reader<'_>, node: &Node) -> Upload {
    let mut upload = Upload::default();
    for entry in reader.map("upload", node) {
        match entry.key.as_str() {
            "max_bytes" => upload.max_bytes = reader.positive("max_bytes", &entry.node),
            "extensions" => {
                for extension in reader.texts("extensions", &entry.node) {
                    if !extension.value.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()) {
                        reader.error(
                            extension.pos,
                            format!("an extension is lower case without the dot: `{}`", extension.value),
                        );
                    }
                    upload.extensions.push(extension.value);
                }
            }
            "fields" => upload.fields = reader.text("fields", &entry.node),
            "name_in" => upload.name_in = member(reader, entry),
            "digest" => {
                let choices = [("sha256", Digest::Sha256), ("sm3", Digest::Sm3)];
                upload.digest = reader.choice("digest", &entry.node, &choices);
            }
            "digest_in" => upload.digest_in = member(reader, entry),
            "algorithm_in" => upload.algorithm_in = member(reader, entry),
            _ => reader.unknown_key("upload", entry, UPLOAD_KEYS),
        }
    }
    for key in ["max_bytes", "extensions"] {
        if !has_key(node, key) {
            reader.error(node.pos, format!("upload needs `{key}`"));
        }
    }
    if upload.digest == Some(Digest::Sm3) && upload.digest_in.is_none() {
        reader.error(node.pos, "an upload with digest: sm3 needs `digest_in`: the member that holds it");
    }
    upload
}

/// The name of a member of `meta`.
fn member(reader: &mut Reader<'_>, entry: &Entry) -> Option<Spanned<String>> {
    let name = reader.text(&entry.key, &entry.node)?;
    if !names::is_field_name(&name.value) {
        reader.error(name.pos, format!("{}: `{}` is not a name of a member", entry.key, name.value));
    }
    Some(name)
}

/// The host of an operation, or of all operations of a file.
pub(super) fn host(reader: &mut Reader<'_>, node: &Node) -> Option<Host> {
    reader.choice("host", node, &[("main", Host::Main), ("hk", Host::Hk)])
}

fn rate_limit(reader: &mut Reader<'_>, node: &Node) -> Option<RateLimit> {
    let (mut calls, mut per, mut of) = (None, None, Caller::default());
    for entry in reader.map("rate_limit (e.g. { calls: 100, per: second })", node) {
        match entry.key.as_str() {
            "calls" => {
                calls = reader.positive("calls", &entry.node).and_then(|calls| {
                    let fits = u32::try_from(calls).ok();
                    if fits.is_none() {
                        reader.error(entry.node.pos, format!("calls {calls} is too large"));
                    }
                    fits
                });
            }
            "per" => {
                let choices = [
                    ("second", Period::Second),
                    ("minute", Period::Minute),
                    ("hour", Period::Hour),
                    ("day", Period::Day),
                ];
                per = reader.choice("per", &entry.node, &choices);
            }
            "of" => {
                let choices = [
                    ("merchant", Caller::Merchant),
                    ("sub_merchant", Caller::SubMerchant),
                    ("user", Caller::User),
                ];
                of = reader.choice("of", &entry.node, &choices).unwrap_or_default();
            }
            _ => reader.unknown_key("rate_limit", entry, &["calls", "per", "of"]),
        }
    }
    for key in ["calls", "per"] {
        if !has_key(node, key) {
            reader.error(node.pos, format!("rate_limit needs `{key}`"));
        }
    }
    Some(RateLimit { calls: calls?, per: per?, of })
}

fn response(reader: &mut Reader<'_>, node: &Node) -> Response {
    if let Data::Map(entries) = &node.data {
        let mut signed_digest = false;
        match entries.as_slice() {
            [Entry { key, node, .. }] if key == "file" => match node.to_json() {
                serde_json::Value::Bool(true) => {}
                serde_json::Value::String(text) if text == "signed_digest" => signed_digest = true,
                _ => reader.error(
                    node.pos,
                    "file is true, or signed_digest when a signature covers the file's SHA-1; what is not a file is a type, none or json",
                ),
            },
            _ => reader.error(
                node.pos,
                "response is a type's name, none, json, {file: true} or {file: signed_digest}",
            ),
        }
        return Response::File { signed_digest };
    }
    match reader.text("response", node) {
        Some(name) if name.value == "json" => Response::Json,
        Some(name) if name.value != "none" => Response::Type(name),
        _ => Response::None,
    }
}

fn example(reader: &mut Reader<'_>, node: &Node, operation: &mut Operation) {
    for entry in reader.map("example", node) {
        match entry.key.as_str() {
            "request" => operation.example_request = Some(entry.node.clone()),
            "response" => operation.example_response = Some(entry.node.clone()),
            _ => reader.unknown_key("example", entry, &["request", "response"]),
        }
    }
}
