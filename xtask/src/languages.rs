//! The languages of the SDK. A new binding fills in its row; nothing else in xtask needs to know it.

use crate::args::Args;
use crate::commands::{demo, test};
use crate::failure::{Failure, Result};

pub(crate) struct Language {
    /// What `--lang` takes.
    pub(crate) name: &'static str,
    /// Runs the demo program against a running sandbox.
    pub(crate) demo: Option<fn(&demo::Sandbox) -> Result<()>>,
    /// Runs every test of the language and counts them.
    pub(crate) test: Option<fn(&mut test::Tally) -> Result<()>>,
}

pub(crate) const LANGUAGES: &[Language] = &[
    Language { name: "rust", demo: Some(demo::rust), test: Some(test::rust) },
    Language { name: "python", demo: None, test: None },
    Language { name: "node", demo: None, test: None },
    Language { name: "kotlin", demo: None, test: None },
    Language { name: "swift", demo: None, test: None },
];

/// The language that `--lang` names, if it is there.
pub(crate) fn from_args(args: &mut Args) -> Result<Option<&'static Language>> {
    let Some(name) = args.value("--lang")? else {
        return Ok(None);
    };
    match LANGUAGES.iter().find(|language| language.name == name) {
        Some(language) => Ok(Some(language)),
        None => {
            let known: Vec<_> = LANGUAGES.iter().map(|language| language.name).collect();
            Err(Failure::Usage(format!("there is no language `{name}`; there are {}", known.join(", "))))
        }
    }
}

impl Language {
    /// The failure of asking for what this language does not have yet.
    pub(crate) fn not_built(&self, what: &str) -> Failure {
        Failure::NotBuilt(format!("the {what} of `{}` is not built yet", self.name))
    }
}
