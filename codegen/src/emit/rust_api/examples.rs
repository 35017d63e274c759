//! Examples of the spec as Rust, for the documentation of a method. They are compiled by `cargo test --doc`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde_json::{Map, Value};

use crate::emit::rust_api::names::{Names, variants};
use crate::emit::text::literal;
use crate::ir::{Module, Operation, Request, Response, Shape, Spec, Type, TypeId};
use crate::names::{rust_ident, rust_module};

/// Columns that an expression may take before it is broken into lines.
const WIDTH: usize = 90;

/// A fenced, compiled example of a call, when the spec has one.
pub(super) fn call(spec: &Spec, names: &Names, module: &Module, operation: &Operation) -> Option<String> {
    let mut lines = String::new();
    let argument = match &operation.request {
        Request::None => {
            lines.push_str("use wechatpay::Api;\n\n");
            ""
        }
        Request::Upload { .. } => return None,
        Request::Fields(fields) => {
            let example = operation.example_request.as_ref()?.as_object()?;
            let mut writer = Writer { spec, names, used: BTreeMap::new(), untyped: false };
            let request = writer.object(fields.type_id, example).render("");
            if writer.untyped {
                return None;
            }
            writer.used.entry(String::new()).or_default().insert("Api".to_owned());
            for (module, items) in &writer.used {
                let items: Vec<&str> = items.iter().map(String::as_str).collect();
                let _ = writeln!(lines, "{}", import(module, &items));
            }
            let _ = writeln!(lines, "\nlet request = {request};");
            "&request"
        }
    };
    let services: String = module.path.iter().map(|part| format!(".{}()", rust_ident(part))).collect();
    let method = rust_ident(&operation.name);
    let _ = match operation.response {
        Response::None => writeln!(lines, "client{services}.{method}({argument})?;"),
        Response::File => {
            let method = rust_ident(&format!("{}_to_path", operation.name));
            let argument = if argument.is_empty() { "" } else { "&request, " };
            writeln!(lines, "client{services}.{method}({argument}\"file\")?;")
        }
        _ => {
            writeln!(
                lines,
                "let reply = client{services}.{method}({argument})?;\nprintln!(\"{{}}\", reply.json());"
            )
        }
    };
    let hidden = "# fn example(client: &wechatpay::Client) -> wechatpay::Result<()> {";
    Some(format!("```no_run\n{hidden}\n{}\n# Ok(())\n# }}\n```", lines.trim()))
}

/// A `use` line, broken where it gets too long.
fn import(module: &str, items: &[&str]) -> String {
    let module = if module.is_empty() { "wechatpay" } else { &format!("wechatpay::{module}") };
    if let [only] = items {
        return format!("use {module}::{only};");
    }
    let flat = format!("use {module}::{{{}}};", items.join(", "));
    if flat.len() <= WIDTH {
        return flat;
    }
    let mut lines = vec![String::from("   ")];
    for item in items {
        match lines.last_mut() {
            Some(line) if line.len() + item.len() + 2 <= WIDTH => line.push_str(&format!(" {item},")),
            _ => lines.push(format!("    {item},")),
        }
    }
    format!("use {module}::{{\n{}\n}};", lines.join("\n"))
}

/// An expression that knows how to break itself into lines.
enum Expr {
    /// Something short.
    Atom(String),
    /// `name(arguments)` and a chain of `.setter(argument)`; `name[…]` when it is a macro.
    Call { open: String, close: &'static str, arguments: Vec<Self>, chain: Vec<(String, Self)> },
}

impl Expr {
    fn flat(&self) -> String {
        match self {
            Self::Atom(text) => text.clone(),
            Self::Call { open, close, arguments, chain } => {
                let arguments: Vec<String> = arguments.iter().map(Self::flat).collect();
                let chain: String =
                    chain.iter().map(|(setter, value)| format!(".{setter}({})", value.flat())).collect();
                format!("{open}{}{close}{chain}", arguments.join(", "))
            }
        }
    }

    fn render(&self, indent: &str) -> String {
        let flat = self.flat();
        let Self::Call { open, close, arguments, chain } = self else { return flat };
        if indent.len() + flat.chars().count() <= WIDTH {
            return flat;
        }
        let deeper = format!("{indent}    ");
        let head = Self::Call { open: open.clone(), close, arguments: Vec::new(), chain: Vec::new() };
        let flat_arguments: Vec<String> = arguments.iter().map(Self::flat).collect();
        let one_line = format!("{open}{}{close}", flat_arguments.join(", "));
        let mut out = if indent.len() + one_line.chars().count() <= WIDTH {
            one_line
        } else if arguments.is_empty() {
            head.flat()
        } else {
            let arguments: Vec<String> =
                arguments.iter().map(|argument| format!("{deeper}{},\n", argument.render(&deeper))).collect();
            format!("{open}\n{}{indent}{close}", arguments.concat())
        };
        for (setter, value) in chain {
            let _ = write!(out, "\n{deeper}.{setter}({})", value.render(&deeper));
        }
        out
    }
}

struct Writer<'a> {
    spec: &'a Spec,
    names: &'a Names,
    /// Types to import, by module.
    used: BTreeMap<String, BTreeSet<String>>,
    /// Set when an empty list is needed: nothing would say of what type its elements are.
    untyped: bool,
}

impl Writer<'_> {
    fn import(&mut self, id: TypeId) -> String {
        let path: Vec<String> = self.spec.module_of(id).path.iter().map(|part| rust_module(part)).collect();
        let name = self.names.plain(id);
        self.used.entry(format!("api::{}", path.join("::"))).or_default().insert(name.to_owned());
        name.to_owned()
    }

    fn object(&mut self, id: TypeId, example: &Map<String, Value>) -> Expr {
        let fields = self.spec.fields(id).iter().zip(self.names.fields(id));
        let mut chain = Vec::new();
        for (field, names) in fields {
            let empty =
                |value: &Value| *value == Value::Array(Vec::new()) || *value == Value::Object(Map::new());
            let is_object = matches!(field.ty, Type::Named(_) | Type::Json);
            if let Some(value) = example.get(&field.name).filter(|value| is_object || !empty(value)) {
                chain.push((names.setter.clone(), self.value(&field.ty, value)));
            }
        }
        Expr::Call { open: format!("{}::new(", self.import(id)), close: ")", arguments: Vec::new(), chain }
    }

    /// An expression that a setter takes for a field of this type.
    fn value(&mut self, ty: &Type, value: &Value) -> Expr {
        match (ty, value) {
            (Type::Named(id), Value::Object(object)) => self.object(*id, object),
            (Type::Named(id), Value::String(text)) => {
                let shape = &self.spec.type_def(*id).shape;
                let Shape::OpenEnum(values) = shape else { return Expr::Atom(literal(text)) };
                match values.iter().zip(variants(shape)).find(|(known, _)| known.value == *text) {
                    Some((_, variant)) => Expr::Atom(format!("{}::{variant}", self.import(*id))),
                    None => Expr::Atom(literal(text)),
                }
            }
            (Type::List(_), Value::Array(items)) if items.is_empty() => self.no_type(),
            (Type::Map(_), Value::Object(entries)) if entries.is_empty() => self.no_type(),
            (Type::List(inner), Value::Array(items)) => {
                let arguments = items.iter().map(|item| self.element(inner, item)).collect();
                Expr::Call { open: "[".to_owned(), close: "]", arguments, chain: Vec::new() }
            }
            (Type::Map(inner), Value::Object(entries)) => {
                let arguments = entries
                    .iter()
                    .map(|(key, value)| {
                        let value = self.element(inner, value);
                        let open = format!("({}, ", literal(key));
                        Expr::Call { open, close: ")", arguments: vec![value], chain: Vec::new() }
                    })
                    .collect();
                Expr::Call { open: "[".to_owned(), close: "]", arguments, chain: Vec::new() }
            }
            (Type::Json, value) => Expr::Atom(format!("serde_json::json!({value})")),
            (_, Value::String(text)) => Expr::Atom(literal(text)),
            (Type::Number, value) => Expr::Atom(format!("{value}_f64")),
            (_, value) => Expr::Atom(value.to_string()),
        }
    }

    fn no_type(&mut self) -> Expr {
        self.untyped = true;
        Expr::Atom("[]".to_owned())
    }

    /// An expression that can become an element: lists and maps inside of others are made of exact types, since only
    /// the outermost level is converted.
    fn element(&mut self, ty: &Type, value: &Value) -> Expr {
        match (ty, value) {
            (Type::List(inner), Value::Array(items)) => {
                let arguments = items.iter().map(|item| self.exact(inner, item)).collect();
                Expr::Call { open: "vec![".to_owned(), close: "]", arguments, chain: Vec::new() }
            }
            (Type::Map(inner), Value::Object(entries)) => {
                let arguments = entries
                    .iter()
                    .map(|(key, value)| {
                        let open = format!("({}.to_owned(), ", literal(key));
                        let value = self.exact(inner, value);
                        Expr::Call { open, close: ")", arguments: vec![value], chain: Vec::new() }
                    })
                    .collect();
                Expr::Call {
                    open: "std::collections::BTreeMap::from([".to_owned(),
                    close: "])",
                    arguments,
                    chain: Vec::new(),
                }
            }
            _ => self.value(ty, value),
        }
    }

    fn exact(&mut self, ty: &Type, value: &Value) -> Expr {
        match (ty, value) {
            (Type::String, Value::String(text)) => Expr::Atom(format!("{}.to_owned()", literal(text))),
            (Type::Timestamp, Value::String(text)) => {
                self.used.entry(String::new()).or_default().insert("Timestamp".to_owned());
                Expr::Atom(format!("Timestamp::from({})", literal(text)))
            }
            _ => self.element(ty, value),
        }
    }
}
