//! A program that was written for a product compiles and does the same when WeChat Pay has added to the product.
//!
//! The product is that of `bindings-uniffi/kotlin/tests/growth`, in Rust `codegen/tests/growth`: fields are added, become required
//! and stop being so, an operation and a value of an enum are added.

mod after;
mod before;
