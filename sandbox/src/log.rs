//! What whoever runs the sandbox should know.

/// Says something on standard error. A closed one must not stop the sandbox, as `eprintln!` would.
macro_rules! log {
    ($($what:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), "wechatpay-sandbox: {}", format_args!($($what)*));
    }};
}
