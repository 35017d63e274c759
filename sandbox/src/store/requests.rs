//! The log of what was received.

use std::collections::VecDeque;

use serde_json::{Value, json};

/// How many requests are remembered; older ones are dropped.
const KEPT: usize = 10_000;

/// The requests, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    all: VecDeque<Value>,
    /// How many were numbered.
    count: u64,
}

impl Requests {
    /// An empty log that goes on counting: a request on its way must not be taken for a later one.
    pub(crate) fn after(earlier: &Self) -> Self {
        Self { all: VecDeque::new(), count: earlier.count }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Value> {
        self.all.iter()
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn clear(&mut self) {
        self.all.clear();
    }

    /// Remembers a request and gives its number, by which what became of it is added.
    pub(crate) fn add(&mut self, mut request: Value) -> u64 {
        self.count += 1;
        request["number"] = json!(self.count);
        self.all.push_back(request);
        while self.all.len() > KEPT {
            self.all.pop_front();
        }
        self.count
    }

    /// Remembers a request of which all has arrived; its beginning may be there under this number.
    pub(crate) fn add_whole(&mut self, number: Option<u64>, request: Value) -> u64 {
        let begun = self.all.iter_mut().rev().find(|begun| number.is_some_and(|n| begun["number"] == n));
        match (number, begun, request) {
            (Some(number), Some(Value::Object(begun)), Value::Object(request)) => {
                begun.extend(request);
                number
            }
            (_, _, request) => self.add(request),
        }
    }

    /// Adds to a remembered request.
    pub(crate) fn amend(&mut self, number: u64, name: &str, value: Value) {
        if let Some(request) = self.all.iter_mut().rev().find(|request| request["number"] == number) {
            request[name] = value;
        }
    }
}
