//! One spec file as it is written: keys checked, names not yet looked up.

use crate::diagnostics::{Diagnostics, Pos};
use crate::ir::{Fill, Role, Standing};
use crate::names;
use crate::parse::limits::{self, Limits};
use crate::parse::reader::{Reader, Spanned};
use crate::yaml::{Data, Entry, Node};

/// A file of the spec.
#[derive(Debug, Default)]
pub(super) struct File {
    /// Path relative to the repository.
    pub(super) name: String,
    /// Parts of the module's name.
    pub(super) path: Vec<String>,
    pub(super) title: String,
    pub(super) title_zh: Option<String>,
    pub(super) description: Option<String>,
    pub(super) operations: Vec<Operation>,
    pub(super) notifications: Vec<Notification>,
    pub(super) types: Vec<TypeDef>,
}

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
    pub(super) standing: Standing,
    pub(super) idempotent: Option<bool>,
    pub(super) confirm: Option<Spanned<String>>,
    pub(super) errors: Vec<String>,
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
    Upload { max_bytes: u64, extensions: Vec<String> },
}

#[derive(Debug)]
pub(super) enum Response {
    None,
    Type(Spanned<String>),
    File,
}

#[derive(Debug)]
pub(super) struct Notification {
    pub(super) name: Spanned<String>,
    pub(super) title: String,
    pub(super) title_zh: Option<String>,
    pub(super) events: Vec<String>,
    pub(super) original_types: Vec<String>,
    pub(super) has: Vec<Spanned<String>>,
    pub(super) doc: Option<String>,
    pub(super) resource: Spanned<String>,
    pub(super) example: Option<Node>,
}

#[derive(Debug)]
pub(super) struct TypeDef {
    pub(super) name: Spanned<String>,
    pub(super) shape: Shape,
}

#[derive(Debug)]
pub(super) enum Shape {
    Object(Vec<Field>),
    OpenEnum(Vec<(String, Option<String>)>),
}

#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: Spanned<String>,
    pub(super) required: bool,
    pub(super) ty: Spanned<TypeExpr>,
    pub(super) limits: Limits,
    pub(super) encrypt: Option<Pos>,
    pub(super) fill: Option<Spanned<Fill>>,
    pub(super) doc: Option<String>,
}

/// A type as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TypeExpr {
    String,
    Int,
    Bool,
    Number,
    Timestamp,
    Json,
    Named(String),
    List(Box<Self>),
    Map(Box<Self>),
}

const FILE_KEYS: &[&str] = &["title", "title_zh", "description", "operations", "notifications", "types"];
const OPERATION_KEYS: &[&str] = &[
    "http",
    "title",
    "title_zh",
    "description",
    "doc",
    "role",
    "since",
    "standing",
    "idempotent",
    "confirm",
    "errors",
    "query",
    "body",
    "request",
    "response",
    "example",
];
const NOTIFICATION_KEYS: &[&str] =
    &["events", "original_types", "has", "title", "title_zh", "doc", "resource", "example"];
const FIELD_KEYS: &[&str] = &["type", "encrypt", "fill", "doc"];
const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE"];

/// Reads one file. `name` is its path in the repository, `path` the parts of the module's name.
pub(super) fn read(name: &str, path: Vec<String>, text: &str, diagnostics: &mut Diagnostics) -> Option<File> {
    let root = crate::yaml::load(name, text, diagnostics)?;
    let mut reader = Reader { file: name, diagnostics };
    let mut file = File { name: name.to_owned(), path, ..File::default() };
    for part in &file.path {
        if !names::is_snake_case(part) {
            reader.error(
                root.pos,
                format!("the file's place is its name in every language: `{part}` must be snake_case"),
            );
        }
    }
    for entry in reader.map("a spec file", &root) {
        let node = &entry.node;
        match entry.key.as_str() {
            "title" => file.title = text_of(reader.text("title", node)).unwrap_or_default(),
            "title_zh" => file.title_zh = text_of(reader.text("title_zh", node)),
            "description" => file.description = text_of(reader.text("description", node)),
            "operations" => {
                let entries = reader.map("operations", node);
                file.operations = entries.iter().filter_map(|entry| operation(&mut reader, entry)).collect();
            }
            "notifications" => {
                let entries = reader.map("notifications", node);
                file.notifications =
                    entries.iter().filter_map(|entry| notification(&mut reader, entry)).collect();
            }
            "types" => {
                let entries = reader.map("types", node);
                file.types = entries.iter().map(|entry| type_def(&mut reader, entry)).collect();
            }
            _ => reader.unknown_key("a spec file", entry, FILE_KEYS),
        }
    }
    if !has_key(&root, "title") {
        reader.error(root.pos, "the file needs a `title`");
    }
    Some(file)
}

fn has_key(node: &Node, key: &str) -> bool {
    matches!(&node.data, Data::Map(entries) if entries.iter().any(|entry| entry.key == key))
}

fn text_of(text: Option<Spanned<String>>) -> Option<String> {
    text.map(|text| text.value)
}

fn values(texts: Vec<Spanned<String>>) -> Vec<String> {
    texts.into_iter().map(|text| text.value).collect()
}

fn operation(reader: &mut Reader<'_>, entry: &Entry) -> Option<Operation> {
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
        standing: Standing::Documented,
        idempotent: None,
        confirm: None,
        errors: Vec::new(),
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
                let choices =
                    [("merchant", Role::Merchant), ("partner", Role::Partner), ("both", Role::Both)];
                operation.role = reader.choice("role", node, &choices).unwrap_or(Role::Merchant);
            }
            "since" => operation.since = text_of(reader.text("since", node)),
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
            "errors" => operation.errors = error_codes(reader, node),
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
            let hint = if key == "response" { " (a type, none, or {file: true})" } else { "" };
            reader.error(entry.pos, format!("{what} needs `{key}`{hint}"));
        }
    }
    // Without a method there is nothing to check further.
    (!operation.method.is_empty()).then_some(operation)
}

fn title(reader: &mut Reader<'_>, node: &Node) -> String {
    let Some(title) = reader.text("title", node) else { return String::new() };
    if title.value.contains('\n') {
        reader.error(title.pos, "a title is one line; the rest belongs into `description`");
    }
    title.value
}

fn doc_page(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    let page = reader.text("doc", node)?;
    let well_formed = page.value.split_once('/').is_some_and(|(family, id)| {
        !family.is_empty()
            && family.chars().all(|c| c.is_ascii_lowercase() || c == '-')
            && !id.is_empty()
            && id.chars().all(|c| c.is_ascii_digit())
    });
    if !well_formed {
        reader.error(page.pos, format!("doc is a page id like merchant/4012791856, not `{}`", page.value));
    }
    Some(page.value)
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
        let mut max_bytes = None;
        let mut extensions = Vec::new();
        for entry in reader.map("upload", upload) {
            match entry.key.as_str() {
                "max_bytes" => max_bytes = reader.positive("max_bytes", &entry.node),
                "extensions" => {
                    for extension in reader.texts("extensions", &entry.node) {
                        if !extension.value.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()) {
                            reader.error(
                                extension.pos,
                                format!("an extension is lower case without the dot: `{}`", extension.value),
                            );
                        }
                        extensions.push(extension.value);
                    }
                }
                _ => reader.unknown_key("upload", entry, &["max_bytes", "extensions"]),
            }
        }
        for key in ["max_bytes", "extensions"] {
            if !has_key(upload, key) {
                reader.error(upload.pos, format!("upload needs `{key}`"));
            }
        }
        return Request::Upload { max_bytes: max_bytes.unwrap_or(1), extensions };
    }
    match reader.text("request", node) {
        Some(name) if name.value != "none" => Request::Type(name),
        _ => Request::None,
    }
}

fn response(reader: &mut Reader<'_>, node: &Node) -> Response {
    if let Data::Map(entries) = &node.data {
        match entries.as_slice() {
            [Entry { key, node, .. }] if key == "file" => {
                if reader.boolean("file", node) == Some(false) {
                    reader.error(node.pos, "a response that is not a file is a type or none");
                }
            }
            _ => reader.error(node.pos, "response is a type's name, none, or {file: true}"),
        }
        return Response::File;
    }
    match reader.text("response", node) {
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

fn notification(reader: &mut Reader<'_>, entry: &Entry) -> Option<Notification> {
    let what = format!("notification `{}`", entry.key);
    if !names::is_snake_case(&entry.key) {
        reader.error(entry.pos, format!("{what}: a notification's name must be snake_case"));
    }
    let (mut title_text, mut title_zh, mut doc, mut resource, mut example) =
        (String::new(), None, None, None, None);
    let (mut events, mut original_types, mut has) = (Vec::new(), Vec::new(), Vec::new());
    let name = Spanned { value: entry.key.clone(), pos: entry.pos };
    for entry in reader.map(&what, &entry.node) {
        let node = &entry.node;
        match entry.key.as_str() {
            "events" => events = values(reader.texts("events", node)),
            "original_types" => original_types = values(reader.texts("original_types", node)),
            "has" => has = reader.texts("has", node),
            "title" => title_text = title(reader, node),
            "title_zh" => title_zh = text_of(reader.text("title_zh", node)),
            "doc" => doc = doc_page(reader, node),
            "resource" => resource = reader.text("resource", node),
            "example" => example = Some(node.clone()),
            _ => reader.unknown_key(&what, entry, NOTIFICATION_KEYS),
        }
    }
    for key in ["events", "title", "resource"] {
        if !has_key(&entry.node, key) {
            reader.error(entry.pos, format!("{what} needs `{key}`"));
        }
    }
    Some(Notification {
        name,
        title: title_text,
        title_zh,
        events,
        original_types,
        has,
        doc,
        resource: resource?,
        example,
    })
}

fn type_def(reader: &mut Reader<'_>, entry: &Entry) -> TypeDef {
    let what = format!("type `{}`", entry.key);
    if !names::is_pascal_case(&entry.key) {
        reader.error(entry.pos, format!("{what}: a type's name must be PascalCase"));
    }
    let entries = reader.map(&what, &entry.node);
    let shape = match entries {
        [only] if only.key == "open_enum" => Shape::OpenEnum(open_enum(reader, &what, &only.node)),
        _ => {
            let mut fields: Vec<Field> = Vec::new();
            for entry in entries {
                let Some(field) = field(reader, entry) else { continue };
                if let Some(other) = fields.iter().find(|other| other.name.value == field.name.value) {
                    let line = other.name.pos.line;
                    reader.error(
                        entry.pos,
                        format!("{what} has `{}` twice: first in line {line}", field.name.value),
                    );
                } else {
                    fields.push(field);
                }
            }
            Shape::Object(fields)
        }
    };
    TypeDef { name: Spanned { value: entry.key.clone(), pos: entry.pos }, shape }
}

fn open_enum(reader: &mut Reader<'_>, what: &str, node: &Node) -> Vec<(String, Option<String>)> {
    let entries = reader.map(&format!("open_enum of {what}"), node);
    if entries.is_empty() {
        reader.error(node.pos, format!("{what} lists no value"));
    }
    let mut values = Vec::new();
    for entry in entries {
        if entry.key.is_empty() || !entry.key.chars().all(|c| c.is_ascii_graphic()) {
            reader.error(entry.pos, format!("`{}` is not a value of an open enum", entry.key));
        }
        let doc = match &entry.node.data {
            Data::Scalar { value: serde_json::Value::Null, .. } => None,
            _ => text_of(reader.text(&format!("the meaning of `{}`", entry.key), &entry.node)),
        };
        values.push((entry.key.clone(), doc));
    }
    values
}

fn field(reader: &mut Reader<'_>, entry: &Entry) -> Option<Field> {
    let (name, required) = match entry.key.strip_suffix('?') {
        Some(name) => (name, false),
        None => (entry.key.as_str(), true),
    };
    if name == "open_enum" && !has_key(&entry.node, "type") {
        reader.error(entry.pos, "`open_enum` stands alone in its type");
        return None;
    }
    if !names::is_field_name(name) {
        reader.error(entry.pos, format!("`{name}` is not a name of a field"));
    }
    let what = format!("field `{name}`");
    let mut field = Field {
        name: Spanned { value: name.to_owned(), pos: entry.pos },
        required,
        ty: Spanned { value: TypeExpr::Json, pos: entry.pos },
        limits: Limits::default(),
        encrypt: None,
        fill: None,
        doc: None,
    };
    for entry in reader.map(&format!("{what} (e.g. {{ type: string, doc: … }})"), &entry.node) {
        let node = &entry.node;
        match entry.key.as_str() {
            "type" => {
                if let Some(ty) = type_expr(reader, node) {
                    field.ty = ty;
                }
            }
            "encrypt" => match reader.boolean("encrypt", node) {
                Some(true) => field.encrypt = Some(node.pos),
                Some(false) => reader.error(node.pos, "encrypt: false is the default: leave it out"),
                None => {}
            },
            "fill" => {
                field.fill = reader
                    .choice("fill", node, &[("mchid", Fill::Mchid)])
                    .map(|value| Spanned { value, pos: node.pos });
            }
            "doc" => field.doc = text_of(reader.text("doc", node)),
            _ if field.limits.read(reader, entry) => {}
            _ => reader.unknown_key(&what, entry, &[FIELD_KEYS, limits::KEYS].concat()),
        }
    }
    if !has_key(&entry.node, "type") && matches!(entry.node.data, Data::Map(_)) {
        reader.error(entry.pos, format!("{what} needs a `type`"));
    }
    Some(field)
}

fn type_expr(reader: &mut Reader<'_>, node: &Node) -> Option<Spanned<TypeExpr>> {
    if !matches!(node.data, Data::Scalar { .. }) {
        reader.error(node.pos, "quote the type: \"[T]\" or \"{string: T}\"");
        return None;
    }
    let text = reader.text("type", node)?;
    match parse_type(&text.value) {
        Some(value) => Some(Spanned { value, pos: text.pos }),
        None => {
            let message = format!(
                "`{}` is not a type: string, int, bool, number, timestamp, json, a type's name, [T] or {{string: T}}",
                text.value
            );
            reader.error(text.pos, message);
            None
        }
    }
}

fn parse_type(text: &str) -> Option<TypeExpr> {
    let text = text.trim();
    if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return Some(TypeExpr::List(Box::new(parse_type(inner)?)));
    }
    if let Some(inner) = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        let (key, value) = inner.split_once(':')?;
        return (key.trim() == "string")
            .then(|| parse_type(value))
            .flatten()
            .map(|t| TypeExpr::Map(Box::new(t)));
    }
    match text {
        "string" => Some(TypeExpr::String),
        "int" => Some(TypeExpr::Int),
        "bool" => Some(TypeExpr::Bool),
        "number" => Some(TypeExpr::Number),
        "timestamp" => Some(TypeExpr::Timestamp),
        "json" => Some(TypeExpr::Json),
        _ => names::is_pascal_case(text).then(|| TypeExpr::Named(text.to_owned())),
    }
}
