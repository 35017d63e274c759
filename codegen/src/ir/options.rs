//! `spec/options.yaml`: the options of a client.

use std::collections::BTreeMap;

use crate::names::{camel_case, is_field_name};

/// The options of a client.
#[derive(Debug, Default)]
pub struct OptionSpec {
    /// In the order of the file.
    pub options: Vec<ClientOption>,
    /// Names of options that say the same: one of them is given, or none.
    pub alternatives: Vec<Vec<String>>,
}

/// One option.
#[derive(Debug)]
pub struct ClientOption {
    /// snake_case name, which the names in all languages come from.
    pub name: String,
    /// What its value is.
    pub kind: OptionKind,
    /// Whether a client cannot be without it.
    pub required: bool,
    /// What it means.
    pub doc: String,
    /// What other SDKs and people call it.
    pub other_names: Vec<String>,
    /// By language: what its users call it where that does not follow from the name.
    pub spelled: BTreeMap<String, String>,
    /// The option with the id of this key, which must be given with it.
    pub id: Option<String>,
    /// The option with the password of this file, which may be.
    pub password: Option<String>,
}

impl ClientOption {
    /// What users of Python call it; none when they say it otherwise.
    pub fn in_python(&self) -> Option<&str> {
        match self.spelled.get("python") {
            Some(own) => Some(own.as_str()).filter(|own| is_field_name(own)),
            None => Some(&self.name),
        }
    }

    /// What users of a language with camelCase call it; none when they say it otherwise.
    pub fn in_camel_case(&self, language: &str) -> Option<String> {
        match self.spelled.get(language) {
            Some(own) => Some(own.clone()).filter(|own| is_field_name(own)),
            None => Some(camel_case(&self.name)),
        }
    }
}

/// What the value of an option is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptionKind {
    /// Text or an address.
    Text,
    /// Several texts.
    Texts,
    /// A length of time.
    Seconds,
    /// A whole number.
    Number,
    /// A number of bytes.
    Bytes,
    /// Yes or no.
    Flag,
    /// A key or certificate in any form.
    Key,
    /// PEM.
    Pem,
    /// Bytes, which the core takes as base64.
    Binary,
    /// A file.
    Path,
    /// Several keys or certificates.
    Keys,
    /// Several files.
    Paths,
    /// Several keys with their ids.
    PublicKeys,
}
