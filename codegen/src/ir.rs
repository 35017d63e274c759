//! What the spec says, checked and resolved: the only thing the emitters see.

mod bills;
mod fill;
mod options;
mod retry;
mod tree;
mod uses;

use std::collections::BTreeMap;

use serde_json::Value;

pub use bills::{BillColumn, BillKind, BillSpec, BillTotal, BillValue, Compared, Needed};
pub use options::{ClientOption, OptionKind, OptionSpec};
pub use retry::{Retry, Wait};
pub use tree::Tree;
pub use uses::Uses;

/// The whole API.
#[derive(Debug, Default)]
pub struct Spec {
    /// One per file, sorted by path.
    pub modules: Vec<Module>,
    /// All types of all files, in the order of the files.
    pub types: Vec<TypeDef>,
    /// What is found out about them together, by [`Spec::find_facts`].
    facts: uses::Facts,
}

impl Spec {
    /// Finds out who uses each type. To be called once, when everything else is there.
    pub(crate) fn find_facts(&mut self) {
        uses::mark(self);
        self.facts = uses::Facts::of(self);
        fill::by_name(self);
    }

    /// Who uses a type.
    pub fn uses(&self, id: TypeId) -> &Uses {
        &self.facts.uses[id.0]
    }

    /// Whether `field` of `owner` holds `owner` again, directly or through other types, so that a struct by value would
    /// have no size. A list or a map does not.
    pub fn holds_owner(&self, owner: TypeId, field: &Field) -> bool {
        self.facts.holds_owner(owner, field)
    }

    /// The files as a tree.
    pub fn tree(&self) -> Tree<'_> {
        Tree::new(self)
    }

    /// The type behind an id.
    pub fn type_def(&self, id: TypeId) -> &TypeDef {
        &self.types[id.0]
    }

    /// The module that a type is written in.
    pub fn module_of(&self, id: TypeId) -> &Module {
        &self.modules[self.type_def(id).module]
    }

    /// Fields of an object type; none for an open enum.
    pub fn fields(&self, id: TypeId) -> &[Field] {
        match &self.type_def(id).shape {
            Shape::Object(fields) => fields,
            Shape::OpenEnum(_) => &[],
        }
    }

    /// All operations with their modules.
    pub fn operations(&self) -> impl Iterator<Item = (&Module, &Operation)> {
        self.modules
            .iter()
            .flat_map(|module| module.operations.iter().map(move |operation| (module, operation)))
    }

    /// All notifications with their modules.
    pub fn notifications(&self) -> impl Iterator<Item = (&Module, &Notification)> {
        self.modules.iter().flat_map(|module| module.notifications.iter().map(move |n| (module, n)))
    }
}

/// Index into [`Spec::types`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeId(pub usize);

/// One file of the spec.
#[derive(Debug)]
pub struct Module {
    /// Parts of the name: `["payments", "jsapi"]`.
    pub path: Vec<String>,
    /// The file, relative to the repository: `spec/payments/jsapi.yaml`.
    pub file: String,
    /// Title in English.
    pub title: String,
    /// Title in Chinese, as the official documentation has it.
    pub title_zh: Option<String>,
    /// What a caller must know of all its operations.
    pub description: Option<String>,
    /// Operations in the order of the file.
    pub operations: Vec<Operation>,
    /// Notifications in the order of the file.
    pub notifications: Vec<Notification>,
    /// Types in the order of the file.
    pub types: Vec<TypeId>,
}

impl Module {
    /// `payments.jsapi`
    pub fn id(&self) -> String {
        self.path.join(".")
    }

    /// The product family, which is the Cargo feature too: `payments`.
    pub fn family(&self) -> &str {
        self.path.first().map_or("", String::as_str)
    }
}

/// An operation.
#[derive(Debug)]
pub struct Operation {
    /// The line of its file where it stands.
    pub line: usize,
    /// snake_case name within its module: `prepay`.
    pub name: String,
    /// Full name: `payments.jsapi.prepay`.
    pub id: String,
    /// One line, English.
    pub title: String,
    /// Name of the official page.
    pub title_zh: Option<String>,
    /// What a caller must know besides.
    pub description: Option<String>,
    /// Upper case: `POST`.
    pub method: String,
    /// Path with parameters in braces.
    pub path: String,
    /// Page id of the official documentation.
    pub doc: Option<String>,
    /// Who may call it.
    pub role: Role,
    /// When it appeared.
    pub since: Option<String>,
    /// Where it lives.
    pub host: Host,
    /// How sure we are that it is current.
    pub standing: Standing,
    /// How often it may be called.
    pub rate_limit: Option<RateLimit>,
    /// Whether it may be repeated without harm.
    pub idempotent: bool,
    /// Operation that tells what became of this one.
    pub confirm: Option<String>,
    /// Operation whose flow the sandbox plays here too.
    pub flow: Option<String>,
    /// Documented error codes worth naming.
    pub errors: Vec<String>,
    /// What goes out.
    pub request: Request,
    /// What comes back.
    pub response: Response,
    /// With [`Response::File`]: the answer's signature covers the SHA-1 of the file. Other files are not signed.
    pub signed_digest: bool,
    /// Example of a request: path, query and body fields together; of an upload, path and further members of `meta`.
    pub example_request: Option<Value>,
    /// Example of an answer.
    pub example_response: Option<Value>,
}

impl Operation {
    /// The type of what the caller gives besides a file, when there is something: fields of a request, or of an upload.
    pub fn request_type(&self) -> Option<TypeId> {
        self.request_fields().map(|fields| fields.type_id)
    }

    /// What a caller must know of how it is called, as sentences.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.host == Host::Hk {
            notes.push(
                "Lives on apihk.mch.weixin.qq.com, for merchants of WeChat Pay outside of mainland China."
                    .to_owned(),
            );
        }
        notes.extend(self.rate_limit.map(|limit| limit.sentence()));
        if matches!(self.response, Response::Json) {
            notes.push("Nobody documented the answer: it comes as JSON, without a type.".to_owned());
        }
        if self.answers_file() {
            let note = match self.signed_digest {
                true => {
                    "Answers with a file. WeChat Pay signs its SHA-1, and what comes is compared with it."
                }
                false => {
                    "Answers with a file, which WeChat Pay does not sign: nothing vouches for its content."
                }
            };
            notes.push(note.to_owned());
        }
        notes
    }

    /// Whether a file comes back, which is written where the caller says.
    pub fn answers_file(&self) -> bool {
        matches!(self.response, Response::File)
    }

    /// Where these fields stand.
    pub fn request_fields(&self) -> Option<&RequestFields> {
        match &self.request {
            Request::Fields(fields) => Some(fields),
            Request::Upload { form, .. } => form.fields.as_ref(),
            Request::None => None,
        }
    }

    /// The answer's type, when it has one.
    pub fn response_type(&self) -> Option<TypeId> {
        match self.response {
            Response::Type(id) => Some(id),
            Response::None | Response::Json | Response::File => None,
        }
    }
}

/// Where an operation lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Host {
    /// api.mch.weixin.qq.com, and its second domain.
    #[default]
    Main,
    /// apihk.mch.weixin.qq.com, with certificates of its own and no second domain.
    Hk,
}

/// How often an operation may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// So many times …
    pub calls: u32,
    /// … in this time …
    pub per: Period,
    /// … by one of these.
    pub of: Caller,
}

impl RateLimit {
    /// `At most 100 calls a second for each merchant.`
    pub fn sentence(&self) -> String {
        let Self { calls, per, of } = self;
        let calls = if *calls == 1 { "1 call".to_owned() } else { format!("{calls} calls") };
        let per = match per {
            Period::Second => "a second",
            Period::Minute => "a minute",
            Period::Hour => "an hour",
            Period::Day => "a day",
        };
        let of = match of {
            Caller::Merchant => "merchant number",
            Caller::SubMerchant => "sub-merchant",
            Caller::User => "user",
        };
        format!("At most {calls} {per} for each {of}.")
    }
}

/// A span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// A second.
    Second,
    /// A minute.
    Minute,
    /// An hour.
    Hour,
    /// A day.
    Day,
}

/// Whose calls a rate limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Caller {
    /// Those of the merchant number that signs.
    #[default]
    Merchant,
    /// Those for one sub-merchant.
    SubMerchant,
    /// Those for one user.
    User,
}

/// What an operation sends.
#[derive(Debug)]
pub enum Request {
    /// Nothing.
    None,
    /// The fields of a type, spread over path, headers, query and body.
    Fields(RequestFields),
    /// A file.
    Upload {
        /// Largest file, in bytes.
        max_bytes: u64,
        /// File name extensions, lower case, without the dot.
        extensions: Vec<String>,
        /// What goes with the file.
        form: UploadForm,
    },
}

/// What the `meta` part of an upload says of the file.
#[derive(Debug)]
pub struct UploadForm {
    /// What the caller gives besides the file: path parameters, and in [`RequestFields::body`] further members of `meta`.
    pub fields: Option<RequestFields>,
    /// Member with the file's name.
    pub name_member: Option<String>,
    /// How the file is hashed.
    pub digest: Digest,
    /// Member with the hash, in hexadecimal.
    pub digest_member: String,
    /// Member with the name of the algorithm.
    pub algorithm_member: Option<String>,
}

/// A hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Digest {
    /// SHA-256.
    #[default]
    Sha256,
    /// SM3.
    Sm3,
}

impl Digest {
    /// The name that uploads give: `SHA256`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA256",
            Self::Sm3 => "SM3",
        }
    }
}

/// Where the fields of a request stand: indexes into the fields of its type.
#[derive(Debug)]
pub struct RequestFields {
    /// The request's type.
    pub type_id: TypeId,
    /// In the path, in the order of the path.
    pub path: Vec<usize>,
    /// In headers: `idempotency_key` is `Idempotency-Key`.
    pub headers: Vec<usize>,
    /// In the query string.
    pub query: Vec<usize>,
    /// In the JSON body.
    pub body: Vec<usize>,
}

/// What an operation answers.
#[derive(Debug, Clone, Copy)]
pub enum Response {
    /// Nothing.
    None,
    /// A JSON object.
    Type(TypeId),
    /// JSON that nobody documented.
    Json,
    /// A file.
    File,
}

/// A notification.
#[derive(Debug)]
pub struct Notification {
    /// The line of its file where it stands.
    pub line: usize,
    /// snake_case name within its module.
    pub name: String,
    /// Full name: `payments.transaction`.
    pub id: String,
    /// One line, English.
    pub title: String,
    /// Name of the official page.
    pub title_zh: Option<String>,
    /// What a receiver must know besides.
    pub description: Option<String>,
    /// When it is sent again; none when nobody documented it.
    pub retry: Option<Retry>,
    /// Values of `event_type`.
    pub events: Vec<String>,
    /// Values of `original_type`; empty: any.
    pub original_types: Vec<String>,
    /// Members that the decrypted resource must have to be this notification.
    pub has: Vec<String>,
    /// Page id of the official documentation.
    pub doc: Option<String>,
    /// Type of the decrypted resource.
    pub resource: TypeId,
    /// Type of the answer, when it is to be answered with signed JSON; other notifications are answered with a status.
    pub answer: Option<TypeId>,
    /// Example of the decrypted resource.
    pub example: Option<Value>,
    /// Example of the answer.
    pub answer_example: Option<Value>,
}

/// A named type.
#[derive(Debug)]
pub struct TypeDef {
    /// PascalCase name.
    pub name: String,
    /// The line of its file where it stands.
    pub line: usize,
    /// Index into [`Spec::modules`].
    pub module: usize,
    /// What it is.
    pub shape: Shape,
    /// Which of its fields stand for each other; none for an open enum.
    pub choices: Vec<Choice>,
    /// Occurs in a request, or in the answer to a notification: in what the merchant sends.
    pub in_request: bool,
    /// Occurs in an answer or a notification.
    pub in_reply: bool,
}

impl TypeDef {
    /// Whether a value in memory may lack the field. An answer that lacks a field which the documentation calls required
    /// still reaches the caller, so everything in an answer may be missing.
    pub fn may_lack(&self, field: &Field) -> bool {
        self.in_reply || !field.caller_must_give()
    }

    /// Whether who makes a value to send must give the field: what a constructor takes.
    pub fn demands(&self, field: &Field) -> bool {
        self.in_request && field.caller_must_give()
    }
}

/// What a named type is.
#[derive(Debug)]
pub enum Shape {
    /// An object.
    Object(Vec<Field>),
    /// Text with known values.
    OpenEnum(Vec<EnumValue>),
}

/// Fields of which some must be given, for they say the same in different ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Exactly one of the alternatives; otherwise at least one.
    pub exactly_one: bool,
    /// Names of fields that belong together, for each alternative; at least two alternatives.
    pub alternatives: Vec<Vec<String>>,
}

impl Choice {
    /// ``Exactly one of `a` and `b` together with `c` must be given.`` `quote` goes around the names.
    pub fn sentence(&self, quote: &str) -> String {
        let alternatives: Vec<String> = self
            .alternatives
            .iter()
            .map(|names| {
                names
                    .iter()
                    .map(|name| format!("{quote}{name}{quote}"))
                    .collect::<Vec<_>>()
                    .join(" together with ")
            })
            .collect();
        let (last, rest) =
            alternatives.split_last().map_or((String::new(), &[][..]), |(last, rest)| (last.clone(), rest));
        let how = if self.exactly_one { "Exactly one" } else { "At least one" };
        format!("{how} of {} and {last} must be given.", rest.join(", "))
    }
}

/// A known value of an open enum.
#[derive(Debug)]
pub struct EnumValue {
    /// On the wire.
    pub value: String,
    /// Meaning.
    pub doc: Option<String>,
}

/// A field of an object.
#[derive(Debug)]
pub struct Field {
    /// Name on the wire.
    pub name: String,
    /// The line of its type's file where it stands.
    pub line: usize,
    /// Not optional.
    pub required: bool,
    /// Type of the value.
    pub ty: Type,
    /// Longest value: characters or elements.
    pub max: Option<u32>,
    /// What else the value must be.
    pub rules: Vec<Rule>,
    /// RSA-OAEP encrypted on the wire.
    pub encrypt: bool,
    /// Filled in from the client's configuration.
    pub fill: Option<Fill>,
    /// The choices of its type that name this field.
    pub choices: Vec<Choice>,
    /// Meaning and unit.
    pub doc: Option<String>,
    /// Its short name in Chinese, as the official documentation has it.
    pub label: Option<String>,
}

impl Field {
    /// Meaning and unit, with the Chinese name behind the first sentence: `Order number (商户订单号). Unique.`
    pub fn description(&self) -> Option<String> {
        match (&self.doc, &self.label) {
            (Some(doc), Some(label)) => Some(with_label(doc, label)),
            (doc, label) => doc.clone().or_else(|| label.clone()),
        }
    }

    /// Whether the caller must give it.
    pub fn caller_must_give(&self) -> bool {
        self.required && self.fill.is_none()
    }
}

fn with_label(doc: &str, label: &str) -> String {
    let (doc, stop) = doc.strip_suffix('.').map_or((doc, ""), |doc| (doc, "."));
    // A full stop between back-ticks ends no sentence.
    let end = doc.match_indices(". ").map(|(at, _)| at).find(|at| doc[..*at].matches('`').count() % 2 == 0);
    let (first, rest) = doc.split_at(end.unwrap_or(doc.len()));
    format!("{first} ({label}){rest}{stop}")
}

/// A rule for a value besides its type and its longest length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// Fewest characters or elements.
    Min(u32),
    /// Most characters or elements. Only within [`Rule::Suspected`]; otherwise it is [`Field::max`].
    Max(u32),
    /// Fewest bytes in UTF-8.
    MinBytes(u32),
    /// Most bytes in UTF-8.
    MaxBytes(u32),
    /// The characters that may stand in the text.
    Characters(Characters),
    /// Least number.
    Minimum(i64),
    /// Largest number.
    Maximum(i64),
    /// A URL that WeChat Pay would send notifications to.
    NotifyUrl,
    /// Not certain: the sandbox warns, the client lets the value pass.
    Suspected(Box<Self>),
}

/// A set of characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Characters {
    /// From, to; both included.
    pub ranges: Vec<(char, char)>,
}

impl Characters {
    /// Whether a text is made of these characters.
    pub fn hold(&self, text: &str) -> bool {
        text.chars().all(|c| self.ranges.iter().any(|(from, to)| (*from..=*to).contains(&c)))
    }

    /// A regular expression that fits texts of these characters alone.
    pub fn regex(&self) -> String {
        let escaped = |character: char| match character {
            '-' | '^' | '[' | ']' | '\\' => format!("\\{character}"),
            character => character.to_string(),
        };
        let ranges = self.ranges.iter().map(|(from, to)| match from == to {
            true => escaped(*from),
            false => format!("{}-{}", escaped(*from), escaped(*to)),
        });
        format!("^[{}]*$", ranges.collect::<String>())
    }

    /// The set in words: `digits, letters and _-|*`; `quote` goes around the signs.
    pub fn words(&self, quote: &str) -> String {
        let has = |range: (char, char)| self.ranges.contains(&range);
        let (small, capital) = (has(('a', 'z')), has(('A', 'Z')));
        let mut words = Vec::new();
        if has(('0', '9')) {
            words.push("digits".to_owned());
        }
        match (small, capital) {
            (true, true) => words.push("letters".to_owned()),
            (true, false) => words.push("small letters".to_owned()),
            (false, true) => words.push("capital letters".to_owned()),
            (false, false) => {}
        }
        let mut signs = String::new();
        for (from, to) in &self.ranges {
            match (from, to) {
                ('0', '9') | ('a', 'z') | ('A', 'Z') | (' ', ' ') => {}
                (from, to) if from == to => signs.push(*from),
                (from, to) => words.push(format!("{from}-{to}")),
            }
        }
        if !signs.is_empty() {
            words.push(format!("{quote}{signs}{quote}"));
        }
        if has((' ', ' ')) {
            words.push("blanks".to_owned());
        }
        match words.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
            Some((last, _)) => last.clone(),
            None => String::new(),
        }
    }
}

/// Type of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// Text.
    String,
    /// 64-bit integer.
    Int,
    /// Boolean.
    Bool,
    /// Number with a fraction.
    Number,
    /// RFC 3339 text.
    Timestamp,
    /// Any JSON.
    Json,
    /// A type of the spec.
    Named(TypeId),
    /// A list.
    List(Box<Self>),
    /// An object with free keys.
    Map(Box<Self>),
}

impl Type {
    /// The named type inside lists and maps, if any.
    pub fn named(&self) -> Option<TypeId> {
        match self {
            Self::Named(id) => Some(*id),
            Self::List(inner) | Self::Map(inner) => inner.named(),
            _ => None,
        }
    }
}

/// What the client can fill in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fill {
    /// The merchant number.
    Mchid,
    /// The number of the sub-merchant that calls are made for.
    SubMchid,
}

/// Who may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A direct merchant.
    Merchant,
    /// A service provider.
    Partner,
    /// Either.
    Both,
    /// An acquiring institution.
    Acquirer,
}

/// How sure we are that an endpoint is current.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// In the official documentation.
    Documented,
    /// Gone from it.
    Retired,
    /// Known from community tables only.
    Community,
}

/// `spec/errors.yaml`: what can go wrong.
#[derive(Debug)]
pub struct ErrorSpec {
    /// Closed list of kinds.
    pub kinds: Vec<ErrorKind>,
    /// Codes that this library itself gives.
    pub codes: Vec<ErrorCode>,
    /// The HTTP status that goes with a code of WeChat Pay.
    pub statuses: BTreeMap<String, u16>,
}

/// One kind of error.
#[derive(Debug)]
pub struct ErrorKind {
    /// snake_case name.
    pub name: String,
    /// What it means.
    pub doc: String,
}

/// One code of this library.
#[derive(Debug)]
pub struct ErrorCode {
    /// Upper-case code.
    pub code: String,
    /// Name of its kind.
    pub kind: String,
    /// What it means and what to do.
    pub advice: String,
}
