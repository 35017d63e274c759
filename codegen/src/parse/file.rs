//! One spec file as it is written: keys checked, names not yet looked up.

use crate::diagnostics::Diagnostics;
use crate::ir::Retry;
use crate::names;
use crate::parse::operation::{Operation, host, operation};
use crate::parse::parts::{doc_page, has_key, text_of, title, values};
use crate::parse::reader::{Reader, Spanned};
use crate::parse::retry::retry;
use crate::parse::types::{TypeDef, type_def};
use crate::yaml::{Entry, Node};

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
pub(super) struct Notification {
    pub(super) name: Spanned<String>,
    pub(super) title: String,
    pub(super) title_zh: Option<String>,
    pub(super) description: Option<String>,
    pub(super) retry: Option<Retry>,
    pub(super) events: Vec<String>,
    pub(super) original_types: Vec<String>,
    pub(super) has: Vec<Spanned<String>>,
    pub(super) doc: Option<String>,
    pub(super) resource: Spanned<String>,
    pub(super) answer: Option<Spanned<String>>,
    pub(super) example: Option<Node>,
    pub(super) answer_example: Option<Node>,
}

const FILE_KEYS: &[&str] =
    &["title", "title_zh", "description", "host", "operations", "notifications", "types"];
const NOTIFICATION_KEYS: &[&str] = &[
    "events",
    "original_types",
    "has",
    "title",
    "title_zh",
    "description",
    "doc",
    "retry",
    "resource",
    "answer",
    "example",
    "answer_example",
];

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
    let mut host_of_all = None;
    for entry in reader.map("a spec file", &root) {
        let node = &entry.node;
        match entry.key.as_str() {
            "title" => file.title = text_of(reader.text("title", node)).unwrap_or_default(),
            "title_zh" => file.title_zh = text_of(reader.text("title_zh", node)),
            "description" => file.description = text_of(reader.text("description", node)),
            "host" => host_of_all = host(&mut reader, node),
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
    for operation in &mut file.operations {
        operation.host = operation.host.or(host_of_all);
    }
    if !has_key(&root, "title") {
        reader.error(root.pos, "the file needs a `title`");
    }
    Some(file)
}

fn notification(reader: &mut Reader<'_>, entry: &Entry) -> Option<Notification> {
    let what = format!("notification `{}`", entry.key);
    if !names::is_snake_case(&entry.key) {
        reader.error(entry.pos, format!("{what}: a notification's name must be snake_case"));
    }
    let (mut title_text, mut title_zh, mut doc, mut resource, mut answer) =
        (String::new(), None, None, None, None);
    let (mut description, mut schedule, mut example, mut answer_example) = (None, None, None, None);
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
            "description" => description = text_of(reader.text("description", node)),
            "doc" => doc = doc_page(reader, node),
            "retry" => schedule = retry(reader, node),
            "resource" => resource = reader.text("resource", node),
            "answer" => answer = reader.text("answer", node),
            "example" => example = Some(node.clone()),
            "answer_example" => answer_example = Some(node.clone()),
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
        description,
        retry: schedule,
        events,
        original_types,
        has,
        doc,
        resource: resource?,
        answer,
        example,
        answer_example,
    })
}
