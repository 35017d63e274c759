pub(crate) mod error_kind;
