//! Shared by the conformance tests.
