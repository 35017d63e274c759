//! A page of the documentation that describes an operation or a notification: what its tables say.

use serde_json::Value;

use crate::facts::{Field, Fields, Place, endpoint, join};

/// What a page says of its operation, or of its notification, whose resource stands for the answer.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// `merchant/4012791862`
    pub(crate) id: String,
    pub(crate) method: String,
    pub(crate) path: String,
    /// Of a notification: values of `event_type` …
    pub(crate) events: Vec<String>,
    /// … and of `original_type`.
    pub(crate) original_types: Vec<String>,
    /// When it is not the main one.
    pub(crate) host: Option<String>,
    /// Status and code: `403 NO_AUTH`.
    pub(crate) errors: Vec<String>,
    /// By [`Place`], in the order of the page; some stand there twice.
    pub(crate) fields: [Fields; 4],
    /// The Chinese names of fields, as the page has them: place and path, name.
    pub(crate) labels: Vec<(Place, String, String)>,
    /// Members of the sample of an answer: dotted path, type.
    pub(crate) shown: Vec<(String, String)>,
    /// Texts in the JSON that the page shows: dotted path, value.
    pub(crate) samples: Vec<(String, String)>,
}

/// A type that the table does not tell: an object when there are fields in it, otherwise text.
pub(crate) const ANY: &str = "any";
const METHOD: &str = "请求方式";
/// The sample of the answer follows.
const ANSWER: &str = "应答示例";
const HOST: &str = "请求域名";
const MAIN_HOST: &str = "api.mch.weixin.qq.com";
/// Codes that every operation has: see the README of the facts.
const COMMON: [&str; 4] = ["PARAM_ERROR", "INVALID_REQUEST", "SIGN_ERROR", "SYSTEM_ERROR"];

impl Page {
    /// Reads a page; `None` when it describes neither.
    pub(crate) fn parse(id: &str, text: &str) -> Option<Self> {
        let mut page = Self { id: id.to_owned(), ..Self::default() };
        let mut place = None;
        let mut code: Option<String> = None;
        let mut is_answer = false;
        for line in text.lines().map(str::trim) {
            if line.starts_with("```") {
                match code.take() {
                    Some(json) => {
                        if std::mem::take(&mut is_answer) {
                            page.shown = members(&json);
                        }
                        page.samples.extend(samples(&json));
                    }
                    None => code = Some(String::new()),
                }
            } else if let Some(code) = &mut code {
                code.push_str(line);
                code.push('\n');
            } else if line.starts_with(ANSWER) {
                is_answer = true;
            } else if let Some(heading) = line.strip_prefix('#') {
                place = place_of(heading.trim_matches(['#', '*', ' ']));
            } else if page.method.is_empty() && line.starts_with(METHOD) {
                (page.method, page.path) = call(line)?;
            } else if page.host.is_none() && line.starts_with(HOST) {
                page.host = host(line).filter(|host| host != MAIN_HOST);
            } else if let Some(cells) = cells(line) {
                page.row(&cells, place);
            }
        }
        if page.method.is_empty() {
            page.find_events();
        }
        let resource = &page.fields[Place::Response as usize];
        (!page.method.is_empty() || (!page.events.is_empty() && !resource.0.is_empty())).then_some(page)
    }

    /// Method and path without the names of parameters.
    pub(crate) fn endpoint(&self) -> String {
        endpoint(&self.method, &self.path)
    }

    /// The table and the sample of what arrives say which event it is.
    fn find_events(&mut self) {
        let of = |wanted: &'static str| {
            self.samples.iter().filter(move |(path, _)| path == wanted).map(|(_, text)| text.clone())
        };
        let mut original_types: Vec<String> = of("resource.original_type").collect();
        let mut events: Vec<String> = of("event_type").chain(self.events.iter().cloned()).collect();
        for list in [&mut original_types, &mut events] {
            list.sort();
            list.dedup();
        }
        (self.original_types, self.events) = (original_types, events);
    }

    fn row(&mut self, cells: &[String], place: Option<Place>) {
        if let [status, code, ..] = cells
            // A blank has slipped into some.
            && let code = code.split_whitespace().collect::<String>()
            && status.len() == 3
            && status.bytes().all(|byte| byte.is_ascii_digit())
            && !code.is_empty()
            && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
        {
            let error = format!("{status} {code}");
            if !COMMON.contains(&code.as_str()) && !self.errors.contains(&error) {
                self.errors.push(error);
            }
        }
        if let [name, .., text] = cells
            && name.ends_with("event_type")
        {
            let words =
                text.split(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || "._".contains(c)));
            let events = words.filter(|word| word.split('.').filter(|part| !part.is_empty()).count() >= 2);
            self.events.extend(events.map(str::to_owned));
        }
        let (Some(place), [path, ty, required, text, ..]) = (place, cells) else { return };
        let required = match required.as_str() {
            "true" | "是" => true,
            "false" | "否" => false,
            _ => return,
        };
        let path = path.replace("[]", "");
        let fields = &mut self.fields[place as usize];
        if !is_path(&path) {
            return;
        }
        let (mut name, max) = table_type(ty);
        if path == "file" && name == ANY {
            "file".clone_into(&mut name);
        }
        let mut field = Field { ty: name, required, max, from: "d".to_owned(), ..Field::default() };
        if field.ty.trim_matches(['[', ']']) == "string" {
            field.values = values(text);
            if field.ty == "string" && is_timestamp(text) {
                field.ty = "timestamp".to_owned();
            }
        }
        if let Some(label) = label(text) {
            self.labels.push((place, path.clone(), label));
        }
        fields.0.push((path, field));
    }
}

fn place_of(heading: &str) -> Option<Place> {
    let heading = heading.to_lowercase();
    let starts = [
        ("path", Place::Path),
        ("query", Place::Query),
        ("body", Place::Body),
        ("form", Place::Body),
        ("应答参数", Place::Response),
        ("应答字段", Place::Response),
    ];
    if heading.contains("解密") {
        return Some(Place::Response);
    }
    starts.into_iter().find(|(start, _)| heading.starts_with(start)).map(|(_, place)| place)
}

/// ``请求方式：【POST】 `/v3/…` ``
fn call(line: &str) -> Option<(String, String)> {
    let (_, rest) = line.split_once('【')?;
    let (method, rest) = rest.split_once('】')?;
    let path = rest.replace('\\', "");
    let path = path.trim_start_matches([' ', '`']);
    let end = path.find(|c: char| c.is_whitespace() || c == '`').unwrap_or(path.len());
    let path = &path[..end];
    path.starts_with('/').then(|| (method.trim().to_uppercase(), path.to_owned()))
}

fn host(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("https://")?;
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-')).unwrap_or(rest.len());
    Some(rest[..end].to_owned())
}

/// The cells of a row of a table, without what Markdown adds.
fn cells(line: &str) -> Option<Vec<String>> {
    let inside = line.strip_prefix('|')?;
    let inside = inside.strip_suffix('|').unwrap_or(inside);
    Some(inside.split('|').map(|cell| cell.trim().replace('\\', "")).collect())
}

fn is_path(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.')
}

/// The type in the words of the facts, and the largest length: `string(1,32)`, `array[object]`.
fn table_type(text: &str) -> (String, Option<u32>) {
    let text = text.to_lowercase();
    if let Some(inner) = text.strip_prefix("array") {
        let inner = inner.trim_matches(['[', ']', '<', '>', ' ']);
        let item = match inner {
            "" => ANY.to_owned(),
            inner => table_type(inner).0,
        };
        return (format!("[{item}]"), None);
    }
    let (name, rest) = text.split_once(['(', '[', '（']).unwrap_or((&text, ""));
    let name = match name.trim() {
        "string" => "string",
        name if name.contains("int") || name == "long" => "int",
        name if name.starts_with("bool") => "bool",
        "number" | "float" | "double" | "decimal" => "number",
        "object" => "object",
        "file" => "file",
        // Names of objects, and of lists of values.
        _ => ANY,
    };
    let numbers = rest.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok());
    (name.to_owned(), if name == "string" { numbers.max() } else { None })
}

/// The Chinese name, which stands in brackets before the meaning.
fn label(text: &str) -> Option<String> {
    let (_, rest) = text.split_once('【')?;
    let (label, _) = rest.split_once('】')?;
    Some(label.trim().to_owned())
}

/// The values that a list in the meaning names: ``<li>`AVAILABLE`: …``.
fn values(text: &str) -> Vec<String> {
    let named = text.split("<li>").skip(1).filter_map(|item| {
        let (value, rest) = item.trim_start().strip_prefix('`')?.split_once('`')?;
        let is_value =
            !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        (is_value && rest.trim_start().starts_with([':', '：'])).then(|| value.to_owned())
    });
    let mut values: Vec<String> = Vec::new();
    for value in named {
        if !values.contains(&value) {
            values.push(value);
        }
    }
    values
}

/// The members in a piece of JSON with their types, each once.
fn members(code: &str) -> Vec<(String, String)> {
    fn walk(path: &str, value: &Value, found: &mut Vec<(String, String)>) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    let path = join(path, name.trim());
                    if !found.iter().any(|(other, _)| *other == path) {
                        found.push((path.clone(), type_of(value)));
                    }
                    walk(&path, value, found);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| walk(path, item, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    if let Ok(value) = serde_json::from_str(code) {
        walk("", &value, &mut found);
    }
    found
}

fn type_of(value: &Value) -> String {
    match value {
        Value::Null => "json".to_owned(),
        Value::Bool(_) => "bool".to_owned(),
        Value::Number(number) => if number.is_f64() { "number" } else { "int" }.to_owned(),
        Value::String(_) => "string".to_owned(),
        Value::Array(items) => format!("[{}]", items.first().map_or_else(|| "json".to_owned(), type_of)),
        Value::Object(_) => "object".to_owned(),
    }
}

/// The texts in a piece of JSON, by dotted path; nothing when it is no JSON.
fn samples(code: &str) -> Vec<(String, String)> {
    fn walk(path: &str, value: &Value, found: &mut Vec<(String, String)>) {
        match value {
            Value::Object(members) => {
                members.iter().for_each(|(name, value)| walk(&join(path, name.trim()), value, found));
            }
            Value::Array(items) => items.iter().for_each(|item| walk(path, item, found)),
            // `example_name` says nothing of the name.
            Value::String(text) if !text.is_empty() && !text.starts_with("example") => {
                found.push((path.to_owned(), text.clone()))
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    if let Ok(value) = serde_json::from_str(code) {
        walk("", &value, &mut found);
    }
    found
}

fn is_timestamp(text: &str) -> bool {
    let text = text.to_lowercase().replace(' ', "");
    text.contains("rfc3339") || text.contains("yyyy-mm-ddthh:mm:ss")
}
