//! A panic for the tests, which must see that none crosses the border.

/// Panics when a test asks for it.
#[expect(clippy::panic, reason = "this is what it is for")]
pub(crate) fn provoke(operation: &str) {
    if operation == "test.panic" {
        panic!("provoked by a test");
    }
}
