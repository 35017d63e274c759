//! One place where the spec does not say what the facts say.

use crate::facts::Standing;

/// What differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// The spec lacks it.
    Missing,
    /// Only the spec has it.
    Extra,
    /// It stands elsewhere: in the query, in the body.
    Place,
    Type,
    Required,
    Max,
    Enum,
    Sensitive,
}

impl Kind {
    pub(crate) const ALL: [Self; 8] = [
        Self::Missing,
        Self::Extra,
        Self::Place,
        Self::Type,
        Self::Required,
        Self::Max,
        Self::Enum,
        Self::Sensitive,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Extra => "extra",
            Self::Place => "place",
            Self::Type => "type",
            Self::Required => "required",
            Self::Max => "max",
            Self::Enum => "enum",
            Self::Sensitive => "sensitive",
        }
    }
}

/// A difference, with what a reason may ask for.
#[derive(Debug, Clone)]
pub(crate) struct Difference {
    pub(crate) kind: Kind,
    /// `refunds.create`, of an operation or a notification.
    pub(crate) id: String,
    pub(crate) standing: Standing,
    /// `request`, `response` or `notification`.
    pub(crate) side: &'static str,
    /// `amount.total`; empty: all of the side.
    pub(crate) field: String,
    /// What the facts say.
    pub(crate) fact: String,
    /// What the spec says.
    pub(crate) spec: String,
    /// Who knows the field: letters of [`crate::facts::Field::from`].
    pub(crate) from: String,
    /// Whether its type serves requests and answers.
    pub(crate) shared: bool,
    /// Whether several operations or notifications use its type.
    pub(crate) reused: bool,
    pub(crate) encrypted: bool,
    /// Whether it is an alternative of a choice.
    pub(crate) choice: bool,
    /// `spec/refunds.yaml:12`
    pub(crate) at: String,
    /// How many fields of the facts it concerns.
    pub(crate) weight: usize,
    /// The reason that explains it: index into the reasons.
    pub(crate) reason: Option<usize>,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { kind, id, side, field, fact, spec, from, at, .. } = self;
        let kind = kind.name();
        write!(f, "{at}: {kind}: {id} {side} {field}: facts {fact}, spec {spec}")?;
        if from.is_empty() { Ok(()) } else { write!(f, " (from {from})") }
    }
}
