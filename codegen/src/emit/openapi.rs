//! OpenAPI 3.1 for other people's tools: a document per file of the spec below `spec/generated/openapi`, which refer to each
//! other, and all of it in one document, which `cargo xtask dist` writes.

use serde_json::{Map, Value, json};

use crate::Files;
use crate::emit::json::pretty;
use crate::emit::lengths::{MAX_LINES, part_name, parts};
use crate::emit::text::page_url;
use crate::ir::{
    Field, Host, Module, Notification, Operation, Request, Response, Role, Rule, Shape, Spec, Standing, Type,
    TypeId, UploadForm,
};

const FOLDER: &str = "spec/generated/openapi";

/// Folders that hold nothing else.
pub const FOLDERS: &[&str] = &["spec/generated"];

/// What all documents share. No file of the spec can have this name.
const COMMON: &str = "_common";
const ENVELOPE: &str = "NotificationEnvelope";
const ERROR: &str = "Error";
const SCHEME: &str = "wechatpay2";

/// A document per file of the spec. Where one would be too long, some of its operations go into further ones.
pub fn emit(spec: &Spec) -> Files {
    let mut files = Files::new();
    for (index, module) in spec.modules.iter().enumerate() {
        let tags = &spec.modules[index..=index];
        let emitter = Emitter { spec, here: Some(module), is_further: false };
        let mut contents = Contents::of(tags, module.types.clone());
        let name = format!("{FOLDER}/{}", module.path.join("/"));
        let whole = pretty(&emitter.document(&module.title, &contents));
        if whole.lines().count() <= MAX_LINES {
            files.insert(format!("{name}.json"), whole);
            continue;
        }
        let paths = std::mem::take(&mut contents.paths);
        let taken = pretty(&emitter.document(&module.title, &contents)).lines().count();
        let lines = |one: &Vec<_>| {
            pretty(&json!({ "paths": emitter.paths(std::slice::from_ref(one)) })).lines().count()
        };
        for (index, paths) in parts(paths, taken, lines).into_iter().enumerate() {
            // The types and the notifications stay in the first.
            contents = if index == 0 {
                Contents { paths, ..contents }
            } else {
                Contents { tags, paths, ..Contents::default() }
            };
            let emitter = Emitter { is_further: index > 0, ..emitter };
            let document = emitter.document(&module.title, &contents);
            files.insert(format!("{}.json", part_name(&name, index)), pretty(&document));
        }
    }
    let common = Emitter { spec, here: None, is_further: false };
    files.insert(
        format!("{FOLDER}/{COMMON}.json"),
        pretty(&common.document("What all have in common", &Contents::default())),
    );
    files
}

/// Everything in one document.
pub fn bundle(spec: &Spec) -> String {
    let emitter = Emitter { spec, here: None, is_further: false };
    let types = (0..spec.types.len()).map(TypeId).collect();
    pretty(&emitter.document("WeChat Pay APIv3", &Contents::of(&spec.modules, types)))
}

/// What one document holds.
#[derive(Default)]
struct Contents<'a> {
    tags: &'a [Module],
    /// Operations by path, those of one path together.
    paths: Vec<Vec<(&'a Module, &'a Operation)>>,
    notifications: Vec<(&'a Module, &'a Notification)>,
    types: Vec<TypeId>,
}

impl<'a> Contents<'a> {
    fn of(modules: &'a [Module], types: Vec<TypeId>) -> Self {
        let mut operations: Vec<(&Module, &Operation)> =
            modules.iter().flat_map(|module| module.operations.iter().map(move |o| (module, o))).collect();
        operations.sort_by(|(_, a), (_, b)| a.path.cmp(&b.path));
        let notifications =
            modules.iter().flat_map(|module| module.notifications.iter().map(move |n| (module, n)));
        Self {
            tags: modules,
            paths: operations.chunk_by(|(_, a), (_, b)| a.path == b.path).map(<[_]>::to_vec).collect(),
            notifications: notifications.collect(),
            types,
        }
    }
}

#[derive(Clone, Copy)]
struct Emitter<'a> {
    spec: &'a Spec,
    /// The file that the document is of; none when it refers to no other document.
    here: Option<&'a Module>,
    /// Whether it is a further one of its file: the types are in the first.
    is_further: bool,
}

impl Emitter<'_> {
    fn paths(&self, paths: &[Vec<(&Module, &Operation)>]) -> Value {
        let mut all = Map::new();
        for (module, operation) in paths.iter().flatten() {
            let item = all.entry(operation.path.clone()).or_insert_with(|| json!({}));
            item[operation.method.to_lowercase()] = self.operation(module, operation);
        }
        Value::Object(all)
    }

    fn document(&self, title: &str, contents: &Contents<'_>) -> Value {
        let webhooks: Map<String, Value> = contents
            .notifications
            .iter()
            .map(|(module, notification)| (notification.id.clone(), self.webhook(module, notification)))
            .collect();
        let mut schemas = Map::new();
        if self.here.is_none() {
            schemas.insert(ERROR.to_owned(), error_schema());
            schemas.insert(ENVELOPE.to_owned(), envelope_schema());
        }
        for id in contents.types.iter().copied().filter(|id| self.is_referenced(*id)) {
            schemas.insert(self.component(id), self.type_schema(id));
        }
        let scheme = match self.here {
            Some(_) => json!({ "$ref": self.common(&format!("securitySchemes/{SCHEME}")) }),
            None => json!({
                "type": "apiKey",
                "in": "header",
                "name": "Authorization",
                "description": "WECHATPAY2-SHA256-RSA2048 mchid=\"…\",nonce_str=\"…\",timestamp=\"…\",serial_no=\"…\",signature=\"…\"",
            }),
        };
        json!({
            "openapi": "3.1.0",
            "x-generated": "@generated by `cargo xtask codegen` from spec/**/*.yaml. Do not edit.",
            "info": {
                "title": title,
                "version": "3",
                "description": "The WeChat Pay API for merchants as this project knows it. Requests are signed \
                    (WECHATPAY2-SHA256-RSA2048), answers and notifications must be verified; amounts are integers in fen.",
            },
            "servers": [
                { "url": "https://api.mch.weixin.qq.com", "description": "Main domain" },
                { "url": "https://api2.mch.weixin.qq.com", "description": "Second domain, for failover" },
            ],
            "security": [{ SCHEME: [] }],
            "tags": contents.tags.iter().map(tag).collect::<Vec<_>>(),
            "paths": self.paths(&contents.paths),
            "webhooks": webhooks,
            "components": { "securitySchemes": { SCHEME: scheme }, "schemas": schemas },
        })
    }

    fn operation(&self, module: &Module, operation: &Operation) -> Value {
        let mut out = Map::new();
        out.insert("operationId".to_owned(), json!(operation.id));
        out.insert("tags".to_owned(), json!([module.id()]));
        out.insert("summary".to_owned(), json!(operation.title));
        let description: Vec<&str> =
            [&operation.title_zh, &operation.description].into_iter().flatten().map(String::as_str).collect();
        if !description.is_empty() {
            out.insert("description".to_owned(), json!(description.join("\n\n")));
        }
        if let Some(page) = &operation.doc {
            out.insert("externalDocs".to_owned(), json!({ "url": page_url(page) }));
        }
        if operation.standing == Standing::Retired {
            out.insert("deprecated".to_owned(), json!(true));
        }
        let mut parameters = Vec::new();
        let mut body = None;
        match &operation.request {
            Request::None => {}
            Request::Fields(placed) => {
                let fields = self.spec.fields(placed.type_id);
                let example = operation.example_request.as_ref();
                for (place, indexes) in
                    [("path", &placed.path), ("header", &placed.headers), ("query", &placed.query)]
                {
                    for field in indexes.iter().map(|index| &fields[*index]) {
                        parameters.push(self.parameter(place, field, example));
                    }
                }
                if !placed.body.is_empty() || (fields.is_empty() && operation.method != "GET") {
                    body = Some(self.json_body(placed.type_id, &placed.body, example));
                }
            }
            Request::Upload { max_bytes, extensions, form } => {
                if let Some(placed) = &form.fields {
                    let fields = self.spec.fields(placed.type_id);
                    let example = operation.example_request.as_ref();
                    let path = placed.path.iter().map(|index| &fields[*index]);
                    parameters.extend(path.map(|field| self.parameter("path", field, example)));
                }
                body = Some(self.upload_body(*max_bytes, extensions, form));
            }
        }
        if !parameters.is_empty() {
            out.insert("parameters".to_owned(), json!(parameters));
        }
        if let Some(body) = body {
            out.insert("requestBody".to_owned(), body);
        }
        out.insert("responses".to_owned(), self.responses(operation));
        let role = match operation.role {
            Role::Merchant => "merchant",
            Role::Partner => "partner",
            Role::Both => "both",
            Role::Acquirer => "acquirer",
        };
        let standing = match operation.standing {
            Standing::Documented => "documented",
            Standing::Retired => "retired",
            Standing::Community => "community",
        };
        if operation.host == Host::Hk {
            out.insert("servers".to_owned(), json!([{ "url": "https://apihk.mch.weixin.qq.com" }]));
        }
        if let Some(limit) = operation.rate_limit {
            out.insert("x-rate-limit".to_owned(), json!(limit.sentence()));
        }
        out.insert("x-role".to_owned(), json!(role));
        out.insert("x-standing".to_owned(), json!(standing));
        out.insert("x-idempotent".to_owned(), json!(operation.idempotent));
        if let Some(confirm) = &operation.confirm {
            out.insert("x-confirm".to_owned(), json!(confirm));
        }
        if !operation.errors.is_empty() {
            out.insert("x-errors".to_owned(), json!(operation.errors));
        }
        Value::Object(out)
    }

    fn parameter(&self, place: &str, field: &Field, example: Option<&Value>) -> Value {
        let name = if place == "header" { header_name(&field.name) } else { field.name.clone() };
        let mut out = json!({ "name": name, "in": place, "required": place == "path" || field.required });
        let mut schema = self.field_schema(field);
        if let Some(description) =
            schema.as_object_mut().and_then(|schema| schema.shift_remove("description"))
        {
            out["description"] = description;
        }
        // An object stands in the query as JSON text.
        let object =
            matches!(&field.ty, Type::Named(id) if matches!(self.spec.type_def(*id).shape, Shape::Object(_)));
        let example = example.and_then(|example| example.get(&field.name));
        let holder = if object {
            out["content"] = json!({ "application/json": {} });
            &mut out["content"]["application/json"]
        } else {
            &mut out
        };
        holder["schema"] = schema;
        if let Some(example) = example {
            holder["example"] = example.clone();
        }
        out
    }

    fn upload_body(&self, max_bytes: u64, extensions: &[String], form: &UploadForm) -> Value {
        let placed = form.fields.iter().flat_map(|placed| {
            let fields = self.spec.fields(placed.type_id);
            placed.body.iter().map(|index| &fields[*index])
        });
        let mut meta = self.object_schema(placed);
        let mut required: Vec<Value> = meta["required"].as_array().cloned().unwrap_or_default();
        let digest = form.digest.name();
        let of_file = [
            (form.name_member.as_ref(), json!({ "type": "string" })),
            (
                Some(&form.digest_member),
                json!({ "type": "string", "description": format!("{} of the file, hexadecimal.", digest.replace("SHA", "SHA-")) }),
            ),
            (form.algorithm_member.as_ref(), json!({ "const": digest })),
        ];
        for (name, schema) in of_file {
            let Some(name) = name else { continue };
            meta["properties"][name.as_str()] = schema;
            required.push(json!(name));
        }
        json!({
            "required": true,
            "description": format!("At most {max_bytes} bytes; file name extensions: {}. The signature covers the `meta` part only.", extensions.join(", ")),
            "content": { "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["meta", "file"],
                    "properties": {
                        "meta": {
                            "type": "object",
                            "required": required,
                            "properties": meta["properties"],
                        },
                        "file": { "contentMediaType": "application/octet-stream" },
                    },
                },
                "encoding": { "meta": { "contentType": "application/json" } },
            } },
        })
    }

    fn json_body(&self, type_id: TypeId, indexes: &[usize], example: Option<&Value>) -> Value {
        let fields = self.spec.fields(type_id);
        let schema = if indexes.len() == fields.len() {
            self.reference(type_id)
        } else {
            self.object_schema(indexes.iter().map(|index| &fields[*index]))
        };
        let mut content = json!({ "schema": schema });
        if let Some(Value::Object(example)) = example {
            let in_body = |name: &str| indexes.iter().any(|index| fields[*index].name == name);
            let example: Map<String, Value> = example
                .iter()
                .filter(|(name, _)| in_body(name))
                .map(|(name, v)| (name.clone(), v.clone()))
                .collect();
            content["example"] = Value::Object(example);
        }
        json!({ "required": true, "content": { "application/json": content } })
    }

    fn responses(&self, operation: &Operation) -> Value {
        let mut out = match operation.response {
            Response::None => json!({ "204": { "description": "Done." } }),
            Response::Json => {
                let mut content = json!({ "schema": {} });
                if let Some(example) = &operation.example_response {
                    content["example"] = example.clone();
                }
                json!({ "200": { "description": "Done; nobody documented with what.", "content": { "application/json": content } } })
            }
            Response::File => json!({ "200": {
                "description": match operation.signed_digest {
                    true => "The file. The signature covers its SHA-1, in Wechatpay-Statement-Sha1.",
                    false => "The file. WeChat Pay does not sign it.",
                },
                "content": { "application/octet-stream": {} },
            } }),
            Response::Type(id) => {
                let mut content = json!({ "schema": self.reference(id) });
                if let Some(example) = &operation.example_response {
                    content["example"] = example.clone();
                }
                json!({ "200": { "description": "Done.", "content": { "application/json": content } } })
            }
        };
        out["default"] = json!({
            "description": "An error. Usually unsigned.",
            "content": { "application/json": { "schema": { "$ref": self.common(&format!("schemas/{ERROR}")) } } },
        });
        out
    }

    fn webhook(&self, module: &Module, notification: &Notification) -> Value {
        let mut schema = json!({
            "$ref": self.common(&format!("schemas/{ENVELOPE}")),
            "properties": { "event_type": { "enum": notification.events } },
        });
        if !notification.original_types.is_empty() {
            schema["properties"]["resource"] =
                json!({ "properties": { "original_type": { "enum": notification.original_types } } });
        }
        let mut post = json!({
            "operationId": format!("notification.{}", notification.id),
            "tags": [module.id()],
            "summary": notification.title,
            "security": [],
            "requestBody": { "required": true, "content": { "application/json": { "schema": schema } } },
            "responses": {
                "204": { "description": "Taken. Answer within five seconds and do the work afterwards." },
            },
            "x-resource": self.reference(notification.resource),
        });
        if let Some(id) = notification.answer {
            post["responses"] = json!({ "200": {
                "description": "The answer, signed: Authorization in the answer's headers.",
                "content": { "application/json": { "schema": self.reference(id) } },
            } });
        }
        if !notification.has.is_empty() {
            post["x-resource-has"] = json!(notification.has);
        }
        let description: Vec<&str> = [&notification.title_zh, &notification.description]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        if !description.is_empty() {
            post["description"] = json!(description.join("\n\n"));
        }
        if let Some(retry) = &notification.retry {
            // Seconds, or `NxM`: M times N seconds.
            post["x-retry"] = retry
                .waits
                .iter()
                .map(|wait| if wait.times == 1 { json!(wait.seconds) } else { json!(wait.to_string()) })
                .collect();
        }
        if let Some(page) = &notification.doc {
            post["externalDocs"] = json!({ "url": page_url(page) });
        }
        if let Some(example) = &notification.example {
            post["x-resource-example"] = example.clone();
        }
        json!({ "post": post })
    }

    fn type_schema(&self, id: TypeId) -> Value {
        match &self.spec.type_def(id).shape {
            Shape::Object(fields) => self.object_schema(fields),
            Shape::OpenEnum(values) => {
                let known: Vec<Value> = values
                    .iter()
                    .map(|value| match &value.doc {
                        Some(doc) => json!({ "const": value.value, "description": doc }),
                        None => json!({ "const": value.value }),
                    })
                    .collect();
                // Known values for people and completion; anything else is allowed.
                json!({ "type": "string", "anyOf": [{ "oneOf": known }, {}] })
            }
        }
    }

    /// A request type whose fields stand in the path or the query is taken apart and has no component.
    fn is_referenced(&self, id: TypeId) -> bool {
        let uses = self.spec.uses(id);
        uses.is_referenced() || uses.whole_bodies > 0
    }

    fn component(&self, id: TypeId) -> String {
        format!("{}.{}", self.spec.module_of(id).id(), self.spec.type_def(id).name)
    }

    fn reference(&self, id: TypeId) -> Value {
        let there = self.spec.module_of(id);
        let document = match self.here {
            Some(here) if self.is_further || here.path != there.path => {
                up(here) + &there.path.join("/") + ".json"
            }
            _ => String::new(),
        };
        json!({ "$ref": format!("{document}#/components/schemas/{}", self.component(id)) })
    }

    /// A component that all documents share.
    fn common(&self, component: &str) -> String {
        let document = self.here.map(|here| format!("{}{COMMON}.json", up(here))).unwrap_or_default();
        format!("{document}#/components/{component}")
    }

    fn object_schema<'f>(&self, fields: impl IntoIterator<Item = &'f Field>) -> Value {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for field in fields {
            properties.insert(field.name.clone(), self.field_schema(field));
            if field.required {
                required.push(field.name.clone());
            }
        }
        let mut schema = json!({ "type": "object", "properties": properties });
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        schema
    }

    fn field_schema(&self, field: &Field) -> Value {
        let mut schema = self.schema(&field.ty);
        if let Some(max) = field.max {
            let key = if matches!(field.ty, Type::List(_)) { "maxItems" } else { "maxLength" };
            // What is encrypted is longer on the wire than the plain text that the limit is about.
            let key = if field.encrypt { "x-plain-max-length" } else { key };
            schema[key] = json!(max);
        }
        for rule in &field.rules {
            rule_schema(&mut schema, rule, matches!(field.ty, Type::List(_)), field.encrypt);
        }
        if let Some(doc) = &field.description() {
            schema["description"] = json!(doc);
        }
        if field.encrypt {
            schema["x-encrypt"] = json!("RSA-OAEP (SHA-1), base64");
        }
        schema
    }

    fn schema(&self, ty: &Type) -> Value {
        match ty {
            Type::String => json!({ "type": "string" }),
            Type::Int => json!({ "type": "integer", "format": "int64" }),
            Type::Bool => json!({ "type": "boolean" }),
            Type::Number => json!({ "type": "number" }),
            Type::Timestamp => json!({ "type": "string", "format": "date-time" }),
            Type::Json => json!({}),
            Type::List(inner) => json!({ "type": "array", "items": self.schema(inner) }),
            Type::Map(inner) => json!({ "type": "object", "additionalProperties": self.schema(inner) }),
            Type::Named(id) => self.reference(*id),
        }
    }
}

/// The way from a document to the folder of all.
fn up(module: &Module) -> String {
    "../".repeat(module.path.len() - 1)
}

/// What a rule says in a schema. JSON Schema counts lengths in characters, so bytes are a member of our own, as is what
/// is only suspected.
fn rule_schema(schema: &mut Value, rule: &Rule, list: bool, encrypted: bool) {
    let mut set = |key: &str, value: Value| {
        // What is encrypted is not on the wire as the rule means it.
        let key = if encrypted { format!("x-plain-{key}") } else { key.to_owned() };
        schema[key] = value;
    };
    match rule {
        Rule::Min(min) => set(if list { "minItems" } else { "minLength" }, json!(min)),
        Rule::Max(max) => set(if list { "maxItems" } else { "maxLength" }, json!(max)),
        Rule::MinBytes(min) => set("x-min-bytes", json!(min)),
        Rule::MaxBytes(max) => set("x-max-bytes", json!(max)),
        Rule::Characters(characters) => set("pattern", json!(characters.regex())),
        Rule::Minimum(minimum) => set("minimum", json!(minimum)),
        Rule::Maximum(maximum) => set("maximum", json!(maximum)),
        Rule::NotifyUrl => {
            set("format", json!("uri"));
            set("pattern", json!(r"^https?://[^\s/?#\[\]@:][^\s?#\[\]]*$"));
        }
        Rule::Suspected(rule) => {
            if !schema["x-suspected"].is_object() {
                schema["x-suspected"] = json!({});
            }
            rule_schema(&mut schema["x-suspected"], rule, list, encrypted);
        }
    }
}

fn tag(module: &Module) -> Value {
    let description: Vec<&str> =
        [Some(module.title.as_str()), module.title_zh.as_deref(), module.description.as_deref()]
            .into_iter()
            .flatten()
            .collect();
    json!({ "name": module.id(), "description": description.join("\n\n") })
}

fn error_schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "code": { "type": "string", "description": "An open set: new codes appear without notice." },
            "message": { "type": "string" },
            "detail": {
                "type": "object",
                "properties": {
                    "field": { "type": "string" },
                    "value": {},
                    "issue": { "type": "string" },
                    "location": { "type": "string" },
                },
            },
        },
    })
}

fn envelope_schema() -> Value {
    json!({
        "type": "object",
        "description": "What WeChat Pay posts to notify_url. Verify the signature before decrypting the resource.",
        "required": ["id", "event_type", "resource"],
        "properties": {
            "id": { "type": "string", "maxLength": 36 },
            "create_time": { "type": "string", "format": "date-time" },
            "event_type": { "type": "string" },
            "resource_type": { "type": "string" },
            "summary": { "type": "string", "maxLength": 64 },
            "resource": {
                "type": "object",
                "required": ["algorithm", "ciphertext", "nonce"],
                "properties": {
                    "algorithm": { "type": "string", "description": "AEAD_AES_256_GCM" },
                    "ciphertext": { "type": "string" },
                    "associated_data": { "type": "string" },
                    "original_type": { "type": "string" },
                    "nonce": { "type": "string" },
                },
            },
        },
    })
}

/// `Idempotency-Key` of `idempotency_key`, as the kernel writes it.
fn header_name(field: &str) -> String {
    let word = |word: &str| word[..1].to_uppercase() + &word[1..];
    field.split('_').filter(|part| !part.is_empty()).map(word).collect::<Vec<_>>().join("-")
}
