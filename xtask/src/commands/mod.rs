//! One file per command.

pub(crate) mod bench;
pub(crate) mod check;
pub(crate) mod codegen;
pub(crate) mod coverage;
pub(crate) mod demo;
pub(crate) mod dist;
pub(crate) mod facts;
pub(crate) mod release;
pub(crate) mod scale;
pub(crate) mod test;
