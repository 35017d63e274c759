//! The operation table: `core/src/generated/table`, one file per file of the spec.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::Files;
use crate::emit::RustTarget;
use crate::emit::text::{header, literal, literals, used};
use crate::ir::{
    Field, Fill, Module, Notification, Operation, Request, Response, Rule, Shape, Spec, Standing, Type,
    TypeId,
};
use crate::names::{Unique, rust_file_stem, rust_module, screaming_case};

/// The table of all operations and notifications.
pub fn emit(spec: &Spec, target: &RustTarget) -> Files {
    let folder = format!("{}/table", target.folder);
    let names = Names::new(spec);
    let mut files = Files::new();
    for (index, module) in spec.modules.iter().enumerate() {
        files.insert(format!("{folder}/{}.rs", file_stem(module)), module_file(spec, &names, index, module));
    }
    files.insert(format!("{folder}/mod.rs"), root_file(spec, &names));
    files
}

/// Name of the file of a module: `payments_jsapi`.
fn file_stem(module: &Module) -> String {
    rust_file_stem(&module.path.join("_"))
}

/// Name of its Rust module.
pub fn module_ident(module: &Module) -> String {
    rust_module(&module.path.join("_"))
}

/// Names of the statics.
pub struct Names {
    operations: BTreeMap<String, String>,
    notifications: BTreeMap<String, String>,
    types: BTreeMap<TypeId, String>,
}

impl Names {
    /// Gives every operation, notification and type a name that is unique in its file.
    pub fn new(spec: &Spec) -> Self {
        let mut names =
            Self { operations: BTreeMap::new(), notifications: BTreeMap::new(), types: BTreeMap::new() };
        for module in &spec.modules {
            let mut unique = Unique::default();
            for operation in &module.operations {
                let name = unique.take(screaming_case(&operation.name), "_");
                names.operations.insert(operation.id.clone(), name);
            }
            for notification in &module.notifications {
                let name = unique.take(format!("{}_NOTIFICATION", screaming_case(&notification.name)), "_");
                names.notifications.insert(notification.id.clone(), name);
            }
            for id in &module.types {
                let definition = spec.type_def(*id);
                let suffix = match definition.shape {
                    Shape::Object(_) => "MODEL",
                    Shape::OpenEnum(_) => "KIND",
                };
                let name = unique.take(format!("{}_{suffix}", screaming_case(&definition.name)), "_");
                names.types.insert(*id, name);
            }
        }
        names
    }

    /// The static of an operation: `PREPAY`.
    pub fn operation(&self, id: &str) -> &str {
        self.operations.get(id).map_or("", String::as_str)
    }

    fn notification(&self, id: &str) -> &str {
        self.notifications.get(id).map_or("", String::as_str)
    }

    /// The static of a type, as seen from `module`.
    fn ty(&self, spec: &Spec, id: TypeId, module: usize) -> String {
        let name = self.types.get(&id).map_or("", String::as_str);
        if spec.type_def(id).module == module {
            name.to_owned()
        } else {
            format!("super::{}::{name}", module_ident(spec.module_of(id)))
        }
    }
}

fn root_file(spec: &Spec, names: &Names) -> String {
    let mut out = header("spec/**/*.yaml");
    out.push_str("//! Every operation and every notification of the spec.\n\n");
    for module in &spec.modules {
        let _ = writeln!(out, "pub(crate) mod {};", module_ident(module));
    }
    out.push_str("\nuse crate::operation::{NotificationType, Operation};\n\n");
    let mut operations: Vec<(&str, String)> = spec
        .operations()
        .map(|(module, operation)| {
            (operation.id.as_str(), format!("&{}::{}", module_ident(module), names.operation(&operation.id)))
        })
        .collect();
    operations.sort();
    out.push_str("/// Sorted by id.\nstatic OPERATIONS: &[&Operation] = &[\n");
    for (_, reference) in operations {
        let _ = writeln!(out, "    {reference},");
    }
    out.push_str("];\n\nstatic NOTIFICATION_TYPES: &[&NotificationType] = &[\n");
    // Those that want an original type come first and are preferred.
    let mut notifications: Vec<_> = spec.notifications().collect();
    notifications.sort_by_key(|(_, notification)| notification.original_types.is_empty());
    for (module, notification) in notifications {
        let _ = writeln!(out, "    &{}::{},", module_ident(module), names.notification(&notification.id));
    }
    out.push_str(
        "];\n
/// Every operation of the spec, sorted by id.
pub fn all() -> impl ExactSizeIterator<Item = &'static Operation> {
    OPERATIONS.iter().copied()
}

/// The operation with this id, for example `payments.jsapi.prepay`.
pub fn find(id: &str) -> Option<&'static Operation> {
    let index = OPERATIONS.binary_search_by(|operation| operation.id.cmp(id)).ok()?;
    OPERATIONS.get(index).copied()
}

/// Every notification of the spec. [`notification_type`](crate::operation::notification_type) picks the right one.
pub fn notification_types() -> impl ExactSizeIterator<Item = &'static NotificationType> {
    NOTIFICATION_TYPES.iter().copied()
}
",
    );
    out
}

fn module_file(spec: &Spec, names: &Names, index: usize, module: &Module) -> String {
    let emitter = Emitter { spec, names, module: index };
    let mut body = String::new();
    for operation in &module.operations {
        emitter.operation(&mut body, operation);
    }
    for notification in &module.notifications {
        emitter.notification(&mut body, notification);
    }
    // The type of a request has no model when nothing else refers to it: its fields stand in the operation itself.
    for id in module.types.iter().filter(|id| spec.uses(**id).is_referenced()) {
        emitter.type_def(&mut body, *id);
    }
    let mut out = header(&module.file);
    let _ = writeln!(out, "//! {}\n", module.title);
    if !used(&body, &["Method"]).is_empty() {
        out.push_str("use crate::http::Method;\n");
    }
    let items = [
        "Body",
        "Field",
        "Fill",
        "Kind",
        "Model",
        "NotificationType",
        "Operation",
        "Reply",
        "Rule",
        "Standing",
        "Upload",
    ];
    let items = used(&body, &items);
    if !items.is_empty() {
        let _ = writeln!(out, "use crate::operation::{{{}}};\n", items.join(", "));
    }
    out + &body
}

struct Emitter<'a> {
    spec: &'a Spec,
    names: &'a Names,
    module: usize,
}

impl Emitter<'_> {
    fn operation(&self, out: &mut String, operation: &Operation) {
        let name = self.names.operation(&operation.id);
        let _ = writeln!(out, "pub(crate) static {name}: Operation = Operation {{");
        let _ = writeln!(out, "id: {},", literal(&operation.id));
        let _ = writeln!(out, "title: {},", literal(&operation.title));
        let _ = writeln!(out, "method: Method::{},", method_variant(&operation.method));
        let _ = writeln!(out, "path: {},", literal(&operation.path));
        let no_fields = (String::from("&[]"), String::from("&[]"), String::from("Body::None"));
        let (path, query, body) = match &operation.request {
            Request::None => no_fields,
            Request::Upload { max_bytes, extensions } => {
                let extensions = literals(extensions);
                let body =
                    format!("Body::Upload(&Upload {{ max_bytes: {max_bytes}, extensions: {extensions} }})");
                (no_fields.0, no_fields.1, body)
            }
            Request::Fields(placed) => {
                let fields = self.spec.fields(placed.type_id);
                let pick = |indexes: &[usize]| self.fields(indexes.iter().map(|index| &fields[*index]));
                // A POST whose fields all stand in the path or query has no body; one with a request type of no
                // fields at all sends `{}`.
                let bodyless = matches!(operation.method.as_str(), "GET" | "DELETE")
                    || (placed.body.is_empty() && !fields.is_empty());
                let body = if placed.body.is_empty() && bodyless {
                    "Body::None".to_owned()
                } else {
                    format!("Body::Json({})", pick(&placed.body))
                };
                (pick(&placed.path), pick(&placed.query), body)
            }
        };
        let reply = match operation.response {
            Response::None => "Reply::None".to_owned(),
            Response::File => "Reply::File".to_owned(),
            Response::Type(id) => format!("Reply::Json(&{})", self.names.ty(self.spec, id, self.module)),
        };
        let _ = writeln!(out, "path_params: {path},\nquery: {query},\nbody: {body},\nreply: {reply},");
        let _ = writeln!(out, "idempotent: {},", operation.idempotent);
        match &operation.confirm {
            Some(id) => {
                let _ = writeln!(out, "confirm: Some({}),", literal(id));
            }
            None => out.push_str("confirm: None,\n"),
        }
        let _ = writeln!(out, "doc: {},", literal(operation.doc.as_deref().unwrap_or_default()));
        let standing = match operation.standing {
            Standing::Documented => "Documented",
            Standing::Retired => "Retired",
            Standing::Community => "Community",
        };
        let _ = writeln!(out, "standing: Standing::{standing},\n}};\n");
    }

    fn notification(&self, out: &mut String, notification: &Notification) {
        let name = self.names.notification(&notification.id);
        let _ = writeln!(out, "pub(crate) static {name}: NotificationType = NotificationType {{");
        let _ = writeln!(out, "id: {},", literal(&notification.id));
        let _ = writeln!(out, "events: {},", literals(&notification.events));
        let _ = writeln!(out, "original_types: {},", literals(&notification.original_types));
        let _ = writeln!(out, "has: {},", literals(&notification.has));
        let _ = writeln!(out, "resource: &{},", self.names.ty(self.spec, notification.resource, self.module));
        let _ = writeln!(out, "doc: {},\n}};\n", literal(notification.doc.as_deref().unwrap_or_default()));
    }

    fn type_def(&self, out: &mut String, id: TypeId) {
        let definition = self.spec.type_def(id);
        let name = self.names.ty(self.spec, id, self.module);
        match &definition.shape {
            Shape::Object(fields) => {
                let _ = writeln!(
                    out,
                    "pub(crate) static {name}: Model = Model {{ name: {}, fields: {} }};\n",
                    literal(&definition.name),
                    self.fields(fields)
                );
            }
            Shape::OpenEnum(values) => {
                let values: Vec<&str> = values.iter().map(|value| value.value.as_str()).collect();
                let _ =
                    writeln!(out, "pub(crate) const {name}: Kind = Kind::OpenEnum({});\n", literals(&values));
            }
        }
    }

    fn fields<'a>(&self, fields: impl IntoIterator<Item = &'a Field>) -> String {
        let fields: Vec<String> = fields.into_iter().map(|field| self.field(field)).collect();
        format!("&[{}]", fields.join(", "))
    }

    fn field(&self, field: &Field) -> String {
        let constructor = if field.required { "required" } else { "optional" };
        let mut out = format!("Field::{constructor}({}, {})", literal(&field.name), self.kind(&field.ty));
        if let Some(max) = field.max {
            let _ = write!(out, ".max({max})");
        }
        if !field.rules.is_empty() {
            let rules: Vec<String> = field.rules.iter().map(rule).collect();
            let _ = write!(out, ".rules(&[{}])", rules.join(", "));
        }
        if field.encrypt {
            out.push_str(".encrypted()");
        }
        match field.fill {
            Some(Fill::Mchid) => out.push_str(".filled(Fill::Mchid)"),
            None => {}
        }
        out
    }

    fn kind(&self, ty: &Type) -> String {
        match ty {
            Type::String => "Kind::String".to_owned(),
            Type::Int => "Kind::Int".to_owned(),
            Type::Bool => "Kind::Bool".to_owned(),
            Type::Number => "Kind::Number".to_owned(),
            Type::Timestamp => "Kind::Timestamp".to_owned(),
            Type::Json => "Kind::Json".to_owned(),
            Type::List(inner) => format!("Kind::List(&{})", self.kind(inner)),
            Type::Map(inner) => format!("Kind::Map(&{})", self.kind(inner)),
            Type::Named(id) => {
                let name = self.names.ty(self.spec, *id, self.module);
                match self.spec.type_def(*id).shape {
                    Shape::OpenEnum(_) => name,
                    Shape::Object(_) => format!("Kind::Object(&{name})"),
                }
            }
        }
    }
}

/// A rule as an expression.
fn rule(rule: &Rule) -> String {
    match rule {
        Rule::Min(min) => format!("Rule::Min({min})"),
        Rule::Max(max) => format!("Rule::Max({max})"),
        Rule::MinBytes(min) => format!("Rule::MinBytes({min})"),
        Rule::MaxBytes(max) => format!("Rule::MaxBytes({max})"),
        Rule::Minimum(minimum) => format!("Rule::Minimum({minimum})"),
        Rule::Maximum(maximum) => format!("Rule::Maximum({maximum})"),
        Rule::NotifyUrl => "Rule::NotifyUrl".to_owned(),
        Rule::Suspected(suspected) => format!("Rule::Suspected(&{})", self::rule(suspected)),
        Rule::Characters(characters) => {
            let ranges: Vec<String> =
                characters.ranges.iter().map(|(from, to)| format!("({from:?}, {to:?})")).collect();
            format!(
                "Rule::Characters {{ words: {}, ranges: &[{}] }}",
                literal(&characters.words("")),
                ranges.join(", ")
            )
        }
    }
}

fn method_variant(method: &str) -> &'static str {
    match method {
        "POST" => "Post",
        "PUT" => "Put",
        "PATCH" => "Patch",
        "DELETE" => "Delete",
        _ => "Get",
    }
}
