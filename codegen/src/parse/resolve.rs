//! Looks names up, decides where fields stand, and checks what concerns several files.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostics::{Diagnostics, Pos, did_you_mean};
use crate::ir::{
    Choice, EnumValue, Field, Module, Notification, Operation, Request, RequestFields, Response, Shape, Spec,
    Standing, Type, TypeDef, TypeId, UploadForm,
};
use crate::names::pascal_case;
use crate::parse::GLOSSARY;
use crate::parse::example::{self, Rules};
use crate::parse::file::{self, File};
use crate::parse::glossary::Glossary;
use crate::parse::reader::Spanned;
use crate::parse::{operation, types};

pub(super) fn resolve(files: &[File], glossary: Glossary, diagnostics: &mut Diagnostics) -> Spec {
    let mut resolver = Resolver { files, ids: BTreeMap::new(), places: Vec::new(), glossary, diagnostics };
    let mut spec = Spec::default();
    resolver.number_types();
    for (module, file) in files.iter().enumerate() {
        for definition in &file.types {
            spec.types.push(resolver.type_def(module, definition));
        }
    }
    for (module, file) in files.iter().enumerate() {
        let operations = file.operations.iter().map(|o| resolver.operation(&spec, module, o)).collect();
        let notifications =
            file.notifications.iter().filter_map(|n| resolver.notification(&spec, module, n)).collect();
        spec.modules.push(Module {
            path: file.path.clone(),
            file: file.name.clone(),
            title: file.title.clone(),
            title_zh: file.title_zh.clone(),
            description: file.description.clone(),
            operations,
            notifications,
            types: file.types.iter().map(|t| resolver.ids[&(module, t.name.value.as_str())]).collect(),
        });
    }
    spec.find_facts();
    resolver.check_descriptions(&spec);
    resolver.check_modules();
    resolver.check_types(&spec);
    resolver.check_operations(&spec);
    resolver.check_notifications();
    resolver.check_examples(&spec);
    spec
}

/// The id of a notification and the members that it demands.
type Demanding<'a> = (String, BTreeSet<&'a str>);

struct Resolver<'a> {
    files: &'a [File],
    /// By number of the file and name.
    ids: BTreeMap<(usize, &'a str), TypeId>,
    /// Where each type stands.
    places: Vec<(usize, Pos)>,
    glossary: Glossary,
    diagnostics: &'a mut Diagnostics,
}

impl<'a> Resolver<'a> {
    fn error(&mut self, module: usize, pos: Pos, message: impl Into<String>) {
        self.diagnostics.push(&self.files[module].name, pos, message);
    }

    fn number_types(&mut self) {
        for (module, file) in self.files.iter().enumerate() {
            for definition in &file.types {
                self.ids.insert((module, &definition.name.value), TypeId(self.places.len()));
                self.places.push((module, definition.name.pos));
            }
        }
    }

    /// The files where names used in this one are looked up: itself, then its parents.
    fn scopes(&self, module: usize) -> Vec<usize> {
        let path = &self.files[module].path;
        (1..=path.len())
            .rev()
            .filter_map(|length| self.files.iter().position(|file| file.path == path[..length]))
            .collect()
    }

    fn lookup(&mut self, module: usize, name: &Spanned<String>) -> Option<TypeId> {
        let scopes = self.scopes(module);
        let found = scopes.iter().find_map(|scope| self.ids.get(&(*scope, name.value.as_str())).copied());
        if found.is_none() {
            let known: Vec<&str> =
                self.ids.keys().filter(|(scope, _)| scopes.contains(scope)).map(|(_, name)| *name).collect();
            let hint = did_you_mean(&name.value, known);
            let files: Vec<&str> = scopes.iter().map(|scope| self.files[*scope].name.as_str()).collect();
            self.error(module, name.pos, format!("no type `{}` in {}{hint}", name.value, files.join(" or ")));
        }
        found
    }

    fn type_def(&mut self, module: usize, definition: &types::TypeDef) -> TypeDef {
        let choices = self.choices(module, definition);
        let shape = match &definition.shape {
            types::Shape::Object(fields) => {
                Shape::Object(fields.iter().map(|field| self.field(module, field, &choices)).collect())
            }
            types::Shape::OpenEnum(values) => Shape::OpenEnum(
                values
                    .iter()
                    .map(|(value, doc)| EnumValue { value: value.clone(), doc: doc.clone() })
                    .collect(),
            ),
        };
        TypeDef {
            name: definition.name.value.clone(),
            line: definition.name.pos.line,
            module,
            shape,
            choices,
            in_request: false,
            in_reply: false,
        }
    }

    /// The choices of a type: each names optional fields of it, each field once.
    fn choices(&mut self, module: usize, definition: &types::TypeDef) -> Vec<Choice> {
        let types::Shape::Object(fields) = &definition.shape else { return Vec::new() };
        let mut choices = Vec::new();
        for choice in &definition.choices {
            let mut seen: BTreeSet<&str> = BTreeSet::new();
            for name in choice.alternatives.iter().flatten() {
                match fields.iter().find(|field| field.name.value == name.value) {
                    Some(field) if field.required => {
                        let message =
                            format!("`{}` is required, so it is no alternative: give it a `?`", name.value);
                        self.error(module, name.pos, message);
                    }
                    Some(_) if !seen.insert(&name.value) => {
                        let message = format!("`{}` stands in this choice twice", name.value);
                        self.error(module, name.pos, message);
                    }
                    Some(_) => {}
                    None => {
                        let names = fields.iter().map(|field| field.name.value.as_str());
                        let hint = did_you_mean(&name.value, names);
                        let message =
                            format!("`{}` is no field of `{}`{hint}", name.value, definition.name.value);
                        self.error(module, name.pos, message);
                    }
                }
            }
            let names = |names: &Vec<Spanned<String>>| names.iter().map(|name| name.value.clone()).collect();
            choices.push(Choice {
                exactly_one: choice.exactly_one,
                alternatives: choice.alternatives.iter().map(names).collect(),
            });
        }
        choices
    }

    fn field(&mut self, module: usize, field: &types::Field, choices: &[Choice]) -> Field {
        let ty = self.ty(module, &field.ty.value, field.ty.pos);
        let limits = field.limits.resolve(&ty, field.encrypt.is_some(), &mut |pos, message| {
            self.error(module, pos, message);
        });
        let strings = ty == Type::String || matches!(&ty, Type::List(item) if **item == Type::String);
        if let Some(pos) = field.encrypt
            && !strings
        {
            self.error(module, pos, "only a string can be encrypted, or a list of strings: each of them");
        }
        let name = &self.files[module].name;
        let (doc, label) = self.glossary.describe(field, &mut |pos, message| {
            self.diagnostics.push(name, pos, message);
        });
        if let Some(fill) = &field.fill {
            if ty != Type::String {
                self.error(module, fill.pos, "`fill` is for strings only");
            }
            if !field.required {
                self.error(module, fill.pos, "`fill` is for fields required on the wire: remove the `?`");
            }
        }
        Field {
            name: field.name.value.clone(),
            line: field.name.pos.line,
            required: field.required,
            ty,
            max: limits.max,
            rules: limits.rules,
            encrypt: field.encrypt.is_some(),
            fill: field.fill.as_ref().map(|fill| fill.value),
            choices: choices
                .iter()
                .filter(|choice| choice.alternatives.iter().flatten().any(|name| *name == field.name.value))
                .cloned()
                .collect(),
            doc,
            label,
        }
    }

    fn ty(&mut self, module: usize, expr: &types::TypeExpr, pos: Pos) -> Type {
        match expr {
            types::TypeExpr::String => Type::String,
            types::TypeExpr::Int => Type::Int,
            types::TypeExpr::Bool => Type::Bool,
            types::TypeExpr::Number => Type::Number,
            types::TypeExpr::Timestamp => Type::Timestamp,
            types::TypeExpr::Json => Type::Json,
            types::TypeExpr::List(inner) => Type::List(Box::new(self.ty(module, inner, pos))),
            types::TypeExpr::Map(inner) => Type::Map(Box::new(self.ty(module, inner, pos))),
            types::TypeExpr::Named(name) => {
                let name = Spanned { value: name.clone(), pos };
                self.lookup(module, &name).map_or(Type::Json, Type::Named)
            }
        }
    }

    /// A type that must be an object.
    fn object(&mut self, module: usize, what: &str, name: &Spanned<String>) -> Option<TypeId> {
        let id = self.lookup(module, name)?;
        let (scope, _) = self.places[id.0];
        let definition = self.files[scope].types.iter().find(|t| t.name.value == name.value)?;
        if matches!(definition.shape, types::Shape::OpenEnum(_)) {
            self.error(
                module,
                name.pos,
                format!("{what} must be an object, and `{}` is an open enum", name.value),
            );
            return None;
        }
        Some(id)
    }

    fn operation(&mut self, spec: &Spec, module: usize, operation: &operation::Operation) -> Operation {
        let request = match &operation.request {
            operation::Request::None => {
                self.check_no_fields(module, operation);
                Request::None
            }
            operation::Request::Upload(upload) => Request::Upload {
                max_bytes: upload.max_bytes.unwrap_or(1),
                extensions: upload.extensions.clone(),
                form: self.upload_form(spec, module, operation, upload),
            },
            operation::Request::Type(name) => match self.object(module, "a request", name) {
                Some(id) => Request::Fields(self.request_fields(spec, module, operation, id)),
                None => Request::None,
            },
        };
        let response = match &operation.response {
            operation::Response::None => Response::None,
            operation::Response::Json => Response::Json,
            operation::Response::File { .. } => Response::File,
            operation::Response::Type(name) => {
                self.object(module, "a response", name).map_or(Response::None, Response::Type)
            }
        };
        Operation {
            line: operation.name.pos.line,
            name: operation.name.value.clone(),
            id: format!("{}.{}", self.files[module].path.join("."), operation.name.value),
            title: operation.title.clone(),
            title_zh: operation.title_zh.clone(),
            description: operation.description.clone(),
            method: operation.method.clone(),
            path: operation.path.value.clone(),
            doc: operation.doc.clone(),
            role: operation.role,
            since: operation.since.clone(),
            host: operation.host.unwrap_or_default(),
            standing: operation.standing,
            rate_limit: operation.rate_limit,
            idempotent: operation.idempotent.unwrap_or(operation.method == "GET"),
            confirm: operation.confirm.as_ref().map(|confirm| confirm.value.clone()),
            flow: operation.flow.as_ref().map(|flow| flow.value.clone()),
            errors: operation.errors.clone(),
            request,
            response,
            signed_digest: matches!(operation.response, operation::Response::File { signed_digest: true }),
            example_request: operation.example_request.as_ref().map(|node| node.to_json()),
            example_response: operation.example_response.as_ref().map(|node| node.to_json()),
        }
    }

    fn check_no_fields(&mut self, module: usize, operation: &operation::Operation) {
        if let [first, ..] = operation.path_params.as_slice() {
            let message =
                format!("the path has the parameter `{{{first}}}`, but there is no request type to hold it");
            self.error(module, operation.path.pos, message);
        }
        for name in operation.headers.iter().chain(&operation.query).chain(&operation.body) {
            self.error(
                module,
                name.pos,
                format!("`{}` is a field of nothing: there is no request type", name.value),
            );
        }
    }

    /// What goes with the file: the caller's fields, and what the client says of it in `meta`.
    fn upload_form(
        &mut self,
        spec: &Spec,
        module: usize,
        operation: &operation::Operation,
        upload: &operation::Upload,
    ) -> UploadForm {
        if matches!(operation.method.as_str(), "GET" | "DELETE") {
            let message = format!("a {} has no body to upload a file in", operation.method);
            self.error(module, operation.path.pos, message);
        }
        if matches!(operation.response, operation::Response::File { .. }) {
            let message = "what takes a file does not answer with one";
            self.error(module, operation.path.pos, message);
        }
        let type_id = match &upload.fields {
            Some(name) => self.object(module, "what goes with an upload", name),
            None => {
                self.check_no_fields(module, operation);
                None
            }
        };
        let fields = type_id.map(|id| self.request_fields(spec, module, operation, id));
        if let (Some(_), Some(name)) = (&fields, operation.headers.first().or(operation.query.first())) {
            let message =
                "an upload has no query string and no headers: its fields stand in the path and in meta";
            self.error(module, name.pos, message);
        }
        let named = |member: &Option<Spanned<String>>, default: &str| {
            member.as_ref().map_or_else(|| default.to_owned(), |member| member.value.clone())
        };
        let form = UploadForm {
            name_member: Some(named(&upload.name_in, "filename")).filter(|name| name != "none"),
            digest: upload.digest.unwrap_or_default(),
            digest_member: named(&upload.digest_in, "sha256"),
            algorithm_member: upload.algorithm_in.as_ref().map(|member| member.value.clone()),
            fields,
        };
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        if let Some(placed) = &form.fields {
            let fields = spec.fields(placed.type_id);
            seen.extend(placed.body.iter().map(|index| fields[*index].name.as_str()));
        }
        let members = [
            (form.name_member.as_deref(), &upload.name_in),
            (Some(form.digest_member.as_str()), &upload.digest_in),
            (form.algorithm_member.as_deref(), &upload.algorithm_in),
        ];
        for (member, written) in members {
            let Some(member) = member else { continue };
            if !seen.insert(member) {
                let pos = written.as_ref().map_or(operation.path.pos, |written| written.pos);
                self.error(module, pos, format!("`{member}` would stand in meta twice"));
            }
        }
        form
    }

    /// Where every field of a request stands: in the path when its name is in braces, otherwise in the query string
    /// of a GET or DELETE and in the body of the others, unless the operation says different.
    fn request_fields(
        &mut self,
        spec: &Spec,
        module: usize,
        operation: &operation::Operation,
        type_id: TypeId,
    ) -> RequestFields {
        let fields = spec.fields(type_id);
        let type_name = &spec.type_def(type_id).name;
        let names = || fields.iter().map(|field| field.name.as_str());
        let query_by_default = matches!(operation.method.as_str(), "GET" | "DELETE");
        let mut placed = RequestFields {
            type_id,
            path: Vec::new(),
            headers: Vec::new(),
            query: Vec::new(),
            body: Vec::new(),
        };
        for param in &operation.path_params {
            match names().position(|name| name == param) {
                Some(index) => {
                    if !fields[index].required {
                        let message =
                            format!("`{param}` stands in the path, so it is required: remove its `?`");
                        self.error(module, operation.path.pos, message);
                    }
                    placed.path.push(index);
                }
                None => {
                    let hint = did_you_mean(param, names());
                    let message =
                        format!("the path parameter `{{{param}}}` is no field of `{type_name}`{hint}");
                    self.error(module, operation.path.pos, message);
                }
            }
        }
        let (listed, unlisted_key, list_key) = if query_by_default {
            (&operation.body, &operation.query, "query")
        } else {
            (&operation.query, &operation.body, "body")
        };
        for name in unlisted_key {
            let message =
                format!("`{list_key}` is where fields of a {} stand anyway: leave it out", operation.method);
            self.error(module, name.pos, message);
        }
        let mut elsewhere = BTreeSet::new();
        let of_headers = operation.headers.iter().map(|name| (name, true));
        for (name, in_headers) in of_headers.chain(listed.iter().map(|name| (name, false))) {
            match names().position(|other| other == name.value) {
                Some(index) if placed.path.contains(&index) || placed.headers.contains(&index) => {
                    let message = format!(
                        "`{}` stands in two places: it is a path parameter or a header already",
                        name.value
                    );
                    self.error(module, name.pos, message);
                }
                Some(index) if in_headers => placed.headers.push(index),
                Some(index) => {
                    elsewhere.insert(index);
                }
                None => {
                    let hint = did_you_mean(&name.value, names());
                    self.error(
                        module,
                        name.pos,
                        format!("`{}` is no field of `{type_name}`{hint}", name.value),
                    );
                }
            }
        }
        let fixed = |index: &usize| placed.path.contains(index) || placed.headers.contains(index);
        for index in (0..fields.len()).filter(|index| !fixed(index)).collect::<Vec<_>>() {
            if query_by_default != elsewhere.contains(&index) {
                placed.query.push(index);
            } else {
                placed.body.push(index);
            }
        }
        self.check_places(spec, module, operation, &placed);
        placed
    }

    /// Only plain values can stand in a path; in a query string also lists of them, once for each element, and objects, as
    /// JSON text.
    fn check_places(
        &mut self,
        spec: &Spec,
        module: usize,
        operation: &operation::Operation,
        placed: &RequestFields,
    ) {
        let plain = |ty: &Type| match ty {
            Type::Named(id) => matches!(spec.type_def(*id).shape, Shape::OpenEnum(_)),
            Type::List(_) | Type::Map(_) | Type::Json => false,
            Type::String | Type::Int | Type::Bool | Type::Number | Type::Timestamp => true,
        };
        let fields = spec.fields(placed.type_id);
        for field in placed.path.iter().map(|index| &fields[*index]).filter(|field| !plain(&field.ty)) {
            let message = format!("`{}` stands in the path, where only plain values can stand", field.name);
            self.error(module, operation.path.pos, message);
        }
        for field in placed.path.iter().map(|index| &fields[*index]).filter(|field| field.encrypt) {
            let message = format!("`{}` stands in the path, where nothing is encrypted", field.name);
            self.error(module, operation.path.pos, message);
        }
        for field in placed.headers.iter().map(|index| &fields[*index]) {
            if !matches!(field.ty, Type::String) || field.encrypt {
                let message =
                    format!("`{}` is a header, where a text stands that nothing encrypts", field.name);
                self.error(module, operation.path.pos, message);
            }
        }
        for field in placed.query.iter().map(|index| &fields[*index]) {
            let fits = match &field.ty {
                Type::Named(_) => true,
                Type::List(item) => plain(item),
                ty => plain(ty),
            };
            if !fits {
                let message = format!(
                    "`{}` stands in the query string, where plain values, lists of them and objects can stand",
                    field.name
                );
                self.error(module, operation.path.pos, message);
            }
        }
    }

    fn notification(
        &mut self,
        spec: &Spec,
        module: usize,
        notification: &file::Notification,
    ) -> Option<Notification> {
        let resource = self.object(module, "a resource", &notification.resource)?;
        let names = || spec.fields(resource).iter().map(|field| field.name.as_str());
        for name in &notification.has {
            if !names().any(|other| other == name.value) {
                let hint = did_you_mean(&name.value, names());
                let type_name = &spec.type_def(resource).name;
                self.error(module, name.pos, format!("`{}` is no field of `{type_name}`{hint}", name.value));
            }
        }
        Some(Notification {
            line: notification.name.pos.line,
            name: notification.name.value.clone(),
            id: format!("{}.{}", self.files[module].path.join("."), notification.name.value),
            title: notification.title.clone(),
            title_zh: notification.title_zh.clone(),
            description: notification.description.clone(),
            retry: notification.retry.clone(),
            events: notification.events.clone(),
            original_types: notification.original_types.clone(),
            has: notification.has.iter().map(|name| name.value.clone()).collect(),
            doc: notification.doc.clone(),
            resource,
            answer: notification.answer.as_ref().and_then(|name| self.object(module, "an answer", name)),
            example: notification.example.as_ref().map(|node| node.to_json()),
            answer_example: notification.answer_example.as_ref().map(|node| node.to_json()),
        })
    }

    /// `a/b.yaml` and `a_b.yaml` would be one name in languages whose modules are flat.
    fn check_modules(&mut self) {
        let files = self.files;
        let mut flat: BTreeMap<String, &str> = BTreeMap::new();
        for (module, file) in files.iter().enumerate() {
            if let Some(other) = flat.insert(file.path.join("_"), &file.name) {
                self.error(
                    module,
                    Pos { line: 1, column: 1 },
                    format!("the name is too like that of {other}"),
                );
            }
        }
    }

    /// Which notification an event is must not depend on the order of the files: two that share an event and an original
    /// type are told apart by the members that each must have. Where one asks for all that the other asks for and for more,
    /// what has those members is the one that asks for more.
    fn check_notifications(&mut self) {
        let files = self.files;
        let mut seen: BTreeMap<(&str, Option<&str>), Vec<Demanding<'_>>> = BTreeMap::new();
        for (module, file) in files.iter().enumerate() {
            for notification in &file.notifications {
                let id = format!("{}.{}", file.path.join("."), notification.name.value);
                let originals: Vec<Option<&str>> = match notification.original_types.as_slice() {
                    [] => vec![None],
                    types => types.iter().map(|text| Some(text.as_str())).collect(),
                };
                let has: BTreeSet<&str> = notification.has.iter().map(|name| name.value.as_str()).collect();
                for event in &notification.events {
                    for original in &originals {
                        let others = seen.entry((event, *original)).or_default();
                        if let Some((other, _)) = others.iter().find(|(_, other)| *other == has) {
                            let original = original.unwrap_or("any");
                            let message = format!(
                                "`{other}` is `{event}` with original type {original} already: give one a member in `has` that the other has not"
                            );
                            self.error(module, notification.name.pos, message);
                        }
                        others.push((id.clone(), has.clone()));
                    }
                }
            }
        }
    }

    fn check_types(&mut self, spec: &Spec) {
        for (definition, (module, pos)) in spec.types.iter().zip(self.places.clone()) {
            if !definition.in_request && !definition.in_reply {
                self.error(module, pos, format!("nobody uses the type `{}`", definition.name));
            }
            if definition.name == pascal_case(&self.files[module].path[0]) {
                let message = format!(
                    "`{}` is the name of the product, and would hide its other types where both are namespaces",
                    definition.name
                );
                self.error(module, pos, message);
            }
        }
    }

    /// Where there is a glossary, every field is described, there or by itself, unless only operations have it that the
    /// official documentation does not know.
    fn check_descriptions(&mut self, spec: &Spec) {
        if !self.glossary.is_there {
            return;
        }
        let known = |operation: &Operation| operation.standing != Standing::Community;
        let operations =
            spec.operations().map(|(_, operation)| operation).filter(|operation| known(operation));
        let roots = operations.flat_map(|operation| [operation.request_type(), operation.response_type()]);
        let notifications = spec.notifications().flat_map(|(_, n)| [Some(n.resource), n.answer]);
        let documented = spec.reachable(roots.chain(notifications).flatten());
        let files = self.files;
        for (module, file) in files.iter().enumerate() {
            for definition in &file.types {
                let id = self.ids[&(module, definition.name.value.as_str())];
                let types::Shape::Object(fields) = &definition.shape else { continue };
                for (written, field) in fields.iter().zip(spec.fields(id)) {
                    if field.doc.is_none() && documented.contains(&id) {
                        let message = format!(
                            "`{}` is not described: give it a `doc`, or the glossary an entry",
                            field.name
                        );
                        self.error(module, written.name.pos, message);
                    }
                }
            }
        }
        for (pos, message) in self.glossary.unused() {
            self.diagnostics.push(GLOSSARY, pos, message);
        }
    }

    fn check_operations(&mut self, spec: &Spec) {
        let files = self.files;
        let written: Vec<(usize, &operation::Operation)> = files
            .iter()
            .enumerate()
            .flat_map(|(module, file)| file.operations.iter().map(move |operation| (module, operation)))
            .collect();
        let mut endpoints: BTreeMap<(String, String), String> = BTreeMap::new();
        let mut paths: BTreeMap<String, (&str, &str)> = BTreeMap::new();
        for ((module, operation), (_, resolved)) in written.iter().zip(spec.operations()) {
            let endpoint = (operation.method.clone(), without_names(&operation.path.value));
            if let Some(other) = endpoints.insert(endpoint, resolved.id.clone()) {
                let message = format!("`{other}` has this method and path already");
                self.error(*module, operation.path.pos, message);
            }
            let path = operation.path.value.as_str();
            let (first, other) = *paths.entry(without_names(path)).or_insert((path, &resolved.id));
            if first != path {
                let message = format!("`{other}` calls the parameters of this path differently: `{first}`");
                self.error(*module, operation.path.pos, message);
            }
            let others = [
                (&operation.confirm, "an operation cannot confirm itself"),
                (&operation.flow, "an operation has its own flow without saying so"),
            ];
            for (named, not_itself) in others {
                let Some(named) = named else { continue };
                if !spec.operations().any(|(_, other)| other.id == named.value) {
                    let hint =
                        did_you_mean(&named.value, spec.operations().map(|(_, other)| other.id.as_str()));
                    self.error(*module, named.pos, format!("no operation `{}`{hint}", named.value));
                } else if named.value == resolved.id {
                    self.error(*module, named.pos, not_itself);
                }
            }
        }
        // A module is a namespace for its operations and for the files below it.
        for (module, operation) in &written {
            let mut path = files[*module].path.clone();
            path.push(operation.name.value.clone());
            if let Some(file) = files.iter().find(|file| file.path.starts_with(&path)) {
                let message = format!("`{}` is the name of {} already", operation.name.value, file.name);
                self.error(*module, operation.name.pos, message);
            }
        }
    }

    fn check_examples(&mut self, spec: &Spec) {
        for (module, file) in self.files.iter().enumerate() {
            for (operation, resolved) in file.operations.iter().zip(&spec.modules[module].operations) {
                if let Some(node) = &operation.example_request {
                    match resolved.request_type() {
                        Some(id) => example::check(
                            spec,
                            Type::Named(id),
                            Rules::Request,
                            node,
                            &file.name,
                            self.diagnostics,
                        ),
                        None => self.error(module, node.pos, "an example of a request that has no type"),
                    }
                }
                if let Some(node) = &operation.example_response {
                    match resolved.response_type() {
                        Some(id) => example::check(
                            spec,
                            Type::Named(id),
                            Rules::Reply,
                            node,
                            &file.name,
                            self.diagnostics,
                        ),
                        None if matches!(resolved.response, Response::Json) => {}
                        None => self.error(module, node.pos, "an example of a response that has no type"),
                    }
                }
            }
            for notification in &file.notifications {
                let resolved =
                    spec.modules[module].notifications.iter().find(|n| n.name == notification.name.value);
                if let (Some(node), Some(resolved)) = (&notification.answer_example, resolved) {
                    match resolved.answer {
                        Some(id) => example::check(
                            spec,
                            Type::Named(id),
                            Rules::Request,
                            node,
                            &file.name,
                            self.diagnostics,
                        ),
                        None => self.error(module, node.pos, "an example of an answer that has no type"),
                    }
                }
                if let (Some(node), Some(resolved)) = (&notification.example, resolved) {
                    example::check(
                        spec,
                        Type::Named(resolved.resource),
                        Rules::Reply,
                        node,
                        &file.name,
                        self.diagnostics,
                    );
                    let example = node.to_json();
                    for name in resolved.has.iter().filter(|name| example[name.as_str()].is_null()) {
                        let message = format!("the example lacks `{name}`, which `has` demands");
                        self.error(module, node.pos, message);
                    }
                }
            }
        }
    }
}

/// `/v3/a/{}`: two paths that differ in the names of their parameters only are the same.
fn without_names(path: &str) -> String {
    let mut inside = false;
    path.chars()
        .filter(|c| {
            let keep = !inside || *c == '}';
            inside = if inside { *c != '}' } else { *c == '{' };
            keep
        })
        .collect()
}
