#[path = "../../../../codegen/tests/growth/before/api/mod.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "generated for a public module, of which the test uses a part"
)]
mod api;
mod program;
