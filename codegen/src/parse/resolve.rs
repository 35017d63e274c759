//! Looks names up, decides where fields stand, and checks what concerns several files.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostics::{Diagnostics, Pos, did_you_mean};
use crate::ir::{
    EnumValue, Field, Module, Notification, Operation, Request, RequestFields, Response, Shape, Spec, Type,
    TypeDef, TypeId,
};
use crate::parse::example::{self, Rules};
use crate::parse::file::{self, File, TypeExpr};
use crate::parse::reader::Spanned;

pub(super) fn resolve(files: &[File], diagnostics: &mut Diagnostics) -> Spec {
    let mut resolver = Resolver { files, ids: BTreeMap::new(), places: Vec::new(), diagnostics };
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

    fn type_def(&mut self, module: usize, definition: &file::TypeDef) -> TypeDef {
        let shape = match &definition.shape {
            file::Shape::Object(fields) => {
                Shape::Object(fields.iter().map(|field| self.field(module, field)).collect())
            }
            file::Shape::OpenEnum(values) => Shape::OpenEnum(
                values
                    .iter()
                    .map(|(value, doc)| EnumValue { value: value.clone(), doc: doc.clone() })
                    .collect(),
            ),
        };
        TypeDef { name: definition.name.value.clone(), module, shape, in_request: false, in_reply: false }
    }

    fn field(&mut self, module: usize, field: &file::Field) -> Field {
        let ty = self.ty(module, &field.ty.value, field.ty.pos);
        let limits = field.limits.resolve(&ty, field.encrypt.is_some(), &mut |pos, message| {
            self.error(module, pos, message);
        });
        if let Some(pos) = field.encrypt
            && ty != Type::String
        {
            self.error(module, pos, "only a string can be encrypted");
        }
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
            required: field.required,
            ty,
            max: limits.max,
            rules: limits.rules,
            encrypt: field.encrypt.is_some(),
            fill: field.fill.as_ref().map(|fill| fill.value),
            doc: field.doc.clone(),
        }
    }

    fn ty(&mut self, module: usize, expr: &TypeExpr, pos: Pos) -> Type {
        match expr {
            TypeExpr::String => Type::String,
            TypeExpr::Int => Type::Int,
            TypeExpr::Bool => Type::Bool,
            TypeExpr::Number => Type::Number,
            TypeExpr::Timestamp => Type::Timestamp,
            TypeExpr::Json => Type::Json,
            TypeExpr::List(inner) => Type::List(Box::new(self.ty(module, inner, pos))),
            TypeExpr::Map(inner) => Type::Map(Box::new(self.ty(module, inner, pos))),
            TypeExpr::Named(name) => {
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
        if matches!(definition.shape, file::Shape::OpenEnum(_)) {
            self.error(
                module,
                name.pos,
                format!("{what} must be an object, and `{}` is an open enum", name.value),
            );
            return None;
        }
        Some(id)
    }

    fn operation(&mut self, spec: &Spec, module: usize, operation: &file::Operation) -> Operation {
        let request = match &operation.request {
            file::Request::None => {
                self.check_no_fields(module, operation);
                Request::None
            }
            file::Request::Upload { max_bytes, extensions } => {
                self.check_no_fields(module, operation);
                Request::Upload { max_bytes: *max_bytes, extensions: extensions.clone() }
            }
            file::Request::Type(name) => match self.object(module, "a request", name) {
                Some(id) => Request::Fields(self.request_fields(spec, module, operation, id)),
                None => Request::None,
            },
        };
        let response = match &operation.response {
            file::Response::None => Response::None,
            file::Response::File => Response::File,
            file::Response::Type(name) => {
                self.object(module, "a response", name).map_or(Response::None, Response::Type)
            }
        };
        Operation {
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
            standing: operation.standing,
            idempotent: operation.idempotent.unwrap_or(operation.method == "GET"),
            confirm: operation.confirm.as_ref().map(|confirm| confirm.value.clone()),
            errors: operation.errors.clone(),
            request,
            response,
            example_request: operation.example_request.as_ref().map(|node| node.to_json()),
            example_response: operation.example_response.as_ref().map(|node| node.to_json()),
        }
    }

    fn check_no_fields(&mut self, module: usize, operation: &file::Operation) {
        if let [first, ..] = operation.path_params.as_slice() {
            let message =
                format!("the path has the parameter `{{{first}}}`, but there is no request type to hold it");
            self.error(module, operation.path.pos, message);
        }
        for name in operation.query.iter().chain(&operation.body) {
            self.error(
                module,
                name.pos,
                format!("`{}` is a field of nothing: there is no request type", name.value),
            );
        }
    }

    /// Where every field of a request stands: in the path when its name is in braces, otherwise in the query string
    /// of a GET or DELETE and in the body of the others, unless the operation says different.
    fn request_fields(
        &mut self,
        spec: &Spec,
        module: usize,
        operation: &file::Operation,
        type_id: TypeId,
    ) -> RequestFields {
        let fields = spec.fields(type_id);
        let type_name = &spec.type_def(type_id).name;
        let names = || fields.iter().map(|field| field.name.as_str());
        let query_by_default = matches!(operation.method.as_str(), "GET" | "DELETE");
        let mut placed = RequestFields { type_id, path: Vec::new(), query: Vec::new(), body: Vec::new() };
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
        for name in listed {
            match names().position(|other| other == name.value) {
                Some(index) if placed.path.contains(&index) => {
                    let message =
                        format!("`{}` stands in two places: it is a path parameter already", name.value);
                    self.error(module, name.pos, message);
                }
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
        for index in (0..fields.len()).filter(|index| !placed.path.contains(index)) {
            if query_by_default != elsewhere.contains(&index) {
                placed.query.push(index);
            } else {
                placed.body.push(index);
            }
        }
        self.check_places(spec, module, operation, &placed);
        placed
    }

    /// Only plain values can stand in a path or a query string.
    fn check_places(
        &mut self,
        spec: &Spec,
        module: usize,
        operation: &file::Operation,
        placed: &RequestFields,
    ) {
        let fields = spec.fields(placed.type_id);
        for (place, indexes) in [("path", &placed.path), ("query string", &placed.query)] {
            for field in indexes.iter().map(|index| &fields[*index]) {
                let plain = match &field.ty {
                    Type::Named(id) => matches!(spec.type_def(*id).shape, Shape::OpenEnum(_)),
                    Type::List(_) | Type::Map(_) | Type::Json => false,
                    Type::String | Type::Int | Type::Bool | Type::Number | Type::Timestamp => true,
                };
                if !plain {
                    let message =
                        format!("`{}` stands in the {place}, where only plain values can stand", field.name);
                    self.error(module, operation.path.pos, message);
                }
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
            name: notification.name.value.clone(),
            id: format!("{}.{}", self.files[module].path.join("."), notification.name.value),
            title: notification.title.clone(),
            title_zh: notification.title_zh.clone(),
            events: notification.events.clone(),
            original_types: notification.original_types.clone(),
            has: notification.has.iter().map(|name| name.value.clone()).collect(),
            doc: notification.doc.clone(),
            resource,
            example: notification.example.as_ref().map(|node| node.to_json()),
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
    /// type are told apart by the members that each must have.
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
                        // An empty list is within every other.
                        let alike = |other: &BTreeSet<&str>| other.is_subset(&has) || has.is_subset(other);
                        if let Some((other, _)) = others.iter().find(|(_, other)| alike(other)) {
                            let original = original.unwrap_or("any");
                            let message = format!(
                                "`{other}` is `{event}` with original type {original} already: give both a `has`, each with a member that the other has not"
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
        }
    }

    fn check_operations(&mut self, spec: &Spec) {
        let files = self.files;
        let written: Vec<(usize, &file::Operation)> = files
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
            if let Some(confirm) = &operation.confirm {
                if !spec.operations().any(|(_, other)| other.id == confirm.value) {
                    let hint =
                        did_you_mean(&confirm.value, spec.operations().map(|(_, other)| other.id.as_str()));
                    self.error(*module, confirm.pos, format!("no operation `{}`{hint}", confirm.value));
                } else if confirm.value == resolved.id {
                    self.error(*module, confirm.pos, "an operation cannot confirm itself");
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
                        None => self.error(module, node.pos, "an example of a response that has no type"),
                    }
                }
            }
            for notification in &file.notifications {
                let resolved =
                    spec.modules[module].notifications.iter().find(|n| n.name == notification.name.value);
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
