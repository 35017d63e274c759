//! An operation as the documentation has it.

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::{Fields, Place};

/// An operation as its pages describe it.
#[derive(Debug)]
pub(crate) struct Documented {
    /// Method and path, as the first page names the parameters.
    pub(crate) http: String,
    pub(crate) host: Option<String>,
    pub(crate) docs: Vec<String>,
    pub(crate) errors: Vec<String>,
    pub(crate) fields: [Fields; 4],
    pub(crate) labels: BTreeMap<String, String>,
    /// What samples of the answer have and no table: path, type.
    pub(crate) only_shown: Vec<(String, String)>,
    /// Texts that are no times: samples or the length say so.
    pub(crate) no_times: BTreeSet<String>,
}

/// What a field is called among all of an operation: `body amount.total`.
pub(crate) fn key(place: Place, path: &str) -> String {
    format!("{} {path}", place.name())
}
