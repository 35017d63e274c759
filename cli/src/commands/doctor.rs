//! `doctor`: why calls and notifications fail. Each thing alone, then all together in a signed call.

mod local;
mod remote;

use std::process::ExitCode;

use serde_json::{Map, Value, json};

use crate::failure::Result;
use crate::language::Text;
use crate::output::Output;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Right,
    Wrong,
    /// It could not be told, or the option is not there.
    Open,
}

/// One thing that was looked at.
#[derive(Debug)]
struct Finding {
    /// Its name, for programs: `private_key`.
    about: &'static str,
    verdict: Verdict,
    what: Text,
    /// What to do, and where.
    mend: Option<Text>,
}

impl Finding {
    fn right(about: &'static str, what: Text) -> Self {
        Self { about, verdict: Verdict::Right, what, mend: None }
    }

    fn wrong(about: &'static str, what: Text, mend: Text) -> Self {
        Self { about, verdict: Verdict::Wrong, what, mend: Some(mend) }
    }

    fn open(about: &'static str, what: Text) -> Self {
        Self { about, verdict: Verdict::Open, what, mend: None }
    }
}

pub(crate) fn run(
    options: &Map<String, Value>,
    offline: bool,
    notify_url: Option<&str>,
    output: &Output,
) -> Result<ExitCode> {
    let mut findings = local::look(options);
    let is_wrong = |findings: &[Finding]| findings.iter().any(|one| one.verdict == Verdict::Wrong);
    if !offline {
        // A call with what is known to be wrong says less than what is known.
        if is_wrong(&findings) {
            findings.push(Finding::open(
                "call",
                Text::new("not tried: first mend what is wrong above", "未发起请求：请先修正上面的问题"),
            ));
        } else {
            findings.extend(remote::look(options, notify_url)?);
        }
    }
    let wrong = is_wrong(&findings);
    if output.json {
        let shown: Vec<Value> = findings
            .iter()
            .map(|one| {
                let verdict = match one.verdict {
                    Verdict::Right => "right",
                    Verdict::Wrong => "wrong",
                    Verdict::Open => "open",
                };
                json!({
                    "about": one.about, "verdict": verdict, "what": output.say(&one.what),
                    "mend": one.mend.as_ref().map(|mend| output.say(mend)),
                })
            })
            .collect();
        output.value(&json!({ "healthy": !wrong, "findings": shown }));
    } else {
        for one in &findings {
            let (style, mark) = match one.verdict {
                Verdict::Right => ("32", "✓"),
                Verdict::Wrong => ("31", "✗"),
                Verdict::Open => ("33", "·"),
            };
            output.line(format!("{} {}: {}", output.styled(style, mark), one.about, output.say(&one.what)));
            if let Some(mend) = &one.mend {
                output.line(format!("    → {}", output.say(mend)));
            }
        }
    }
    Ok(if wrong { Output::failed() } else { ExitCode::SUCCESS })
}
