//! The table of one file of the spec.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;

use super::records::{Record, Runs, Texts, print_member};
use super::{Names, Numbers, kept, module_ident};
use crate::emit::text::{header, literal, used};
use crate::ir::{
    Choice, Digest, Field, Fill, Host, Notification, Operation, Request, Response, Rule, Shape, Spec,
    Standing, Type, TypeId, Wait,
};

/// The records of a file. What they mean is written in `core/src/table.rs`.
#[derive(Default)]
pub(super) struct Table {
    texts: Texts,
    /// With their ids.
    operations: Vec<(String, Record)>,
    notifications: Vec<(String, Record)>,
    uploads: Vec<Record>,
    models: Vec<Record>,
    fields: Runs,
    items: Vec<Record>,
    enums: Vec<Record>,
    values: Runs,
    rules: Runs,
    choices: Runs,
    waits: Runs,
    other_models: Others,
    other_enums: Others,
}

/// Types of other files, in the order in which they are first named.
#[derive(Default)]
struct Others {
    ids: Vec<TypeId>,
    numbers: HashMap<TypeId, usize>,
}

impl Others {
    fn number(&mut self, id: TypeId) -> usize {
        *self.numbers.entry(id).or_insert_with(|| {
            self.ids.push(id);
            self.ids.len() - 1
        })
    }
}

/// Lists of a table; those without elements are left out.
const MEMBERS: &[&str] = &[
    "operations",
    "notifications",
    "uploads",
    "models",
    "other_models",
    "fields",
    "items",
    "enums",
    "other_enums",
    "values",
    "rules",
    "choices",
    "waits",
];

impl Table {
    /// The types of other files that this one names.
    pub(super) fn types_of_others(&self) -> impl Iterator<Item = TypeId> + '_ {
        self.other_models.ids.iter().chain(&self.other_enums.ids).copied()
    }
}

/// Makes the table of a module.
pub(super) fn table(spec: &Spec, numbers: &Numbers, index: usize) -> Table {
    let module = &spec.modules[index];
    let mut emitter = Emitter { spec, numbers, module: index, table: Table::default() };
    for operation in &module.operations {
        emitter.operation(operation);
    }
    for notification in &module.notifications {
        emitter.notification(notification);
    }
    for id in kept(spec, module) {
        emitter.type_def(id);
    }
    let table = emitter.table;
    // Numbers in the table have 16 bits. Each of these is ten times what the largest file has today.
    for (what, count) in [
        ("bytes of text", table.texts.length()),
        ("fields", table.fields.len()),
        ("values", table.values.len()),
    ] {
        assert!(count <= usize::from(u16::MAX), "{} has {count} {what}: split the file", module.file);
    }
    table
}

/// The file of a module. `shared` are the types that some other file names.
pub(super) fn file(
    spec: &Spec,
    names: &Names,
    numbers: &Numbers,
    index: usize,
    table: &Table,
    shared: &BTreeSet<TypeId>,
) -> String {
    let module = &spec.modules[index];
    let mut body = String::new();
    let constant =
        |name: &str, number| format!("pub(crate) const {name}: Place = Place::new(&TABLE, {number});\n");
    for (number, operation) in module.operations.iter().enumerate() {
        body.push_str(&constant(names.operation(&operation.id), number));
    }
    for id in kept(spec, module).filter(|id| shared.contains(id)) {
        body.push_str(&constant(names.ty(id), numbers.of(id)));
    }
    let _ = write!(
        body,
        "\n#[rustfmt::skip]\npub(crate) static TABLE: Table = Table {{\n    module: {},\n    text: concat!(\n",
        literal(&module.id())
    );
    table.texts.print(&mut body);
    body.push_str("    ),\n");
    let plain = |out: &mut String, member: &str, records: &[Record]| {
        print_member(out, member, records.iter().map(|record| (None, record)));
    };
    for (member, records) in [("operations", &table.operations), ("notifications", &table.notifications)] {
        print_member(&mut body, member, records.iter().map(|(id, record)| (Some(id.as_str()), record)));
    }
    plain(&mut body, "uploads", &table.uploads);
    plain(&mut body, "models", &table.models);
    let others = |ids: &[TypeId]| -> Vec<Record> {
        let code = |id: &TypeId| format!("super::{}::{}", module_ident(spec.module_of(*id)), names.ty(*id));
        ids.iter().map(|id| Record { code: code(id), name: String::new() }).collect()
    };
    plain(&mut body, "other_models", &others(&table.other_models.ids));
    table.fields.print(&mut body, "fields");
    plain(&mut body, "items", &table.items);
    plain(&mut body, "enums", &table.enums);
    plain(&mut body, "other_enums", &others(&table.other_enums.ids));
    table.values.print(&mut body, "values");
    table.rules.print(&mut body, "rules");
    table.choices.print(&mut body, "choices");
    table.waits.print(&mut body, "waits");
    // Where nothing is left out there is nothing to take from elsewhere.
    let whole = MEMBERS.iter().all(|member| body.contains(&format!("\n    {member}: ")));
    body.push_str(if whole { "};\n" } else { "    ..Table::EMPTY\n};\n" });

    let mut out = header(&module.file);
    let _ = writeln!(out, "//! {}\n", module.title);
    if !used(&body, &["Method"]).is_empty() {
        out.push_str("use crate::http::Method;\n");
    }
    let items = [
        "ChoiceRecord",
        "Digest",
        "FieldRecord",
        "Fill",
        "Host",
        "ModelRecord",
        "NotificationRecord",
        "OperationRecord",
        "Place",
        "RuleRecord",
        "Run",
        "Standing",
        "Table",
        "Text",
        "Type",
        "UploadRecord",
        "WaitRecord",
    ];
    let _ = writeln!(out, "use crate::table::{{{}}};\n", used(&body, &items).join(", "));
    out + &body
}

struct Emitter<'a> {
    spec: &'a Spec,
    numbers: &'a Numbers,
    module: usize,
    table: Table,
}

/// A call of a method, and the name that its argument stands for.
type Call = (String, String);

/// A record as a chain of calls, one a line.
fn chain(mut code: String, mut name: String, calls: Vec<Call>) -> Record {
    for (call, of_call) in calls {
        if !name.is_empty() {
            let _ = write!(code, " // {name}");
        }
        let _ = write!(code, "\n            .{call}");
        name = of_call;
    }
    Record { code, name }
}

impl Emitter<'_> {
    fn text(&mut self, text: &str) -> String {
        self.table.texts.place(text)
    }

    fn operation(&mut self, operation: &Operation) {
        let spec = self.spec;
        let code = format!(
            "OperationRecord::new(Method::{}, {}, {})",
            method_variant(&operation.method),
            self.text(&operation.path),
            self.text(&operation.id)
        );
        let mut calls: Vec<Call> = Vec::new();
        match &operation.request {
            Request::None => {}
            Request::Upload { max_bytes, extensions, form } => {
                let extensions = self.values(&operation.id, extensions);
                let mut record = format!("UploadRecord::new({max_bytes}, {extensions})");
                if let Some(placed) = &form.fields {
                    let fields = spec.fields(placed.type_id);
                    if !placed.path.is_empty() {
                        let picked = placed.path.iter().map(|index| &fields[*index]);
                        let run = self.fields(&format!("{}: path_params", operation.id), picked);
                        calls.push((format!("path_params({run})"), String::new()));
                    }
                    if !placed.body.is_empty() {
                        let picked = placed.body.iter().map(|index| &fields[*index]);
                        let run = self.fields(&format!("{}: meta", operation.id), picked);
                        let _ = write!(record, ".fields({run})");
                    }
                }
                match form.name_member.as_deref() {
                    None => record.push_str(".without_name()"),
                    Some("filename") => {}
                    Some(member) => {
                        let _ = write!(record, ".name_in({})", self.text(member));
                    }
                }
                let usual = match form.digest {
                    Digest::Sha256 => "sha256",
                    Digest::Sm3 => {
                        record.push_str(".digest(Digest::Sm3)");
                        "sm3"
                    }
                };
                if form.digest_member != usual {
                    let _ = write!(record, ".digest_in({})", self.text(&form.digest_member));
                }
                if let Some(member) = &form.algorithm_member {
                    let _ = write!(record, ".algorithm_in({})", self.text(member));
                }
                calls.push((format!("upload({})", self.table.uploads.len()), String::new()));
                self.table.uploads.push(Record { code: record, name: operation.id.clone() });
            }
            Request::Fields(placed) => {
                let fields = spec.fields(placed.type_id);
                for (call, indexes) in
                    [("path_params", &placed.path), ("headers", &placed.headers), ("query", &placed.query)]
                {
                    if !indexes.is_empty() {
                        let picked: Vec<&Field> = indexes.iter().map(|index| &fields[*index]).collect();
                        let names: Vec<&str> = picked.iter().map(|field| field.name.as_str()).collect();
                        let names = names.join(", ");
                        let run = self.fields(&format!("{}: {call}", operation.id), picked);
                        calls.push((format!("{call}({run})"), names));
                    }
                }
                // A POST whose fields all stand in the path or query has no body; one with a request type of no
                // fields at all sends `{}`.
                let bodyless = matches!(operation.method.as_str(), "GET" | "DELETE")
                    || (placed.body.is_empty() && !fields.is_empty());
                if !(placed.body.is_empty() && bodyless) {
                    let picked = placed.body.iter().map(|index| &fields[*index]);
                    let run = self.fields(&format!("{}: body", operation.id), picked);
                    calls.push((format!("json({run})"), String::new()));
                }
            }
        }
        match operation.response {
            Response::None => {}
            Response::Json => calls.push(("answers_json()".to_owned(), String::new())),
            Response::File if operation.signed_digest => {
                calls.push(("answers_signed_file()".to_owned(), String::new()));
            }
            Response::File => calls.push(("answers_file()".to_owned(), String::new())),
            Response::Type(id) => {
                let name = spec.type_def(id).name.clone();
                calls.push((format!("answers({})", self.ty(id)), name));
            }
        }
        if let Some(id) = operation.request_type() {
            let choices = &spec.type_def(id).choices;
            if !choices.is_empty() {
                let run = self.choices(&operation.id, choices);
                calls.push((format!("choices({run})"), String::new()));
            }
        }
        if operation.host == Host::Hk {
            calls.push(("host(Host::Hk)".to_owned(), String::new()));
        }
        if operation.idempotent {
            calls.push(("idempotent()".to_owned(), String::new()));
        }
        if let Some(id) = &operation.confirm {
            calls.push((format!("confirm({})", self.text(id)), id.clone()));
        }
        match operation.standing {
            Standing::Documented => {}
            Standing::Retired => calls.push(("standing(Standing::Retired)".to_owned(), String::new())),
            Standing::Community => calls.push(("standing(Standing::Community)".to_owned(), String::new())),
        }
        if let Some(page) = &operation.doc {
            calls.push((format!("doc({})", self.text(page)), page.clone()));
        }
        self.table.operations.push((operation.id.clone(), chain(code, operation.path.clone(), calls)));
    }

    fn notification(&mut self, notification: &Notification) {
        let id = self.text(&notification.id);
        let events = self.values(&format!("{}: events", notification.id), &notification.events);
        let resource = self.spec.type_def(notification.resource).name.clone();
        let code = format!("NotificationRecord::new({id}, {events}, {})", self.ty(notification.resource));
        let mut calls: Vec<Call> = Vec::new();
        for (call, texts) in [("original_types", &notification.original_types), ("has", &notification.has)] {
            if !texts.is_empty() {
                let run = self.values(&format!("{}: {call}", notification.id), texts);
                calls.push((format!("{call}({run})"), texts.join(", ")));
            }
        }
        if let Some(retry) = &notification.retry {
            let record = |wait: &Wait| Record {
                code: format!("WaitRecord({}, {})", wait.seconds, wait.times),
                name: String::new(),
            };
            let records = retry.waits.iter().map(record).collect();
            let run = self.table.waits.run(&format!("{}: retry", notification.id), records);
            calls.push((format!("retry({run})"), String::new()));
        }
        if let Some(answer) = notification.answer {
            calls.push((format!("answer({})", self.ty(answer)), self.spec.type_def(answer).name.clone()));
        }
        if let Some(page) = &notification.doc {
            calls.push((format!("doc({})", self.text(page)), page.clone()));
        }
        self.table.notifications.push((notification.id.clone(), chain(code, resource, calls)));
    }

    fn type_def(&mut self, id: TypeId) {
        let spec = self.spec;
        let definition = spec.type_def(id);
        let name = definition.name.clone();
        match &definition.shape {
            Shape::Object(fields) => {
                let fields = self.fields(&name, fields);
                let mut code = format!("ModelRecord::new({}, {fields})", self.text(&name));
                if !definition.choices.is_empty() {
                    let run = self.choices(&name, &definition.choices);
                    let _ = write!(code, ".choices({run})");
                }
                self.table.models.push(Record { code, name });
            }
            Shape::OpenEnum(values) => {
                let values: Vec<&str> = values.iter().map(|value| value.value.as_str()).collect();
                let code = self.values(&name, &values);
                self.table.enums.push(Record { code, name });
            }
        }
    }

    fn fields<'f>(&mut self, heading: &str, fields: impl IntoIterator<Item = &'f Field>) -> String {
        let records = fields.into_iter().map(|field| self.field(field)).collect();
        self.table.fields.run(heading, records)
    }

    fn values<T: AsRef<str>>(&mut self, heading: &str, values: &[T]) -> String {
        let record = |value: &T| Record { code: self.text(value.as_ref()), name: value.as_ref().to_owned() };
        let records = values.iter().map(record).collect();
        self.table.values.run(heading, records)
    }

    fn choices(&mut self, heading: &str, choices: &[Choice]) -> String {
        let record = |choice: &Choice| {
            let alternatives: Vec<String> = choice.alternatives.iter().map(|names| names.join(" ")).collect();
            let kind = if choice.exactly_one { "ExactlyOne" } else { "AtLeastOne" };
            let run = self.values(&format!("{heading}: choice"), &alternatives);
            Record { code: format!("ChoiceRecord::{kind}({run})"), name: alternatives.join(" | ") }
        };
        let records = choices.iter().map(record).collect();
        self.table.choices.run(heading, records)
    }

    fn field(&mut self, field: &Field) -> Record {
        let constructor = if field.required { "required" } else { "optional" };
        let (name, ty) = (self.text(&field.name), self.kind(&field.ty));
        let mut code = format!("FieldRecord::{constructor}({name}, {ty})");
        if let Some(max) = field.max {
            let _ = write!(code, ".max({max})");
        }
        if !field.rules.is_empty() {
            let records = field.rules.iter().map(|rule| self.rule(rule)).collect();
            let (first, count) = self.table.rules.take("", records);
            let _ = write!(code, ".rules({first}, {count})");
        }
        if field.encrypt {
            code.push_str(".encrypted()");
        }
        match field.fill {
            Some(Fill::Mchid) => code.push_str(".filled(Fill::Mchid)"),
            Some(Fill::SubMchid) => code.push_str(".filled(Fill::SubMchid)"),
            None => {}
        }
        Record { code, name: format!("{}{}", field.name, self.type_comment(&field.ty)) }
    }

    /// Names the type of a field when it is one of the spec.
    fn type_comment(&self, ty: &Type) -> String {
        ty.named().map_or_else(String::new, |id| format!(": {}", self.spec.type_def(id).name))
    }

    fn kind(&mut self, ty: &Type) -> String {
        match ty {
            Type::String => "Type::String".to_owned(),
            Type::Int => "Type::Int".to_owned(),
            Type::Bool => "Type::Bool".to_owned(),
            Type::Number => "Type::Number".to_owned(),
            Type::Timestamp => "Type::Timestamp".to_owned(),
            Type::Json => "Type::Json".to_owned(),
            Type::List(inner) => format!("Type::List({})", self.item(inner)),
            Type::Map(inner) => format!("Type::Map({})", self.item(inner)),
            Type::Named(id) => match self.spec.type_def(*id).shape {
                Shape::OpenEnum(_) => format!("Type::OpenEnum({})", self.ty(*id)),
                Shape::Object(_) => format!("Type::Object({})", self.ty(*id)),
            },
        }
    }

    fn item(&mut self, ty: &Type) -> usize {
        let record = Record { code: self.kind(ty), name: self.type_comment(ty).replace(": ", "") };
        self.table.items.iter().position(|item| *item == record).unwrap_or_else(|| {
            self.table.items.push(record);
            self.table.items.len() - 1
        })
    }

    /// Number of a model or open enum, as this file counts them: those of other files come after its own.
    fn ty(&mut self, id: TypeId) -> usize {
        let definition = self.spec.type_def(id);
        if definition.module == self.module {
            return self.numbers.of(id);
        }
        let (models, enums) = self.numbers.counts[self.module];
        match definition.shape {
            Shape::Object(_) => models + self.table.other_models.number(id),
            Shape::OpenEnum(_) => enums + self.table.other_enums.number(id),
        }
    }

    fn rule(&mut self, rule: &Rule) -> Record {
        let (code, name) = match rule {
            Rule::Min(min) => (format!("Min({min})"), String::new()),
            Rule::Max(max) => (format!("Max({max})"), String::new()),
            Rule::MinBytes(min) => (format!("MinBytes({min})"), String::new()),
            Rule::MaxBytes(max) => (format!("MaxBytes({max})"), String::new()),
            Rule::Minimum(minimum) => (format!("Minimum({minimum})"), String::new()),
            Rule::Maximum(maximum) => (format!("Maximum({maximum})"), String::new()),
            Rule::NotifyUrl => ("NotifyUrl".to_owned(), String::new()),
            Rule::Suspected(suspected) => {
                let inner = self.rule(suspected);
                let name = inner.code.replace("RuleRecord::", "");
                let (number, _) = self.table.rules.take("", vec![inner]);
                (format!("Suspected({number})"), name)
            }
            Rule::Characters(characters) => {
                let words = characters.words("");
                let pairs: String = characters.ranges.iter().flat_map(|(from, to)| [*from, *to]).collect();
                (format!("Characters({}, {})", self.text(&words), self.text(&pairs)), words)
            }
        };
        Record { code: format!("RuleRecord::{code}"), name }
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
