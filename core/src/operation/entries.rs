//! The handles that the operation table is read with.

use std::fmt;
use std::ops::Range;
use std::time::Duration;

use super::rule::{self, Rule};
use crate::http::Method;
use crate::table::{
    BodyRecord, ChoiceRecord, Digest, Fill, Host, Place, ReplyRecord, Run, Standing, Text, Type, WaitRecord,
};

/// One operation of the API: a method, a path and what goes in and comes out.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Operation(pub(crate) Place);

impl Operation {
    /// The name used by `call`, for example `payments.jsapi.prepay`.
    pub fn id(self) -> &'static str {
        self.0.text(self.0.operation().id)
    }

    /// HTTP method.
    pub fn method(self) -> Method {
        self.0.operation().method
    }

    /// Path with its parameters in braces: `/v3/pay/transactions/id/{transaction_id}`.
    pub fn path(self) -> &'static str {
        self.0.text(self.0.operation().path)
    }

    /// Parameters that stand in the path, in the order of the path.
    pub fn path_params(self) -> Fields {
        Fields::new(self.0, self.0.operation().path_params)
    }

    /// Parameters that are headers; see [`Field::header_name`].
    pub fn headers(self) -> Fields {
        Fields::new(self.0, self.0.operation().headers)
    }

    /// Parameters that stand in the query string.
    pub fn query(self) -> Fields {
        Fields::new(self.0, self.0.operation().query)
    }

    /// What the request carries.
    pub fn body(self) -> Body {
        match self.0.operation().body {
            BodyRecord::None => Body::None,
            BodyRecord::Json(fields) => Body::Json(Fields::new(self.0, fields)),
            BodyRecord::Upload(upload) => Body::Upload(Upload(self.0.beside(upload))),
        }
    }

    /// The fields of a JSON body; none for any other.
    pub fn body_fields(self) -> Fields {
        match self.body() {
            Body::Json(fields) => fields,
            Body::None | Body::Upload(_) => self.no_fields(),
        }
    }

    pub(crate) fn no_fields(self) -> Fields {
        Fields::new(self.0, Run(0, 0))
    }

    /// What a successful answer carries.
    pub fn reply(self) -> Reply {
        match self.0.operation().reply {
            ReplyRecord::None => Reply::None,
            ReplyRecord::Json(model) => Reply::Json(Model(self.0.model_numbered(model))),
            ReplyRecord::Untyped => Reply::Untyped,
            ReplyRecord::File | ReplyRecord::SignedFile => Reply::File,
        }
    }

    /// Whether the same request may be sent twice without harm, and so be retried when its outcome is unknown.
    pub fn is_idempotent(self) -> bool {
        self.0.operation().idempotent
    }

    /// Operation that tells what became of a request whose outcome is unknown.
    pub fn confirm(self) -> Option<&'static str> {
        Some(self.0.text(self.0.operation().confirm)).filter(|id| !id.is_empty())
    }

    /// Page of the official documentation, for example `merchant/4012791856`; empty when there is none.
    pub fn doc(self) -> &'static str {
        self.0.text(self.0.operation().doc)
    }

    /// How sure we are that the endpoint is current.
    pub fn standing(self) -> Standing {
        self.0.operation().standing
    }

    /// Parameters that stand for each other, besides those inside of objects.
    pub fn choices(self) -> impl ExactSizeIterator<Item = Choice> + Clone {
        choices(self.0, self.0.operation().choices)
    }

    /// Where it lives.
    pub fn host(self) -> Host {
        self.0.operation().host
    }

    /// Whether the answer is a file whose digest WeChat Pay signs. Other files are not signed.
    pub fn signs_digest(self) -> bool {
        matches!(self.0.operation().reply, ReplyRecord::SignedFile)
    }

    /// Whether a successful answer is a signed JSON object.
    pub fn answers_json(self) -> bool {
        matches!(self.reply(), Reply::Json(_))
    }

    /// Whether fields of the answer are encrypted, so that reading it takes the merchant's private key: a fraction of a
    /// millisecond for each, where verifying takes microseconds.
    pub fn answer_is_encrypted(self) -> bool {
        matches!(self.reply(), Reply::Json(model) if model.fields().has_encrypted())
    }
}

/// What a request carries besides path and query.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Body {
    /// Nothing: the fifth line of the signed message is empty.
    None,
    /// A JSON object with these fields.
    Json(Fields),
    /// A file as `multipart/form-data`; the signature covers the `meta` part only.
    Upload(Upload),
}

/// What a successful answer carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reply {
    /// Nothing (204, or 200 with an empty body).
    None,
    /// A signed JSON object.
    Json(Model),
    /// Signed JSON that nobody documented.
    Untyped,
    /// A file. WeChat Pay does not sign it, at most its digest: see [`Operation::signs_digest`].
    File,
}

/// Limits of an upload.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Upload(Place);

impl Upload {
    #[cfg(test)]
    pub(crate) const fn at(place: Place) -> Self {
        Self(place)
    }

    /// Largest file accepted, in bytes.
    pub fn max_bytes(self) -> u64 {
        self.0.upload().max_bytes
    }

    /// File name extensions accepted, lower case, without the dot.
    pub fn extensions(self) -> Texts {
        Texts::new(self.0, self.0.upload().extensions)
    }

    /// What the caller gives besides the file, as members of `meta`.
    pub fn fields(self) -> Fields {
        Fields::new(self.0, self.0.upload().fields)
    }

    /// Member of `meta` with the file's name; none where it is not told.
    pub fn name_member(self) -> Option<&'static str> {
        let upload = self.0.upload();
        upload.has_name.then(|| self.text_or(upload.name_member, "filename"))
    }

    /// How the file is hashed.
    pub fn digest(self) -> Digest {
        self.0.upload().digest
    }

    /// Member of `meta` with the hash, in lower-case hexadecimal.
    pub fn digest_member(self) -> &'static str {
        let usual = match self.digest() {
            Digest::Sha256 => "sha256",
            Digest::Sm3 => "sm3",
        };
        self.text_or(self.0.upload().digest_member, usual)
    }

    /// Member of `meta` with the name of the hash, where it is asked for.
    pub fn algorithm_member(self) -> Option<&'static str> {
        Some(self.0.text(self.0.upload().algorithm_member)).filter(|member| !member.is_empty())
    }

    fn text_or(self, text: Text, usual: &'static str) -> &'static str {
        match self.0.text(text) {
            "" => usual,
            member => member,
        }
    }
}

/// A notification that WeChat Pay sends to the merchant: which events, and what the decrypted resource looks like.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct NotificationType(pub(crate) Place);

impl NotificationType {
    /// Name in the spec, for example `payments.transaction`.
    pub fn id(self) -> &'static str {
        self.0.text(self.0.notification().id)
    }

    /// Values of `event_type`.
    pub fn events(self) -> Texts {
        Texts::new(self.0, self.0.notification().events)
    }

    /// Values of `resource.original_type`; none means any.
    pub fn original_types(self) -> Texts {
        Texts::new(self.0, self.0.notification().original_types)
    }

    /// Members of the decrypted resource that must be there and not null.
    pub fn has(self) -> Texts {
        Texts::new(self.0, self.0.notification().has)
    }

    /// How long after the last time WeChat Pay sends it again, each time that nobody takes it, as the documentation says:
    /// none when it is not sent again, `None` when nobody documented it.
    pub fn retries(self) -> Option<impl Iterator<Item = Duration> + Clone> {
        let waits = numbers(self.0.notification().retry?);
        Some(waits.flat_map(move |number| {
            let WaitRecord(seconds, times) = self.0.beside(number).wait();
            std::iter::repeat_n(Duration::from_secs(seconds.into()), times.into())
        }))
    }

    /// The decrypted resource.
    pub fn resource(self) -> Model {
        Model(self.0.model_numbered(self.0.notification().resource))
    }

    /// What WeChat Pay asks to be answered, as signed JSON; `None` for all that a status is enough for.
    pub fn answer(self) -> Option<Model> {
        self.0.notification().answer.map(|number| Model(self.0.model_numbered(number)))
    }

    /// Page of the official documentation; empty when there is none.
    pub fn doc(self) -> &'static str {
        self.0.text(self.0.notification().doc)
    }
}

/// A JSON object: its name and its fields.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Model(pub(crate) Place);

impl Model {
    /// Name of the type in the spec, for example `PrepayRequest`.
    pub fn name(self) -> &'static str {
        self.0.text(self.0.model().name)
    }

    /// Fields in the order of the spec.
    pub fn fields(self) -> Fields {
        Fields::new(self.0, self.0.model().fields)
    }

    /// Fields that stand for each other.
    pub fn choices(self) -> impl ExactSizeIterator<Item = Choice> + Clone {
        choices(self.0, self.0.model().choices)
    }
}

fn choices(place: Place, run: Run) -> impl ExactSizeIterator<Item = Choice> + Clone {
    numbers(run).map(move |number| Choice(place.beside(number)))
}

/// Fields of which some must be given, for they say the same in different ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Choice(Place);

impl Choice {
    /// Whether exactly one of the alternatives must be given; otherwise at least one.
    pub fn is_exclusive(self) -> bool {
        matches!(self.0.choice(), ChoiceRecord::ExactlyOne(_))
    }

    /// The alternatives: each names the fields that belong together.
    pub fn alternatives(
        self,
    ) -> impl ExactSizeIterator<Item = impl Iterator<Item = &'static str> + Clone> + Clone {
        let (ChoiceRecord::ExactlyOne(run) | ChoiceRecord::AtLeastOne(run)) = self.0.choice();
        Texts::new(self.0, run).map(|names| names.split(' '))
    }

    /// All fields that it is about.
    pub fn names(self) -> impl Iterator<Item = &'static str> + Clone {
        self.alternatives().flatten()
    }

    pub(crate) fn is_among(self, fields: Fields) -> bool {
        self.names().any(|name| fields.clone().any(|field| field.name() == name))
    }

    /// ``bank_code, bank_name with bank_branch``
    pub(crate) fn in_words(self) -> String {
        let with = |names: std::str::Split<'_, char>| names.collect::<Vec<_>>().join(" with ");
        let (ChoiceRecord::ExactlyOne(run) | ChoiceRecord::AtLeastOne(run)) = self.0.choice();
        Texts::new(self.0, run).map(|names| with(names.split(' '))).collect::<Vec<_>>().join(", ")
    }
}

/// A field of an object, or a parameter of a path or query.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Field(pub(crate) Place);

impl Field {
    /// Name on the wire.
    pub fn name(self) -> &'static str {
        self.0.text(self.0.field().name)
    }

    /// Name of the header that holds it, of one that is a header: `Idempotency-Key` of `idempotency_key`.
    pub fn header_name(self) -> String {
        let word = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
        self.name().split('_').filter(|part| !part.is_empty()).map(word).collect::<Vec<_>>().join("-")
    }

    /// Type of the value.
    pub fn kind(self) -> Kind {
        Kind::new(self.0, self.0.field().ty)
    }

    /// Whether a request without it is refused. Replies are tolerant: there this is only documentation.
    pub fn is_required(self) -> bool {
        self.0.field().is_required()
    }

    /// Longest value accepted: characters of a string, or elements of a list.
    pub fn max(self) -> Option<u32> {
        self.0.field().max.map(u32::from)
    }

    /// What else a value must be. Replies are tolerant here too.
    pub fn rules(self) -> impl ExactSizeIterator<Item = Rule> + Clone {
        let field = self.0.field();
        numbers(Run(field.rule, u16::from(field.rule_count)))
            .map(move |number| rule::read(self.0.beside(number)))
    }

    /// Whether the value is RSA-OAEP encrypted on the wire.
    pub fn is_encrypted(self) -> bool {
        self.0.field().is_encrypted()
    }

    /// Filled in from the client's configuration when the caller leaves it out.
    pub fn fill(self) -> Option<Fill> {
        self.0.field().fill()
    }
}

/// Type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Text.
    String,
    /// A 64-bit integer; amounts are in fen.
    Int,
    /// `true` or `false`.
    Bool,
    /// A number that may have a fraction; never money.
    Number,
    /// A moment as RFC 3339 text: `2018-06-08T10:34:56+08:00`.
    Timestamp,
    /// Any JSON value.
    Json,
    /// Text with known values; others are let through, for WeChat Pay adds new ones.
    OpenEnum(Values),
    /// An object.
    Object(Model),
    /// A list of such items.
    List(Item),
    /// An object whose keys are free, of such items.
    Map(Item),
}

impl Kind {
    fn new(place: Place, ty: Type) -> Self {
        match ty {
            Type::String => Self::String,
            Type::Int => Self::Int,
            Type::Bool => Self::Bool,
            Type::Number => Self::Number,
            Type::Timestamp => Self::Timestamp,
            Type::Json => Self::Json,
            Type::OpenEnum(number) => Self::OpenEnum(Values(place.enum_numbered(number))),
            Type::Object(number) => Self::Object(Model(place.model_numbered(number))),
            Type::List(number) => Self::List(Item(place.beside(number))),
            Type::Map(number) => Self::Map(Item(place.beside(number))),
        }
    }
}

/// What a list or a map holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Item(Place);

impl Item {
    /// Type of each of them.
    pub fn kind(self) -> Kind {
        Kind::new(self.0, self.0.item())
    }
}

/// The known values of an open enum.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Values(Place);

impl Values {
    /// The values, in the order of the spec.
    pub fn iter(self) -> Texts {
        Texts::new(self.0, self.0.values())
    }
}

impl IntoIterator for Values {
    type Item = &'static str;
    type IntoIter = Texts;

    fn into_iter(self) -> Texts {
        self.iter()
    }
}

/// Fields, one after the other.
#[derive(Clone)]
pub struct Fields {
    place: Place,
    numbers: Range<u16>,
}

impl Fields {
    fn new(place: Place, run: Run) -> Self {
        Self { place, numbers: numbers(run) }
    }

    /// Whether any of these, or of the fields in them, is encrypted.
    pub fn has_encrypted(self) -> bool {
        fn within(mut fields: Fields, seen: &mut Vec<Model>) -> bool {
            fields.any(|field| field.is_encrypted() || inside(field.kind(), seen))
        }
        fn inside(kind: Kind, seen: &mut Vec<Model>) -> bool {
            match kind {
                Kind::Object(model) if !seen.contains(&model) => {
                    seen.push(model);
                    within(model.fields(), seen)
                }
                Kind::List(item) | Kind::Map(item) => inside(item.kind(), seen),
                _ => false,
            }
        }
        within(self, &mut Vec::new())
    }
}

impl Iterator for Fields {
    type Item = Field;

    fn next(&mut self) -> Option<Field> {
        self.numbers.next().map(|number| Field(self.place.beside(number)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.numbers.size_hint()
    }
}

impl ExactSizeIterator for Fields {}

/// Texts, one after the other.
#[derive(Clone)]
pub struct Texts {
    place: Place,
    numbers: Range<u16>,
}

impl Texts {
    fn new(place: Place, run: Run) -> Self {
        Self { place, numbers: numbers(run) }
    }
}

impl Iterator for Texts {
    type Item = &'static str;

    fn next(&mut self) -> Option<&'static str> {
        let text: Text = self.numbers.next().map(|number| self.place.beside(number).value())?;
        Some(self.place.text(text))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.numbers.size_hint()
    }
}

impl ExactSizeIterator for Texts {}

const fn numbers(run: Run) -> Range<u16> {
    run.0..run.0 + run.1
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Operation").field(&self.id()).finish()
    }
}

impl fmt::Debug for NotificationType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("NotificationType").field(&self.id()).finish()
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("max_bytes", &self.max_bytes())
            .field("extensions", &self.extensions())
            .finish()
    }
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Model").field(&self.name()).finish()
    }
}

/// Only the name: a type may hold itself.
impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Field").field(&self.name()).finish()
    }
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}
