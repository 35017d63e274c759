#[path = "../../../../codegen/tests/growth/after/api/mod.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "generated for a public module, of which the test uses a part"
)]
mod api;
#[path = "before/program.rs"]
#[allow(clippy::duplicate_mod, reason = "that it compiles with both is the test")]
mod program;
