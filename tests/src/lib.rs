//! The Rust runner of the conformance scenarios; `tests/README.md` describes the format for all languages.
//!
//! This is test code: what is not as it should be is a panic that says where.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a runner of tests fails by panicking"
)]

pub mod client;
pub mod control;
pub mod examples;
pub mod fuzzing;
/// What `cargo xtask codegen` writes for the tests.
pub mod generated {
    pub mod typed_calls;
}
pub mod matching;
pub mod runner;
pub mod scenario;
pub mod secrets;
pub mod subject;
pub mod typed;
pub mod variables;

/// The examples of the README must compile.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;

/// Those of the Chinese README too.
#[cfg(doctest)]
#[doc = include_str!("../../README.zh-CN.md")]
pub struct ReadmeZhCn;
