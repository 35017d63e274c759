//! How the operation table is kept: records of plain numbers, one [`Table`] for each file of the spec.
//!
//! A `static` full of `&'static str` costs more in pointers than in content: each takes 8 bytes, the library names each
//! once more for the loader (24 bytes), and the loader writes them all at every start, into memory that processes then
//! no longer share. So a record holds no pointer: a text is a place in the text of its table, a list is a run of
//! records of its table, and a type is a number. The names that records stand for are in the comments of the generated
//! files; [`operation`](crate::operation) is how everybody reads them. Reasons and measurements:
//! `docs/adr/0020-table-without-pointers.md`.
//!
//! A record starts with what it always has; the rest is added by methods. So a new property is one field and one method
//! here, and changes no generated file but those of operations that have it.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::num::NonZeroU32;

use crate::http::Method;

#[cfg(test)]
pub(crate) mod draft;

/// A text: where it begins in the text of its table, and its length in bytes. Without a length there is none.
#[derive(Clone, Copy)]
pub(crate) struct Text(pub(crate) u16, pub(crate) u16);

/// Records that follow each other: the number of the first, and how many there are.
#[derive(Clone, Copy)]
pub(crate) struct Run(pub(crate) u16, pub(crate) u16);

/// What one file of the spec describes.
pub(crate) struct Table {
    /// Name of the file: `payments.jsapi`. The ids of its operations begin with it.
    pub(crate) module: &'static str,
    /// All texts, one after the other, each once.
    pub(crate) text: &'static str,
    pub(crate) operations: &'static [OperationRecord],
    pub(crate) notifications: &'static [NotificationRecord],
    pub(crate) uploads: &'static [UploadRecord],
    pub(crate) models: &'static [ModelRecord],
    /// Models of other tables. They are numbered after the own ones.
    pub(crate) other_models: &'static [Place],
    pub(crate) fields: &'static [FieldRecord],
    /// What lists and maps hold.
    pub(crate) items: &'static [Type],
    /// Open enums: their known values, in `values`.
    pub(crate) enums: &'static [Run],
    /// Open enums of other tables. They are numbered after the own ones.
    pub(crate) other_enums: &'static [Place],
    /// Members of lists of texts.
    pub(crate) values: &'static [Text],
    pub(crate) rules: &'static [RuleRecord],
    pub(crate) choices: &'static [ChoiceRecord],
    /// After which notifications are sent again.
    pub(crate) waits: &'static [WaitRecord],
}

impl Table {
    /// A table of nothing, for what a file does not have.
    pub(crate) const EMPTY: Self = Self {
        module: "",
        text: "",
        operations: &[],
        notifications: &[],
        uploads: &[],
        models: &[],
        other_models: &[],
        fields: &[],
        items: &[],
        enums: &[],
        other_enums: &[],
        values: &[],
        rules: &[],
        choices: &[],
        waits: &[],
    };
}

/// The tables of a spec, sorted by the name of their file.
#[derive(Clone, Copy)]
pub(crate) struct Tables(pub(crate) &'static [&'static Table]);

impl Tables {
    /// Every operation: file by file, in the order of the spec.
    pub(crate) fn operations(self) -> impl Iterator<Item = Place> + Clone {
        self.0.iter().flat_map(|table| table.places(table.operations.len()))
    }

    /// Every notification: file by file, in the order of the spec.
    pub(crate) fn notifications(self) -> impl Iterator<Item = Place> + Clone {
        self.0.iter().flat_map(|table| table.places(table.notifications.len()))
    }

    /// The operation with this id.
    pub(crate) fn find(self, id: &str) -> Option<Place> {
        let (module, _) = id.rsplit_once('.')?;
        let table = self.0.binary_search_by(|table| table.module.cmp(module)).ok()?;
        let table: &'static Table = self.0.get(table)?;
        table.places(table.operations.len()).find(|place| place.text(place.operation().id) == id)
    }
}

impl Table {
    fn places(&'static self, count: usize) -> impl ExactSizeIterator<Item = Place> + Clone {
        (0..count).map(move |index| Place { table: self, index: index as u16 })
    }
}

/// A record: its table, and its number there. What kind of record it is knows the handle around it.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) table: &'static Table,
    index: u16,
}

impl Place {
    pub(crate) const fn new(table: &'static Table, index: u16) -> Self {
        Self { table, index }
    }

    /// Another record of the same table.
    pub(crate) const fn beside(self, index: u16) -> Self {
        Self { table: self.table, index }
    }

    /// A text of the same table.
    pub(crate) fn text(self, text: Text) -> &'static str {
        let start = usize::from(text.0);
        &self.table.text[start..start + usize::from(text.1)]
    }

    /// The model of this number, as the records of this table count them.
    pub(crate) fn model_numbered(self, number: u16) -> Self {
        match usize::from(number).checked_sub(self.table.models.len()) {
            None => self.beside(number),
            Some(other) => self.table.other_models[other],
        }
    }

    /// The open enum of this number, as the records of this table count them.
    pub(crate) fn enum_numbered(self, number: u16) -> Self {
        match usize::from(number).checked_sub(self.table.enums.len()) {
            None => self.beside(number),
            Some(other) => self.table.other_enums[other],
        }
    }

    pub(crate) fn operation(self) -> &'static OperationRecord {
        &self.table.operations[usize::from(self.index)]
    }

    pub(crate) fn notification(self) -> &'static NotificationRecord {
        &self.table.notifications[usize::from(self.index)]
    }

    pub(crate) fn upload(self) -> &'static UploadRecord {
        &self.table.uploads[usize::from(self.index)]
    }

    pub(crate) fn model(self) -> &'static ModelRecord {
        &self.table.models[usize::from(self.index)]
    }

    pub(crate) fn field(self) -> &'static FieldRecord {
        &self.table.fields[usize::from(self.index)]
    }

    pub(crate) fn item(self) -> Type {
        self.table.items[usize::from(self.index)]
    }

    pub(crate) fn values(self) -> Run {
        self.table.enums[usize::from(self.index)]
    }

    pub(crate) fn value(self) -> Text {
        self.table.values[usize::from(self.index)]
    }

    pub(crate) fn rule(self) -> RuleRecord {
        self.table.rules[usize::from(self.index)]
    }

    pub(crate) fn wait(self) -> WaitRecord {
        self.table.waits[usize::from(self.index)]
    }

    pub(crate) fn choice(self) -> ChoiceRecord {
        self.table.choices[usize::from(self.index)]
    }
}

/// Two places are one when they are the same record, whatever the records say: two files may have types of one name.
impl PartialEq for Place {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.table, other.table) && self.index == other.index
    }
}

impl Eq for Place {}

impl Hash for Place {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::ptr::hash(self.table, state);
        self.index.hash(state);
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]", self.table.module, self.index)
    }
}

/// An operation.
pub(crate) struct OperationRecord {
    pub(crate) id: Text,
    pub(crate) path: Text,
    pub(crate) confirm: Text,
    pub(crate) doc: Text,
    pub(crate) path_params: Run,
    pub(crate) headers: Run,
    pub(crate) query: Run,
    pub(crate) body: BodyRecord,
    pub(crate) reply: ReplyRecord,
    pub(crate) method: Method,
    /// Of `choices`.
    pub(crate) choices: Run,
    pub(crate) standing: Standing,
    pub(crate) host: Host,
    pub(crate) idempotent: bool,
}

/// What a request carries.
#[derive(Clone, Copy)]
pub(crate) enum BodyRecord {
    None,
    /// Of `fields`.
    Json(Run),
    /// Number of an upload.
    Upload(u16),
}

/// What an answer carries.
#[derive(Clone, Copy)]
pub(crate) enum ReplyRecord {
    None,
    /// Number of a model.
    Json(u16),
    /// JSON that nobody documented.
    Untyped,
    File,
    /// A file whose digest is signed.
    SignedFile,
}

impl OperationRecord {
    pub(crate) const fn new(method: Method, path: Text, id: Text) -> Self {
        Self {
            id,
            path,
            confirm: Text(0, 0),
            doc: Text(0, 0),
            path_params: Run(0, 0),
            headers: Run(0, 0),
            query: Run(0, 0),
            body: BodyRecord::None,
            reply: ReplyRecord::None,
            method,
            choices: Run(0, 0),
            standing: Standing::Documented,
            host: Host::Main,
            idempotent: false,
        }
    }

    pub(crate) const fn path_params(mut self, fields: Run) -> Self {
        self.path_params = fields;
        self
    }

    pub(crate) const fn headers(mut self, fields: Run) -> Self {
        self.headers = fields;
        self
    }

    pub(crate) const fn query(mut self, fields: Run) -> Self {
        self.query = fields;
        self
    }

    pub(crate) const fn json(mut self, fields: Run) -> Self {
        self.body = BodyRecord::Json(fields);
        self
    }

    pub(crate) const fn upload(mut self, upload: u16) -> Self {
        self.body = BodyRecord::Upload(upload);
        self
    }

    pub(crate) const fn answers(mut self, model: u16) -> Self {
        self.reply = ReplyRecord::Json(model);
        self
    }

    #[allow(dead_code, reason = "no answer of today's spec is without a type")]
    pub(crate) const fn answers_json(mut self) -> Self {
        self.reply = ReplyRecord::Untyped;
        self
    }

    pub(crate) const fn answers_file(mut self) -> Self {
        self.reply = ReplyRecord::File;
        self
    }

    #[allow(dead_code, reason = "today's spec has no file whose digest is signed")]
    pub(crate) const fn answers_signed_file(mut self) -> Self {
        self.reply = ReplyRecord::SignedFile;
        self
    }

    #[allow(dead_code, reason = "no request of today's spec has a choice")]
    pub(crate) const fn choices(mut self, choices: Run) -> Self {
        self.choices = choices;
        self
    }

    #[allow(dead_code, reason = "all operations of today's spec live on the main host")]
    pub(crate) const fn host(mut self, host: Host) -> Self {
        self.host = host;
        self
    }

    pub(crate) const fn idempotent(mut self) -> Self {
        self.idempotent = true;
        self
    }

    pub(crate) const fn confirm(mut self, id: Text) -> Self {
        self.confirm = id;
        self
    }

    pub(crate) const fn doc(mut self, page: Text) -> Self {
        self.doc = page;
        self
    }

    #[allow(dead_code, reason = "all operations typed today may be documented")]
    pub(crate) const fn standing(mut self, standing: Standing) -> Self {
        self.standing = standing;
        self
    }
}

/// A notification; the runs are of `values`, that of `retry` is of `waits`.
pub(crate) struct NotificationRecord {
    pub(crate) id: Text,
    pub(crate) doc: Text,
    pub(crate) events: Run,
    pub(crate) original_types: Run,
    pub(crate) has: Run,
    /// An empty run: it is not sent again. None: nobody documented when it is.
    pub(crate) retry: Option<Run>,
    /// Number of a model.
    pub(crate) resource: u16,
    /// Number of the model that it is answered with, where a status is not enough.
    pub(crate) answer: Option<u16>,
}

/// So many seconds, so many times.
#[derive(Clone, Copy)]
pub(crate) struct WaitRecord(pub(crate) u32, pub(crate) u16);

impl NotificationRecord {
    pub(crate) const fn new(id: Text, events: Run, resource: u16) -> Self {
        let none = Run(0, 0);
        Self {
            id,
            doc: Text(0, 0),
            events,
            original_types: none,
            has: none,
            retry: None,
            resource,
            answer: None,
        }
    }

    pub(crate) const fn answer(mut self, model: u16) -> Self {
        self.answer = Some(model);
        self
    }

    pub(crate) const fn original_types(mut self, values: Run) -> Self {
        self.original_types = values;
        self
    }

    pub(crate) const fn retry(mut self, waits: Run) -> Self {
        self.retry = Some(waits);
        self
    }

    pub(crate) const fn has(mut self, values: Run) -> Self {
        self.has = values;
        self
    }

    pub(crate) const fn doc(mut self, page: Text) -> Self {
        self.doc = page;
        self
    }
}

/// Limits of an upload.
pub(crate) struct UploadRecord {
    pub(crate) max_bytes: u64,
    /// Of `values`.
    pub(crate) extensions: Run,
    /// What the caller gives for `meta` besides the file, of `fields`.
    pub(crate) fields: Run,
    /// Member of `meta` with the file's name; without a text `filename`.
    pub(crate) name_member: Text,
    pub(crate) has_name: bool,
    pub(crate) digest: Digest,
    /// Member with the hash; without a text that of the hash's name, `sha256`.
    pub(crate) digest_member: Text,
    /// Member with the name of the hash; often there is none.
    pub(crate) algorithm_member: Text,
}

impl UploadRecord {
    pub(crate) const fn new(max_bytes: u64, extensions: Run) -> Self {
        Self {
            max_bytes,
            extensions,
            fields: Run(0, 0),
            name_member: Text(0, 0),
            has_name: true,
            digest: Digest::Sha256,
            digest_member: Text(0, 0),
            algorithm_member: Text(0, 0),
        }
    }
}

#[allow(dead_code, reason = "the uploads of today's spec say what most say")]
impl UploadRecord {
    pub(crate) const fn fields(mut self, fields: Run) -> Self {
        self.fields = fields;
        self
    }

    pub(crate) const fn name_in(mut self, member: Text) -> Self {
        self.name_member = member;
        self
    }

    pub(crate) const fn without_name(mut self) -> Self {
        self.has_name = false;
        self
    }

    pub(crate) const fn digest(mut self, digest: Digest) -> Self {
        self.digest = digest;
        self
    }

    pub(crate) const fn digest_in(mut self, member: Text) -> Self {
        self.digest_member = member;
        self
    }

    pub(crate) const fn algorithm_in(mut self, member: Text) -> Self {
        self.algorithm_member = member;
        self
    }
}

/// A JSON object.
pub(crate) struct ModelRecord {
    pub(crate) name: Text,
    /// Of `fields`.
    pub(crate) fields: Run,
    /// Of `choices`.
    pub(crate) choices: Run,
}

impl ModelRecord {
    pub(crate) const fn new(name: Text, fields: Run) -> Self {
        Self { name, fields, choices: Run(0, 0) }
    }

    #[allow(dead_code, reason = "no object of today's spec has a choice")]
    pub(crate) const fn choices(mut self, choices: Run) -> Self {
        self.choices = choices;
        self
    }
}

/// Fields of which some must be given. The alternatives are of `values`; one of several fields names them with a blank
/// between.
#[derive(Clone, Copy)]
#[allow(dead_code, reason = "no object of today's spec has a choice")]
pub(crate) enum ChoiceRecord {
    ExactlyOne(Run),
    AtLeastOne(Run),
}

/// A field of an object, or a parameter. There are ten thousands of these: 16 bytes each.
#[derive(Clone, Copy)]
pub(crate) struct FieldRecord {
    pub(crate) name: Text,
    pub(crate) ty: Type,
    pub(crate) max: Option<NonZeroU32>,
    /// The first of its rules.
    pub(crate) rule: u16,
    pub(crate) rule_count: u8,
    flags: u8,
}

const REQUIRED: u8 = 1;
const ENCRYPTED: u8 = 2;
const FILLED_WITH_MCHID: u8 = 4;
const FILLED_WITH_SUB_MCHID: u8 = 8;

impl FieldRecord {
    pub(crate) const fn optional(name: Text, ty: Type) -> Self {
        Self { name, ty, max: None, rule: 0, rule_count: 0, flags: 0 }
    }

    pub(crate) const fn required(name: Text, ty: Type) -> Self {
        Self { flags: REQUIRED, ..Self::optional(name, ty) }
    }

    pub(crate) const fn max(mut self, max: u32) -> Self {
        self.max = NonZeroU32::new(max);
        self
    }

    pub(crate) const fn rules(mut self, first: u16, count: u8) -> Self {
        self.rule = first;
        self.rule_count = count;
        self
    }

    pub(crate) const fn encrypted(mut self) -> Self {
        self.flags |= ENCRYPTED;
        self
    }

    pub(crate) const fn filled(mut self, fill: Fill) -> Self {
        self.flags |= match fill {
            Fill::Mchid => FILLED_WITH_MCHID,
            Fill::SubMchid => FILLED_WITH_SUB_MCHID,
        };
        self
    }

    pub(crate) const fn is_required(&self) -> bool {
        self.flags & REQUIRED != 0
    }

    pub(crate) const fn is_encrypted(&self) -> bool {
        self.flags & ENCRYPTED != 0
    }

    pub(crate) const fn fill(&self) -> Option<Fill> {
        match self.flags & (FILLED_WITH_MCHID | FILLED_WITH_SUB_MCHID) {
            0 => None,
            FILLED_WITH_MCHID => Some(Fill::Mchid),
            _ => Some(Fill::SubMchid),
        }
    }
}

const _: () = assert!(size_of::<FieldRecord>() == 16, "fields are most of the table");

/// Type of a value.
#[derive(Clone, Copy)]
#[allow(dead_code, reason = "the spec does not use every one of them today")]
pub(crate) enum Type {
    String,
    Int,
    Bool,
    Number,
    Timestamp,
    Json,
    /// Number of an open enum.
    OpenEnum(u16),
    /// Number of a model.
    Object(u16),
    /// Number of an item.
    List(u16),
    /// Number of an item.
    Map(u16),
}

/// A rule for a value.
#[derive(Clone, Copy)]
#[allow(dead_code, reason = "the spec does not use every one of them today")]
pub(crate) enum RuleRecord {
    Min(u32),
    /// Only behind [`Suspected`](Self::Suspected); otherwise it is the field's `max`.
    Max(u32),
    MinBytes(u32),
    MaxBytes(u32),
    /// The set in words, and the set itself: from and to of the first range, of the second, and so on.
    Characters(Text, Text),
    Minimum(i64),
    Maximum(i64),
    NotifyUrl,
    /// Number of the rule that is not certain.
    Suspected(u16),
}

/// A value that the client knows and the caller may leave out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fill {
    /// The merchant number of the client.
    Mchid,
    /// The number of the sub-merchant that calls are made for.
    SubMchid,
}

/// Where an operation lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Host {
    /// `api.mch.weixin.qq.com`, and its second domain.
    Main,
    /// `apihk.mch.weixin.qq.com`, for merchants outside of mainland China. It has no second domain.
    Hk,
}

/// How an upload's file is hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Digest {
    /// SHA-256.
    Sha256,
    /// SM3, the hash function of GB/T 32905.
    Sm3,
}

/// How sure we are that an endpoint is current.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Standing {
    /// In the official documentation.
    Documented,
    /// Typed by an official SDK or an older document, gone from today's documentation.
    Retired,
    /// Known from community tables only.
    Community,
}
