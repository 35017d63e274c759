//! Printing, so that a newcomer can follow.

use std::sync::atomic::{AtomicU32, Ordering};

use wechatpay::Reply;

static STEP: AtomicU32 = AtomicU32::new(0);

/// Headline of the next step.
pub(crate) fn step(title: &str) {
    let number = STEP.fetch_add(1, Ordering::Relaxed) + 1;
    println!("\n{number:>2}. {title}");
}

/// One fact.
pub(crate) fn fact(name: &str, value: impl std::fmt::Display) {
    println!("    {name:<11} {value}");
}

/// A text of several lines.
pub(crate) fn text(name: &str, value: &str) {
    for (index, line) in value.split_terminator('\n').enumerate() {
        fact(if index == 0 { name } else { "" }, if line.is_empty() { "(empty line)" } else { line });
    }
}

/// What a typed answer was verified with.
pub(crate) fn verified<T>(reply: &Reply<T>) {
    fact("verified", format!("HTTP {}, signed with {}", reply.http_status(), reply.signed_by()));
}
