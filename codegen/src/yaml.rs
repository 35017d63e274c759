//! YAML as a tree that knows where everything stands.
//!
//! Stricter than YAML: a key may stand once only, keys are plain text, and there are no anchors, aliases and tags.

use std::borrow::Cow;

use saphyr::{Scalar, ScalarStyle};
use saphyr_parser::{Event, Marker, Parser, ScanError, Span, SpannedEventReceiver, Tag};
use serde_json::Value;

use crate::diagnostics::{Diagnostics, Pos};

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// Where it starts.
    pub(crate) pos: Pos,
    /// What it is.
    pub(crate) data: Data,
}

/// What a node is.
#[derive(Debug, Clone)]
pub(crate) enum Data {
    /// A string, number, boolean or null; the text is kept as it was written.
    Scalar {
        /// The text as written, without quotes.
        text: String,
        /// The value by the rules of YAML 1.2.
        value: Value,
    },
    /// A list.
    List(Vec<Node>),
    /// A mapping, in the order of the file.
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// The key.
    pub(crate) key: String,
    /// Where the key stands.
    pub(crate) pos: Pos,
    /// The value.
    pub(crate) node: Node,
}

impl Node {
    /// What the node is, in words, for error messages.
    pub(crate) fn describe(&self) -> &'static str {
        match &self.data {
            Data::Scalar { value: Value::Null, .. } => "nothing",
            Data::Scalar { value: Value::Bool(_), .. } => "a boolean",
            Data::Scalar { value: Value::Number(_), .. } => "a number",
            Data::Scalar { .. } => "a string",
            Data::List(_) => "a list",
            Data::Map(_) => "a mapping",
        }
    }

    /// The value as JSON.
    pub(crate) fn to_json(&self) -> Value {
        match &self.data {
            Data::Scalar { value, .. } => value.clone(),
            Data::List(items) => items.iter().map(Self::to_json).collect(),
            Data::Map(entries) => {
                Value::Object(entries.iter().map(|entry| (entry.key.clone(), entry.node.to_json())).collect())
            }
        }
    }
}

/// Reads a file. Errors go to `diagnostics`; `None` means that there is no tree at all.
pub(crate) fn load(file: &str, text: &str, diagnostics: &mut Diagnostics) -> Option<Node> {
    let mut builder = Builder { file, diagnostics, open: Vec::new(), root: None };
    if let Err(error) = Parser::new_from_str(text).load(&mut builder, true) {
        let pos = position(error.marker());
        diagnostics.push(file, pos, format!("not valid YAML: {}", scan_error_text(&error)));
        return None;
    }
    let root = builder.root;
    if root.is_none() {
        diagnostics.push(file, Pos { line: 1, column: 1 }, "the file is empty");
    }
    root
}

fn scan_error_text(error: &ScanError) -> String {
    error.info().to_owned()
}

fn position(marker: &Marker) -> Pos {
    Pos { line: marker.line(), column: marker.col() + 1 }
}

struct Builder<'a> {
    file: &'a str,
    diagnostics: &'a mut Diagnostics,
    open: Vec<Open>,
    root: Option<Node>,
}

/// A list or mapping that is not finished.
enum Open {
    List(Pos, Vec<Node>),
    Map { pos: Pos, entries: Vec<Entry>, key: Option<(String, Pos)> },
}

impl Builder<'_> {
    fn error(&mut self, pos: Pos, message: impl Into<String>) {
        self.diagnostics.push(self.file, pos, message);
    }

    fn add(&mut self, node: Node) {
        match self.open.last_mut() {
            None if self.root.is_none() => self.root = Some(node),
            None => self.error(node.pos, "a second document: a spec file holds one"),
            Some(Open::List(_, items)) => items.push(node),
            Some(Open::Map { entries, key, .. }) => match key.take() {
                Some((key, pos)) => match entries.iter().find(|entry| entry.key == key) {
                    Some(first) => {
                        let message =
                            format!("the key `{key}` stands here twice: first in line {}", first.pos.line);
                        self.error(pos, message);
                    }
                    None => entries.push(Entry { key, pos, node }),
                },
                None => {
                    let text = match node.data {
                        Data::Scalar { text, .. } => text,
                        _ => {
                            self.error(node.pos, format!("a key must be text, not {}", node.describe()));
                            String::new()
                        }
                    };
                    if let Some(Open::Map { key, .. }) = self.open.last_mut() {
                        *key = Some((text, node.pos));
                    }
                }
            },
        }
    }

    fn check_bare(&mut self, pos: Pos, anchor: usize, tag: Option<&Cow<'_, Tag>>) {
        if anchor != 0 {
            self.error(pos, "anchors (&name) are not used in the spec");
        }
        if tag.is_some() {
            self.error(pos, "tags (!name) are not used in the spec");
        }
    }
}

impl<'input> SpannedEventReceiver<'input> for Builder<'_> {
    fn on_event(&mut self, event: Event<'input>, span: Span) {
        let pos = position(&span.start);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.check_bare(pos, anchor, tag.as_ref());
                let value = scalar(&text, style);
                self.add(Node { pos, data: Data::Scalar { text: text.into_owned(), value } });
            }
            Event::SequenceStart(anchor, tag) => {
                self.check_bare(pos, anchor, tag.as_ref());
                self.open.push(Open::List(pos, Vec::new()));
            }
            Event::MappingStart(anchor, tag) => {
                self.check_bare(pos, anchor, tag.as_ref());
                self.open.push(Open::Map { pos, entries: Vec::new(), key: None });
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open::List(pos, items)) => self.add(Node { pos, data: Data::List(items) }),
                Some(Open::Map { pos, entries, .. }) => self.add(Node { pos, data: Data::Map(entries) }),
                None => {}
            },
            Event::Alias(_) => {
                self.error(pos, "aliases (*name) are not used in the spec");
                self.add(Node { pos, data: Data::Scalar { text: String::new(), value: Value::Null } });
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => {}
        }
    }
}

fn scalar(text: &str, style: ScalarStyle) -> Value {
    match Scalar::parse_from_cow_and_metadata(text.into(), style, None) {
        None | Some(Scalar::Null) => Value::Null,
        Some(Scalar::Boolean(value)) => value.into(),
        Some(Scalar::Integer(value)) => value.into(),
        Some(Scalar::FloatingPoint(value)) => value.into_inner().into(),
        Some(Scalar::String(value)) => value.into_owned().into(),
    }
}
