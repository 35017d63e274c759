//! The types of a spec file as they are written.

use crate::diagnostics::Pos;
use crate::ir::Fill;
use crate::names;
use crate::parse::limits::{self, Limits};
use crate::parse::parts::{has_key, text_of};
use crate::parse::reader::{Reader, Spanned};
use crate::yaml::{Data, Entry, Node};

#[derive(Debug)]
pub(super) struct TypeDef {
    pub(super) name: Spanned<String>,
    pub(super) shape: Shape,
    pub(super) choices: Vec<Choice>,
}

/// `one_of` or `any_of`: for each alternative, the fields that belong together.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) exactly_one: bool,
    pub(super) alternatives: Vec<Vec<Spanned<String>>>,
}

#[derive(Debug)]
pub(super) enum Shape {
    Object(Vec<Field>),
    OpenEnum(Vec<(String, Option<String>)>),
}

#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: Spanned<String>,
    pub(super) required: bool,
    pub(super) ty: Spanned<TypeExpr>,
    pub(super) limits: Limits,
    pub(super) encrypt: Option<Pos>,
    pub(super) fill: Option<Spanned<Fill>>,
    /// Entry of the glossary, when it is not the one of the field's name.
    pub(super) term: Option<Spanned<String>>,
    pub(super) label: Option<Spanned<String>>,
    pub(super) doc: Option<Spanned<String>>,
}

/// A type as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TypeExpr {
    String,
    Int,
    Bool,
    Number,
    Timestamp,
    Json,
    Named(String),
    List(Box<Self>),
    Map(Box<Self>),
}

const FIELD_KEYS: &[&str] = &["type", "encrypt", "fill", "term", "label", "doc"];

pub(super) fn type_def(reader: &mut Reader<'_>, entry: &Entry) -> TypeDef {
    let what = format!("type `{}`", entry.key);
    if !names::is_pascal_case(&entry.key) {
        reader.error(entry.pos, format!("{what}: a type's name must be PascalCase"));
    }
    let entries = reader.map(&what, &entry.node);
    let mut choices = Vec::new();
    let shape = match entries {
        [only] if only.key == "open_enum" => Shape::OpenEnum(open_enum(reader, &what, &only.node)),
        _ => {
            let mut fields: Vec<Field> = Vec::new();
            for entry in entries {
                if let ("one_of" | "any_of", Data::List(groups)) = (entry.key.as_str(), &entry.node.data) {
                    for group in groups {
                        choices.extend(choice(reader, entry, group));
                    }
                    continue;
                }
                let Some(field) = field(reader, entry) else { continue };
                if let Some(other) = fields.iter().find(|other| other.name.value == field.name.value) {
                    let line = other.name.pos.line;
                    reader.error(
                        entry.pos,
                        format!("{what} has `{}` twice: first in line {line}", field.name.value),
                    );
                } else {
                    fields.push(field);
                }
            }
            Shape::Object(fields)
        }
    };
    TypeDef { name: Spanned { value: entry.key.clone(), pos: entry.pos }, shape, choices }
}

/// `[transaction_id, [out_trade_no, sub_mchid]]`: alternatives, of which one may be several fields together.
fn choice(reader: &mut Reader<'_>, entry: &Entry, group: &Node) -> Option<Choice> {
    let shape = format!(
        "{}: [[a, b], [c, [d, e]]]: groups of alternatives, which are fields or lists of fields",
        entry.key
    );
    let Data::List(items) = &group.data else {
        reader.error(group.pos, shape);
        return None;
    };
    let mut alternatives = Vec::new();
    for item in items {
        alternatives.push(match &item.data {
            Data::List(_) => reader.texts("an alternative", item),
            _ => reader.text("an alternative", item).into_iter().collect(),
        });
    }
    if alternatives.len() < 2 {
        reader.error(group.pos, format!("{} needs at least two alternatives", entry.key));
        return None;
    }
    Some(Choice { exactly_one: entry.key == "one_of", alternatives })
}

fn open_enum(reader: &mut Reader<'_>, what: &str, node: &Node) -> Vec<(String, Option<String>)> {
    let entries = reader.map(&format!("open_enum of {what}"), node);
    if entries.is_empty() {
        reader.error(node.pos, format!("{what} lists no value"));
    }
    let mut values = Vec::new();
    for entry in entries {
        if entry.key.is_empty() || !entry.key.chars().all(|c| c.is_ascii_graphic()) {
            reader.error(entry.pos, format!("`{}` is not a value of an open enum", entry.key));
        }
        let doc = match &entry.node.data {
            Data::Scalar { value: serde_json::Value::Null, .. } => None,
            _ => text_of(reader.text(&format!("the meaning of `{}`", entry.key), &entry.node)),
        };
        values.push((entry.key.clone(), doc));
    }
    values
}

fn field(reader: &mut Reader<'_>, entry: &Entry) -> Option<Field> {
    let (name, required) = match entry.key.strip_suffix('?') {
        Some(name) => (name, false),
        None => (entry.key.as_str(), true),
    };
    if name == "open_enum" && !has_key(&entry.node, "type") {
        reader.error(entry.pos, "`open_enum` stands alone in its type");
        return None;
    }
    if !names::is_field_name(name) {
        reader.error(entry.pos, format!("`{name}` is not a name of a field"));
    }
    let what = format!("field `{name}`");
    let mut field = Field {
        name: Spanned { value: name.to_owned(), pos: entry.pos },
        required,
        ty: Spanned { value: TypeExpr::Json, pos: entry.pos },
        limits: Limits::default(),
        encrypt: None,
        fill: None,
        term: None,
        label: None,
        doc: None,
    };
    for entry in reader.map(&format!("{what} (e.g. {{ type: string, doc: … }})"), &entry.node) {
        let node = &entry.node;
        match entry.key.as_str() {
            "type" => {
                if let Some(ty) = type_expr(reader, node) {
                    field.ty = ty;
                }
            }
            "encrypt" => match reader.boolean("encrypt", node) {
                Some(true) => field.encrypt = Some(node.pos),
                Some(false) => reader.error(node.pos, "encrypt: false is the default: leave it out"),
                None => {}
            },
            "fill" => {
                field.fill = reader
                    .choice("fill", node, &[("mchid", Fill::Mchid)])
                    .map(|value| Spanned { value, pos: node.pos });
            }
            "term" => field.term = reader.text("term", node),
            "label" => field.label = reader.text("label", node),
            "doc" => field.doc = reader.text("doc", node),
            _ if field.limits.read(reader, entry) => {}
            _ => reader.unknown_key(&what, entry, &[FIELD_KEYS, limits::KEYS].concat()),
        }
    }
    if !has_key(&entry.node, "type") && matches!(entry.node.data, Data::Map(_)) {
        reader.error(entry.pos, format!("{what} needs a `type`"));
    }
    Some(field)
}

fn type_expr(reader: &mut Reader<'_>, node: &Node) -> Option<Spanned<TypeExpr>> {
    if !matches!(node.data, Data::Scalar { .. }) {
        reader.error(node.pos, "quote the type: \"[T]\" or \"{string: T}\"");
        return None;
    }
    let text = reader.text("type", node)?;
    match parse_type(&text.value) {
        Some(value) => Some(Spanned { value, pos: text.pos }),
        None => {
            let message = format!(
                "`{}` is not a type: string, int, bool, number, timestamp, json, a type's name, [T] or {{string: T}}",
                text.value
            );
            reader.error(text.pos, message);
            None
        }
    }
}

fn parse_type(text: &str) -> Option<TypeExpr> {
    let text = text.trim();
    if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return Some(TypeExpr::List(Box::new(parse_type(inner)?)));
    }
    if let Some(inner) = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        let (key, value) = inner.split_once(':')?;
        return (key.trim() == "string")
            .then(|| parse_type(value))
            .flatten()
            .map(|t| TypeExpr::Map(Box::new(t)));
    }
    match text {
        "string" => Some(TypeExpr::String),
        "int" => Some(TypeExpr::Int),
        "bool" => Some(TypeExpr::Bool),
        "number" => Some(TypeExpr::Number),
        "timestamp" => Some(TypeExpr::Timestamp),
        "json" => Some(TypeExpr::Json),
        _ => names::is_pascal_case(text).then(|| TypeExpr::Named(text.to_owned())),
    }
}
