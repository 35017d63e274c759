//! What the spec covers of the four seed documents.
//!
//! Their requests are kept as data (`xtask/data/seed-operations.json`): method, path and every field that their
//! examples send. An operation that the spec does not have, or has without one of those fields, is an error.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::Value;
use wechatpay_codegen::ir::{Field, Operation, Request, RequestFields, Shape, Spec, Type};

use crate::facts::endpoint;

const SEEDS: &str = include_str!("../../../data/seed-operations.json");

/// Prints what the spec has of the seeds, with `verbose` every operation, and returns what it lacks.
pub(crate) fn report(spec: &Spec, verbose: bool) -> Result<Option<String>> {
    let operations = by_endpoint(spec);
    let seeds: Value = serde_json::from_str(SEEDS).context("seed-operations.json")?;
    let mut missing = 0;
    for seed in list(&seeds) {
        let row = SeedRow::new(seed, spec, &operations);
        if verbose || !row.complete() {
            println!("{row}");
        }
        missing += usize::from(!row.complete());
    }
    println!("{} operations, {missing} missing or incomplete", list(&seeds).len());
    Ok((missing > 0)
        .then(|| format!("{missing} operations of the seeds are not in the spec, or lack fields")))
}

type Operations<'a> = BTreeMap<String, &'a Operation>;

/// Operations by method and path, whatever the path's parameters are called.
fn by_endpoint(spec: &Spec) -> Operations<'_> {
    spec.operations()
        .map(|(_, operation)| (endpoint(&operation.method, &operation.path), operation))
        .collect()
}

/// One operation of a seed and what the spec has of it.
struct SeedRow<'a> {
    seed: &'a Value,
    found: Option<&'a str>,
    fields: usize,
    unknown: Vec<String>,
}

impl<'a> SeedRow<'a> {
    fn new(seed: &'a Value, spec: &Spec, operations: &Operations<'a>) -> Self {
        let path = seed.get("documented").unwrap_or(&seed["path"]);
        let operation = operations.get(&endpoint(text(&seed["method"]), text(path)));
        let query = list(&seed["query"]).iter().map(text).map(|name| (name, "query"));
        let body = list(&seed["body"]).iter().map(text).map(|name| (name, "body"));
        let shown: Vec<_> = query.chain(body).collect();
        let unknown = match operation {
            None => Vec::new(),
            Some(operation) => shown
                .iter()
                .filter(|(name, place)| !has_field(spec, operation, name, place))
                .map(|(name, place)| format!("{place} field {name}"))
                .collect(),
        };
        Self { seed, found: operation.map(|operation| operation.id.as_str()), fields: shown.len(), unknown }
    }

    fn complete(&self) -> bool {
        self.found.is_some() && self.unknown.is_empty()
    }
}

impl std::fmt::Display for SeedRow<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [seed, method, path] = ["seed", "method", "path"].map(|name| text(&self.seed[name]));
        let fields = format!("{}/{}", self.fields - self.unknown.len(), self.fields);
        let found = self.found.unwrap_or("MISSING");
        write!(f, "{seed}  {found:<46} {fields:>5} fields  {method:<6} {path}")?;
        if let Some(documented) = self.seed.get("documented") {
            write!(f, "\n     (the seed's path is not documented; the spec has {})", text(documented))?;
        }
        for field in &self.unknown {
            write!(f, "\n     MISSING {field}")?;
        }
        Ok(())
    }
}

/// Whether the operation takes the field `a.b[].c` where the seed sends it.
fn has_field(spec: &Spec, operation: &Operation, name: &str, place: &str) -> bool {
    let Request::Fields(RequestFields { type_id, query, body, .. }) = &operation.request else {
        return false;
    };
    let fields = spec.fields(*type_id);
    let here = if place == "query" { query } else { body };
    let top: Vec<&Field> = here.iter().filter_map(|index| fields.get(*index)).collect();
    walk(spec, &top, name)
}

fn walk(spec: &Spec, fields: &[&Field], name: &str) -> bool {
    let (first, rest) = name.split_once('.').map_or((name, None), |(first, rest)| (first, Some(rest)));
    let list = first.ends_with("[]");
    let Some(field) = fields.iter().find(|field| field.name == first.trim_end_matches("[]")) else {
        return false;
    };
    let ty = match (&field.ty, list) {
        (Type::List(inner), true) => inner,
        (Type::List(_), false) | (_, true) => return false,
        (ty, false) => ty,
    };
    match (rest, ty) {
        (None, Type::Named(id)) => matches!(spec.type_def(*id).shape, Shape::OpenEnum(_)),
        (None, ty) => !matches!(ty, Type::List(_) | Type::Map(_)),
        (Some(rest), Type::Named(id)) => walk(spec, &spec.fields(*id).iter().collect::<Vec<_>>(), rest),
        (Some(_), _) => false,
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_operation_of_the_seeds_is_there_with_its_fields() {
        let spec = crate::commands::codegen::load().unwrap();
        let operations = by_endpoint(&spec);
        let seeds: Value = serde_json::from_str(SEEDS).unwrap();
        assert_eq!(list(&seeds).len(), 28);
        for seed in list(&seeds) {
            let row = SeedRow::new(seed, &spec, &operations);
            assert!(row.complete(), "{row}");
        }
    }

    #[test]
    fn what_is_missing_is_said() {
        let spec = crate::commands::codegen::load().unwrap();
        let operations = by_endpoint(&spec);
        let row = |seed: Value| {
            let row = SeedRow::new(&seed, &spec, &operations);
            (row.complete(), row.to_string())
        };
        let path = "/v3/pay/transactions/jsapi";
        let (complete, text) = row(json!({"seed": "x", "method": "POST", "path": path,
            "query": ["appid"], "body": ["amount.total", "amount.totl", "payer", "detail.goods_detail[].quantity"]}));
        assert!(!complete);
        assert!(text.contains("2/5 fields"), "{text}");
        assert!(text.contains("MISSING query field appid"), "{text}");
        assert!(text.contains("MISSING body field amount.totl"), "{text}");
        // An object where the seed has a text.
        assert!(text.contains("MISSING body field payer"), "{text}");
        let (complete, text) = row(json!({"seed": "x", "method": "PUT", "path": path}));
        assert!(!complete && text.contains("MISSING"), "{text}");
    }
}
