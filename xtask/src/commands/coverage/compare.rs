//! The fields of an operation beside those of the facts.

use wechatpay_codegen::ir::{self, Response, Rule, Shape, Spec, Type, TypeId, UploadForm};

use super::difference::{Difference, Kind};
use super::reach::Typed;
use crate::facts::{Field, Fields, Operation, Place, Standing, join};

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Compared {
    /// Fields of the facts.
    pub(crate) known: usize,
    /// Those of them that the spec has.
    pub(crate) found: usize,
    /// Those that the spec describes in English.
    pub(crate) described: usize,
    /// Those that it only names, with their places.
    pub(crate) undescribed: Vec<String>,
    pub(crate) differences: Vec<Difference>,
}

/// Compares an operation of the facts with the one of the spec.
pub(crate) fn operation(
    spec: &Typed<'_>,
    module: &ir::Module,
    typed: &ir::Operation,
    known: &Operation,
) -> Compared {
    let at = format!("{}:{}", module.file, typed.line);
    let mut compare = Compare {
        spec: spec.spec,
        all: spec,
        id: &typed.id,
        standing: known.standing,
        at: &at,
        out: Compared::default(),
    };
    compare.request(typed, known);
    compare.response(typed, known);
    compare.out
}

/// Compares the resource of a notification.
pub(crate) fn resource(
    spec: &Typed<'_>,
    module: &ir::Module,
    typed: &ir::Notification,
    standing: Standing,
    known: &Fields,
) -> Compared {
    let at = format!("{}:{}", module.file, typed.line);
    let mut compare =
        Compare { spec: spec.spec, all: spec, id: &typed.id, standing, at: &at, out: Compared::default() };
    compare.out.known = known.0.len();
    compare.object("notification", known, "", Some(typed.resource));
    compare.out
}

struct Compare<'a> {
    spec: &'a Spec,
    all: &'a Typed<'a>,
    id: &'a str,
    standing: Standing,
    /// Where the operation stands.
    at: &'a str,
    out: Compared,
}

impl Compare<'_> {
    fn request(&mut self, typed: &ir::Operation, known: &Operation) {
        let spec = self.spec;
        let placed = typed.request_fields();
        let owner = placed.map(|placed| placed.type_id);
        let fields: &[ir::Field] = owner.map_or(&[], |id| spec.fields(id));
        let place_of = |index: usize| match placed {
            Some(placed) if placed.path.contains(&index) => Place::Path,
            Some(placed) if placed.query.contains(&index) => Place::Query,
            _ => Place::Body,
        };
        let body = match &typed.request {
            ir::Request::Upload { form, .. } => meta(known.of(Place::Body), form),
            _ => known.of(Place::Body).clone(),
        };
        let mut seen = Vec::new();
        for place in [Place::Path, Place::Query, Place::Body] {
            let facts = if place == Place::Body { &body } else { known.of(place) };
            self.out.known += facts.0.len();
            for (name, fact) in facts.children("") {
                let Some(index) = fields.iter().position(|field| field.name == name) else {
                    self.missing("request", facts, name, fact, owner);
                    continue;
                };
                seen.push(index);
                let field = &fields[index];
                if place_of(index) != place {
                    let found = place_of(index).name().to_owned();
                    self.differ(
                        Kind::Place,
                        "request",
                        name,
                        Some(fact),
                        (place.name().to_owned(), found),
                        Some((owner, field)),
                    );
                }
                self.field("request", facts, name, fact, owner, field, place != Place::Path);
            }
        }
        for (index, field) in fields.iter().enumerate() {
            // A path names its parameters itself.
            if !seen.contains(&index) && place_of(index) != Place::Path {
                self.extra("request", &field.name, owner, field);
            }
        }
    }

    fn response(&mut self, typed: &ir::Operation, known: &Operation) {
        let facts = known.of(Place::Response);
        self.out.known += facts.0.len();
        match typed.response {
            Response::Type(id) => self.object("response", facts, "", Some(id)),
            Response::None | Response::Json | Response::File if facts.0.is_empty() => {}
            Response::None | Response::Json | Response::File => {
                let what = match typed.response {
                    Response::File => "a file",
                    Response::Json => "json",
                    _ => "nothing",
                };
                let fields = format!("{} fields", facts.0.len());
                let mut difference =
                    self.difference(Kind::Missing, "response", "", None, (fields, what.to_owned()), None);
                difference.from = all_sources(facts);
                difference.weight = facts.0.len();
                self.out.differences.push(difference);
            }
        }
    }

    /// The fields in `parent` and those of a type.
    fn object(&mut self, side: &'static str, facts: &Fields, parent: &str, owner: Option<TypeId>) {
        let fields: &[ir::Field] = owner.map_or(&[], |id| self.spec.fields(id));
        for (name, fact) in facts.children(parent) {
            let path = join(parent, name);
            match fields.iter().find(|field| field.name == name) {
                Some(field) => self.field(side, facts, &path, fact, owner, field, true),
                None => self.missing(side, facts, &path, fact, owner),
            }
        }
        for field in fields.iter().filter(|field| !facts.children(parent).any(|(name, _)| name == field.name))
        {
            self.extra(side, &join(parent, &field.name), owner, field);
        }
    }

    #[allow(clippy::too_many_arguments, reason = "what is compared, and where it stands on both sides")]
    fn field(
        &mut self,
        side: &'static str,
        facts: &Fields,
        path: &str,
        fact: &Field,
        owner: Option<TypeId>,
        field: &ir::Field,
        may_be_optional: bool,
    ) {
        self.out.found += 1;
        let here = Some((owner, field));
        if field.doc.is_some() {
            self.out.described += 1;
        } else {
            let at = self.place(here);
            self.out.undescribed.push(format!("{at}: nobody says what {} {side} {path} is", self.id));
        }
        let ty = type_name(self.spec, &field.ty);
        let object = fact.ty.contains("object");
        if ty != fact.ty {
            let mut difference =
                self.difference(Kind::Type, side, path, Some(fact), (fact.ty.clone(), ty.clone()), here);
            if object && !ty.contains("object") {
                difference.weight = facts.weight(path);
            }
            self.out.differences.push(difference);
        } else if object {
            self.object(side, facts, path, field.ty.named());
        }
        if may_be_optional && fact.required != field.required {
            let word = |required: bool| if required { "required" } else { "optional" }.to_owned();
            self.differ(
                Kind::Required,
                side,
                path,
                Some(fact),
                (word(fact.required), word(field.required)),
                here,
            );
        }
        let counts = matches!(field.ty, Type::String | Type::List(_));
        let (max, suspected) = longest(field);
        if counts && fact.max != max && (fact.max.is_none() || fact.max != suspected) {
            let word = |max: Option<u32>| max.map_or_else(|| "none".to_owned(), |max| max.to_string());
            self.differ(Kind::Max, side, path, Some(fact), (word(fact.max), word(max)), here);
        }
        let values = values(self.spec, &field.ty);
        let mut known: Vec<&str> = fact.values.iter().map(String::as_str).collect();
        let mut typed = values.clone();
        known.sort_unstable();
        typed.sort_unstable();
        if known != typed {
            self.differ(
                Kind::Enum,
                side,
                path,
                Some(fact),
                (list(&fact.values, &values), list(&values, &fact.values)),
                here,
            );
        }
        if fact.sensitive != field.encrypt {
            let word = |secret: bool| if secret { "encrypted" } else { "plain" }.to_owned();
            self.differ(
                Kind::Sensitive,
                side,
                path,
                Some(fact),
                (word(fact.sensitive), word(field.encrypt)),
                here,
            );
        }
    }

    fn missing(
        &mut self,
        side: &'static str,
        facts: &Fields,
        path: &str,
        fact: &Field,
        owner: Option<TypeId>,
    ) {
        let mut difference = self.difference(
            Kind::Missing,
            side,
            path,
            Some(fact),
            (fact.ty.clone(), "nothing".to_owned()),
            None,
        );
        if let Some(owner) = owner {
            difference.at = format!("{}:{}", self.spec.module_of(owner).file, self.spec.type_def(owner).line);
        }
        difference.weight = facts.weight(path);
        self.out.differences.push(difference);
    }

    fn extra(&mut self, side: &'static str, path: &str, owner: Option<TypeId>, field: &ir::Field) {
        let ty = type_name(self.spec, &field.ty);
        self.differ(Kind::Extra, side, path, None, ("nothing".to_owned(), ty), Some((owner, field)));
    }

    fn differ(
        &mut self,
        kind: Kind,
        side: &'static str,
        path: &str,
        fact: Option<&Field>,
        words: (String, String),
        field: Option<(Option<TypeId>, &ir::Field)>,
    ) {
        let difference = self.difference(kind, side, path, fact, words, field);
        self.out.differences.push(difference);
    }

    fn difference(
        &self,
        kind: Kind,
        side: &'static str,
        path: &str,
        fact: Option<&Field>,
        (fact_says, spec_says): (String, String),
        field: Option<(Option<TypeId>, &ir::Field)>,
    ) -> Difference {
        let owner = field.and_then(|(owner, _)| owner);
        let at = self.place(field);
        Difference {
            kind,
            id: self.id.to_owned(),
            standing: self.standing,
            side,
            field: path.to_owned(),
            fact: fact_says,
            spec: spec_says,
            from: fact.map(|fact| fact.from.clone()).unwrap_or_default(),
            shared: owner
                .is_some_and(|id| self.spec.type_def(id).in_request && self.spec.type_def(id).in_reply),
            reused: owner.is_some_and(|id| self.all.is_reused(id)),
            encrypted: field.is_some_and(|(_, field)| field.encrypt),
            choice: field.is_some_and(|(_, field)| !field.choices.is_empty()),
            at,
            weight: usize::from(kind != Kind::Extra),
            reason: None,
        }
    }

    /// Where the field stands, or else the operation.
    fn place(&self, field: Option<(Option<TypeId>, &ir::Field)>) -> String {
        match field {
            Some((Some(owner), field)) => format!("{}:{}", self.spec.module_of(owner).file, field.line),
            _ => self.at.to_owned(),
        }
    }
}

/// What the caller gives of the `meta` of an upload: not the file, and not what the client finds out about it.
fn meta(body: &Fields, form: &UploadForm) -> Fields {
    let own =
        [form.name_member.as_deref(), Some(form.digest_member.as_str()), form.algorithm_member.as_deref()];
    let in_meta = body.get("meta").is_some();
    let fields = body.0.iter().filter_map(|(path, field)| {
        let path = if in_meta { path.strip_prefix("meta.")? } else { path.as_str() };
        (!own.contains(&Some(path)) && field.ty != "file").then(|| (path.to_owned(), field.clone()))
    });
    Fields(fields.collect())
}

/// The words of the facts for a type.
fn type_name(spec: &Spec, ty: &Type) -> String {
    match ty {
        Type::String => "string".to_owned(),
        Type::Int => "int".to_owned(),
        Type::Bool => "bool".to_owned(),
        Type::Number => "number".to_owned(),
        Type::Timestamp => "timestamp".to_owned(),
        Type::Json => "json".to_owned(),
        Type::Named(id) => match spec.type_def(*id).shape {
            Shape::Object(_) => "object".to_owned(),
            Shape::OpenEnum(_) => "string".to_owned(),
        },
        Type::List(inner) => format!("[{}]", type_name(spec, inner)),
        Type::Map(inner) => format!("{{{}}}", type_name(spec, inner)),
    }
}

/// The largest length: what is certain, and what is suspected.
fn longest(field: &ir::Field) -> (Option<u32>, Option<u32>) {
    let most = |rule: &Rule| match rule {
        Rule::Max(max) | Rule::MaxBytes(max) => Some(*max),
        _ => None,
    };
    let suspected = field.rules.iter().find_map(|rule| match rule {
        Rule::Suspected(rule) => most(rule),
        _ => None,
    });
    (field.max.or_else(|| field.rules.iter().find_map(most)), suspected)
}

fn values<'a>(spec: &'a Spec, ty: &Type) -> Vec<&'a str> {
    match ty.named().map(|id| &spec.type_def(id).shape) {
        Some(Shape::OpenEnum(values)) => values.iter().map(|value| value.value.as_str()).collect(),
        _ => Vec::new(),
    }
}

/// The values that the other side does not have.
fn list<A: AsRef<str>, B: AsRef<str>>(values: &[A], other: &[B]) -> String {
    let own =
        values.iter().map(AsRef::as_ref).filter(|value| !other.iter().any(|other| other.as_ref() == *value));
    let own: Vec<&str> = own.collect();
    match (values.is_empty(), own.is_empty()) {
        (true, _) => "any text".to_owned(),
        (false, true) => "no more".to_owned(),
        (false, false) => own.join(" "),
    }
}

fn all_sources(facts: &Fields) -> String {
    ['d', 'o', 'c', 's']
        .into_iter()
        .filter(|letter| facts.0.iter().any(|(_, field)| field.from.contains(*letter)))
        .collect()
}
