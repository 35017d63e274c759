//! Answers made from the examples of the spec, for operations whose flow the sandbox does not play.
//!
//! The answer is the example's, with what belongs to the request and to this sandbox: values that the request has under
//! the same name, the sandbox's own merchant and app, times of today, numbers that differ from one request to the
//! next, and files that can be fetched. Nothing is remembered: the same request has the same numbers in its answer each
//! time, and an operation that asks for a thing knows nothing of the one that made it.

mod invent;
pub(crate) mod notification;
mod numbers;
mod times;

use serde_json::{Map, Value, json};
use wechatpay_core::operation::{self, Kind, Model, Operation};

use crate::call::{Call, Reply};
use crate::clock;
use crate::examples;
use crate::file::File;
use crate::refusal::{Refusal, Result};
use crate::sealed;
use crate::store::State;
use crate::store::files::{self, Files, Found};

use numbers::Numbers;
use times::Times;

/// What the operation answers to this request.
pub(crate) fn answer(state: &mut State, operation: Operation, call: &Call) -> Result<Reply> {
    match operation.reply() {
        operation::Reply::None => Ok(Reply::NoContent),
        operation::Reply::File => match state.files.get(call.text("token"), state.clock.timestamp()) {
            Found::File(announced) => Ok(Reply::File(announced.clone())),
            _ => Ok(Reply::File(file(operation.id(), call)?)),
        },
        operation::Reply::Json(model) => {
            let example =
                examples::of_operation(operation.id()).and_then(|example| example.response.as_ref());
            let example = match example {
                Some(example) => example.clone(),
                None => Value::Object(invent::object(model, state.clock.now())),
            };
            let mut asked = call.query.clone();
            asked.extend(call.content());
            let numbers = Numbers::of(&state.keys, call);
            let times = Times::of(&example, state.clock.now());
            let offer = Offer {
                files: &mut state.files,
                operation: operation.id(),
                call,
                now: state.clock.timestamp(),
            };
            let mut maker = Maker { numbers, times, asked: &asked, offer: Some(offer) };
            let reply = maker.object(model, example.as_object().unwrap_or(&Map::new()), Some(&asked))?;
            Ok(Value::Object(reply).into())
        }
        operation::Reply::Untyped => {
            let example = examples::of_operation(operation.id()).and_then(|example| example.response.clone());
            Ok(example.unwrap_or_else(|| json!({})).into())
        }
        // A kind of answer that this version of the sandbox does not know.
        _ => Ok(json!({}).into()),
    }
}

/// A file that says what it stands for.
fn file(operation: &str, call: &Call) -> Result<File> {
    let content = format!("This file of the sandbox stands for what {operation} gives.\r\n");
    File::new(content, call.text("tar_type") == "GZIP").map_err(|error| unmade(&error))
}

fn unmade(error: &std::io::Error) -> Refusal {
    Refusal::new(500, "SYSTEM_ERROR", format!("the file could not be made: {error}"))
}

/// Where files are put that an answer announces.
struct Offer<'a> {
    files: &'a mut Files,
    operation: &'static str,
    call: &'a Call,
    now: i64,
}

/// Makes an answer while it walks over the example and its model.
struct Maker<'a> {
    numbers: Numbers<'a>,
    times: Times,
    /// All parameters of the request.
    asked: &'a Map<String, Value>,
    offer: Option<Offer<'a>>,
}

impl Maker<'_> {
    /// `asked`: the object at the same place in the request.
    fn object(
        &mut self,
        model: Model,
        example: &Map<String, Value>,
        asked: Option<&Map<String, Value>>,
    ) -> Result<Map<String, Value>> {
        let mut made = Map::new();
        for field in model.fields() {
            let asked = asked.and_then(|asked| asked.get(field.name()));
            let value = match example.get(field.name()) {
                Some(example) => Some(self.value(field.kind(), field.name(), example, asked)?),
                // Optional, and the request has it: what a merchant gave comes back to him.
                None => asked.and_then(|asked| scalar(field.kind(), asked)),
            };
            made.extend(value.map(|value| (field.name().to_owned(), value)));
        }
        self.announce_file(&mut made)?;
        Ok(made)
    }

    fn value(&mut self, kind: Kind, name: &str, example: &Value, asked: Option<&Value>) -> Result<Value> {
        Ok(match (kind, example) {
            (Kind::Object(model), Value::Object(example)) => {
                Value::Object(self.object(model, example, asked.and_then(Value::as_object))?)
            }
            (Kind::Map(item), Value::Object(example)) => {
                let mut made = Map::new();
                for (key, example) in example {
                    made.insert(
                        key.clone(),
                        self.value(item.kind(), key, example, asked.and_then(|asked| asked.get(key)))?,
                    );
                }
                Value::Object(made)
            }
            (Kind::List(item), Value::Array(examples)) => {
                Value::Array(self.list(item.kind(), name, examples, asked.and_then(Value::as_array))?)
            }
            (kind, example) => {
                let asked = asked.or_else(|| self.asked.get(name).filter(|_| numbers::is_number(name)));
                match asked.and_then(|asked| scalar(kind, asked)) {
                    Some(asked) => asked,
                    None => self.own(name, example),
                }
            }
        })
    }

    /// A list of the request's has an answer for each of its elements.
    fn list(
        &mut self,
        kind: Kind,
        name: &str,
        examples: &[Value],
        asked: Option<&Vec<Value>>,
    ) -> Result<Vec<Value>> {
        match asked.filter(|asked| !asked.is_empty()) {
            None => examples.iter().map(|example| self.value(kind, name, example, None)).collect(),
            Some(asked) => {
                let pairs = asked.iter().zip(examples.iter().cycle());
                pairs.map(|(asked, example)| self.value(kind, name, example, Some(asked))).collect()
            }
        }
    }

    /// The example's value, as it is in this sandbox, today.
    fn own(&self, name: &str, example: &Value) -> Value {
        let Some(text) = example.as_str() else { return example.clone() };
        let changed = self.numbers.own(name).or_else(|| self.times.moved(name, text));
        Value::String(changed.unwrap_or_else(|| self.numbers.fresh(name, text)))
    }

    /// Puts a file behind a download address, and its hash beside it.
    fn announce_file(&mut self, made: &mut Map<String, Value>) -> Result<()> {
        let Some(offer) = &mut self.offer else { return Ok(()) };
        if !made.get("download_url").is_some_and(Value::is_string) {
            return Ok(());
        }
        let mut file = file(offer.operation, offer.call)?;
        let kind = made.get("hash_type").and_then(Value::as_str).unwrap_or("SHA1").to_owned();
        if let Some(member) = made.get_mut("hash_value") {
            *member = json!(file.hash(&kind).map_err(|error| unmade(&error))?);
        }
        if made.get("encrypt_key").is_some_and(Value::is_string) {
            let sealed = sealed::seal(&file, self.numbers.merchant())?;
            made.insert("encrypt_key".to_owned(), json!(sealed.encrypt_key));
            made.insert("nonce".to_owned(), json!(sealed.nonce));
            file = sealed.file;
        }
        let gzip = file.gzip;
        let token = offer.files.offer(file, offer.now);
        made.insert("download_url".to_owned(), json!(files::address(&offer.call.base_url, &token, gzip)));
        Ok(())
    }
}

/// The request's value, when it is one of this kind: in path and query numbers and flags are text.
fn scalar(kind: Kind, asked: &Value) -> Option<Value> {
    let text = asked.as_str();
    match kind {
        Kind::String | Kind::OpenEnum(_) => text.map(Value::from),
        Kind::Timestamp => text.filter(|text| clock::parse(text).is_some()).map(Value::from),
        Kind::Int => asked.as_i64().or_else(|| text?.parse().ok()).map(Value::from),
        Kind::Number => asked.as_f64().or_else(|| text?.parse().ok()).map(Value::from),
        Kind::Bool => asked.as_bool().or_else(|| text?.parse().ok()).map(Value::from),
        Kind::Json => Some(asked.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
