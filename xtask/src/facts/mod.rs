//! The collected facts of the API, `spec/facts/`: what the documentation, official SDKs and community tables say of it.

mod read;
mod write;

use std::collections::BTreeMap;

pub(crate) use read::read;
pub(crate) use write::write;

/// The folder, below the root of the repository.
pub(crate) const FOLDER: &str = "spec/facts";
const OPERATIONS: &str = "operations";
const NOTIFICATIONS: &str = "notifications.json";
const LEFT_OUT: &str = "left-out.json";

/// Everything that was collected.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// By product: the name of the file, which is the family of the spec.
    pub(crate) products: BTreeMap<String, Vec<Operation>>,
    /// All notifications.
    pub(crate) notifications: Vec<Notification>,
    /// Operations that somebody lists and that are none, and why.
    pub(crate) left_out: Vec<(String, String)>,
}

impl Facts {
    /// All operations.
    pub(crate) fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.products.values().flatten()
    }
}

/// How sure it is that something is current. The words of the spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Standing {
    #[default]
    Documented,
    Retired,
    Community,
}

impl Standing {
    pub(crate) const ALL: [Self; 3] = [Self::Documented, Self::Retired, Self::Community];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Retired => "retired",
            Self::Community => "community",
        }
    }

    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.name() == name)
    }
}

/// What is known of an operation.
#[derive(Debug, Clone, Default)]
pub(crate) struct Operation {
    /// Method and path: `GET /v3/certificates`.
    pub(crate) http: String,
    pub(crate) title: Option<String>,
    pub(crate) standing: Standing,
    /// When it is not the main one.
    pub(crate) host: Option<String>,
    /// Pages of the documentation: `merchant/4012791862`.
    pub(crate) docs: Vec<String>,
    /// Status and code: `403 NO_AUTH`.
    pub(crate) errors: Vec<String>,
    /// Whether it sends a file.
    pub(crate) upload: bool,
    /// Whether a source says that nothing is answered.
    pub(crate) no_answer: bool,
    pub(crate) fields: [Fields; 4],
}

impl Operation {
    pub(crate) fn of(&self, place: Place) -> &Fields {
        &self.fields[place as usize]
    }

    pub(crate) fn of_mut(&mut self, place: Place) -> &mut Fields {
        &mut self.fields[place as usize]
    }
}

/// Where fields of an operation stand: index into [`Operation::fields`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Path,
    Query,
    Body,
    Response,
}

impl Place {
    pub(crate) const ALL: [Self; 4] = [Self::Path, Self::Query, Self::Body, Self::Response];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Body => "body",
            Self::Response => "response",
        }
    }
}

/// What is known of a notification.
#[derive(Debug, Clone)]
pub(crate) struct Notification {
    pub(crate) title: Option<String>,
    pub(crate) standing: Standing,
    pub(crate) events: Vec<String>,
    pub(crate) original_types: Vec<String>,
    pub(crate) docs: Vec<String>,
    /// The name of a community table for it.
    pub(crate) model: Option<String>,
    pub(crate) resource: Fields,
}

/// Fields by dotted path, a field before those in it: `amount`, `amount.total`.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Fields(pub(crate) Vec<(String, Field)>);

impl Fields {
    pub(crate) fn get(&self, path: &str) -> Option<&Field> {
        self.0.iter().find(|(other, _)| other == path).map(|(_, field)| field)
    }

    /// The fields in `parent` (empty: at the top) by name, without those in them.
    pub(crate) fn children<'a>(&'a self, parent: &'a str) -> impl Iterator<Item = (&'a str, &'a Field)> {
        self.0.iter().filter_map(move |(path, field)| {
            let (above, name) = path.rsplit_once('.').unwrap_or(("", path));
            (above == parent).then_some((name, field))
        })
    }

    /// How many fields are in `path`, at any depth, itself included.
    pub(crate) fn weight(&self, path: &str) -> usize {
        let inside = |other: &str| {
            other.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.0.iter().filter(|(other, _)| inside(other)).count()
    }
}

/// What is known of a field.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Field {
    /// In the words of the spec, with `object` and `file`, and `[…]` for lists: `string`, `[object]`.
    pub(crate) ty: String,
    pub(crate) required: bool,
    pub(crate) max: Option<u32>,
    pub(crate) values: Vec<String>,
    pub(crate) sensitive: bool,
    /// Who knows it: d(ocumentation), o(fficial SDKs), c(ommunity tables), s(amples of the
    /// documentation).
    pub(crate) from: String,
}

impl Field {
    pub(crate) fn is_documented(&self) -> bool {
        self.from.contains('d')
    }
}

/// Joins a path and a name.
pub(crate) fn join(parent: &str, name: &str) -> String {
    if parent.is_empty() { name.to_owned() } else { format!("{parent}.{name}") }
}

/// Method and path, whatever the path's parameters are called.
pub(crate) fn endpoint(method: &str, path: &str) -> String {
    let anonymous = |part: &str| if part.starts_with('{') { "{}".to_owned() } else { part.to_owned() };
    let path: Vec<_> = path.split('/').map(anonymous).collect();
    format!("{method} {}", path.join("/"))
}

/// [`endpoint`] of method and path in one text.
pub(crate) fn endpoint_of(http: &str) -> String {
    let (method, path) = http.split_once(' ').unwrap_or(("", http));
    endpoint(method, path)
}
