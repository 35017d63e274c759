//! What is printed, and the exit code.

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

use serde_json::{Value, json};
use wechatpay_core::host::error_json;

use crate::failure::Failure;
use crate::language::{Language, Text};

/// It did not work.
const FAILED: u8 = 1;
/// It may have worked: nobody knows.
const OUTCOME_UNKNOWN: u8 = 3;

/// Where everything goes.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) json: bool,
    pub(crate) language: Language,
    colours: bool,
}

impl Output {
    pub(crate) fn new(json: bool, language: Language) -> Self {
        let colours = !json && std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self { json, language, colours }
    }

    pub(crate) fn say<'a>(&self, text: &'a Text) -> &'a str {
        text.in_language(self.language)
    }

    /// A line. A reader who went away, as `head` does, is no failure.
    pub(crate) fn line(&self, line: impl AsRef<str>) {
        let _ = writeln!(std::io::stdout(), "{}", line.as_ref());
    }

    pub(crate) fn value(&self, value: &Value) {
        self.line(serde_json::to_string_pretty(value).unwrap_or_default());
    }

    /// Emphasised on a terminal: `31` red, `32` green, `33` yellow, `1` bold.
    pub(crate) fn styled(&self, style: &str, text: &str) -> String {
        if self.colours { format!("\x1b[{style}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// Says what went wrong; of a request that may have taken effect, that first.
    pub(crate) fn failure(&self, failure: &Failure) -> ExitCode {
        let unknown = matches!(failure, Failure::Core(error) if error.outcome_unknown());
        if self.json {
            let told = match failure {
                Failure::Core(error) => serde_json::from_str(&error_json(error)).unwrap_or_default(),
                Failure::Own(text) => json!({ "message": self.say(text) }),
            };
            self.value(&json!({ "error": told }));
        } else {
            let mut lines = Vec::new();
            if unknown {
                lines.push(
                    self.say(&Text::new(
                        "THE REQUEST MAY HAVE TAKEN EFFECT. Look it up by your own number before you do anything else.",
                        "请求可能已经生效！请先用商户自己的单号查询结果，再决定下一步。",
                    ))
                    .to_owned(),
                );
            }
            match failure {
                Failure::Core(error) => {
                    lines.push(error.to_string());
                    if let Some(id) = error.request_id().filter(|id| !error.to_string().contains(id)) {
                        lines.push(format!("Request-ID: {id}"));
                    }
                    if error.retryable() && !unknown {
                        lines.push(
                            self.say(&Text::new("It may be sent again as it is.", "可以原样重试。"))
                                .to_owned(),
                        );
                    }
                }
                Failure::Own(text) => lines.push(self.say(text).to_owned()),
            }
            let _ = writeln!(std::io::stderr(), "{}", lines.join("\n"));
        }
        ExitCode::from(if unknown { OUTCOME_UNKNOWN } else { FAILED })
    }

    /// The exit code of a command that found something wrong.
    pub(crate) fn failed() -> ExitCode {
        ExitCode::from(FAILED)
    }
}
