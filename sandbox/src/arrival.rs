//! Requests as they arrive on a connection: each is in the log from its first line on, whatever becomes of it, and is
//! broken off where a fault wants it.

use std::sync::Arc;

use axum::http::Uri;
use serde_json::{Value, json};

use crate::faults::{CutBy, CutRequest};
use crate::route;
use crate::shared::Shared;
use crate::tap::Tap;

/// No head of a request is longer than this; what is, is left to the HTTP library to refuse.
const LONGEST_HEAD: usize = 64 * 1024;

/// Looks on while the bytes of a connection come in.
pub(crate) struct Arrivals {
    shared: Arc<Shared>,
    tap: Tap,
    place: Place,
    current: Current,
}

/// Where in a request the connection is.
enum Place {
    Head,
    /// In a body of which so many bytes are to come.
    Body(u64),
    /// In a body whose length nobody announced. Where the next request begins is not known, so it is logged when it is
    /// whole and cannot be cut.
    Lost,
}

/// The request under way.
#[derive(Default)]
struct Current {
    /// What came of the head.
    head: Vec<u8>,
    /// Bytes that came of head and body.
    bytes: u64,
    /// Whether its first line was read.
    named: bool,
    /// Number in the log; none for the control plane, and before the first line was read.
    number: Option<u64>,
    cut: Option<(CutRequest, CutBy)>,
    /// After so many bytes the connection ends.
    cut_at: Option<u64>,
}

impl Arrivals {
    pub(crate) fn new(shared: Arc<Shared>, tap: Tap) -> Self {
        Self { shared, tap, place: Place::Head, current: Current::default() }
    }

    /// Takes note of what came. Says how the connection is to end when it is to end here.
    pub(crate) fn take(&mut self, mut bytes: &[u8]) -> Option<CutBy> {
        while !bytes.is_empty() {
            match self.place {
                Place::Lost => return None,
                Place::Head => {
                    let came = self.current.head.len();
                    self.current.head.extend_from_slice(bytes);
                    let end = end_of(&self.current.head, b"\r\n\r\n");
                    self.current.head.truncate(end.unwrap_or(self.current.head.len()));
                    let taken = self.current.head.len() - came;
                    self.current.bytes += taken as u64;
                    bytes = bytes.get(taken..).unwrap_or_default();
                    self.first_line();
                    if end.is_some() {
                        self.end_of_head();
                    } else if self.current.head.len() > LONGEST_HEAD {
                        self.place = Place::Lost;
                    }
                }
                Place::Body(left) => {
                    let taken = left.min(bytes.len() as u64);
                    self.current.bytes += taken;
                    bytes =
                        usize::try_from(taken).ok().and_then(|taken| bytes.get(taken..)).unwrap_or_default();
                    self.place = Place::Body(left - taken);
                }
            }
            if let Some((_, by)) = self.current.cut
                && let Some(at) = self.current.cut_at.filter(|at| self.current.bytes >= *at)
            {
                self.amend("bytes", json!(at));
                self.current = Current::default();
                return Some(by);
            }
            if let Place::Body(0) = self.place {
                self.amend("bytes", json!(self.current.bytes));
                self.current = Current::default();
                self.place = Place::Head;
            }
        }
        None
    }

    /// Once the first line is there: logs the request, and sees whether it is to be cut.
    fn first_line(&mut self) {
        if self.current.named {
            return;
        }
        let Some(end) = end_of(&self.current.head, b"\r\n") else { return };
        self.current.named = true;
        let line = String::from_utf8_lossy(&self.current.head[..end]).into_owned();
        let (method, target) = match line.trim_end().split(' ').collect::<Vec<_>>()[..] {
            [method, target, version] if version.starts_with("HTTP/1.") => (method, target),
            // Something else speaks here, TLS for example.
            _ => ("", ""),
        };
        let uri = target.parse::<Uri>().unwrap_or_default();
        let path = if target.is_empty() { "" } else { uri.path() };
        if path == "/" || path == "/sandbox" || path.starts_with("/sandbox/") {
            return;
        }
        let operation = route::find(method, path).ok().map(|found| found.operation.id());
        let mut state = self.shared.lock();
        let number = state.requests.add(json!({
            "method": method,
            "path": path,
            "query": uri.query().unwrap_or_default(),
            "operation": operation,
            "complete": false,
            "headers": [],
        }));
        self.current.cut = state.faults.cut_of(method, path, operation.unwrap_or_default());
        drop(state);
        self.current.number = Some(number);
        self.tap.arrived(number);
        if let Some((CutRequest::FirstByte, _)) = self.current.cut {
            self.current.cut_at = Some(1);
        }
    }

    fn end_of_head(&mut self) {
        let head = String::from_utf8_lossy(&self.current.head).into_owned();
        let headers: Vec<(&str, &str)> = head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(':'))
            .map(|(n, v)| (n, v.trim()))
            .collect();
        let value = |wanted: &str| {
            headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| *value)
        };
        let length = match (value("transfer-encoding"), value("content-length")) {
            (None, None) => Some(0),
            (None, Some(length)) => length.parse::<u64>().ok(),
            (Some(_), _) => None,
        };
        self.place = length.map_or(Place::Lost, Place::Body);
        let Some((cut, _)) = self.current.cut else { return };
        if self.current.cut_at.is_none() {
            let of_body = if cut == CutRequest::MidBody { length.unwrap_or_default().div_ceil(2) } else { 0 };
            self.current.cut_at = Some(self.current.bytes + of_body);
            self.amend("headers", headers.iter().map(|(name, value)| json!([name, value])).collect());
        }
    }

    fn amend(&self, name: &str, value: Value) {
        if let Some(number) = self.current.number {
            self.shared.lock().requests.amend(number, name, value);
        }
    }
}

/// The connection ended.
impl Drop for Arrivals {
    fn drop(&mut self) {
        if self.current.bytes == 0 {
            return;
        }
        if !self.current.named {
            let entry = json!({
                "method": "", "path": "", "query": "", "operation": null, "complete": false, "headers": [],
            });
            self.current.number = Some(self.shared.lock().requests.add(entry));
        }
        self.amend("bytes", json!(self.current.bytes));
    }
}

/// Where the first such separator ends.
fn end_of(bytes: &[u8], separator: &[u8]) -> Option<usize> {
    bytes.windows(separator.len()).position(|window| window == separator).map(|start| start + separator.len())
}
