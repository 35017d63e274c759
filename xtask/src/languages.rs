//! The languages of the SDK. A new binding fills in its row; nothing else in xtask needs to know it.

use std::path::Path;

use crate::args::Args;
use crate::commands::{bench, demo, dist, test};
use crate::failure::{Failure, Result};
use crate::{kotlin, node, python, swift};

pub(crate) struct Language {
    /// What `--lang` takes.
    pub(crate) name: &'static str,
    /// Runs the demo program against a running sandbox.
    pub(crate) demo: Option<fn(&demo::Sandbox) -> Result<()>>,
    /// Runs every test of the language and counts them.
    pub(crate) test: Option<fn(&mut test::Tally) -> Result<()>>,
    /// Measures, in a shorter run when asked to.
    pub(crate) bench: Option<fn(quick: bool) -> Result<()>>,
    /// Makes the packages to publish, in a folder.
    pub(crate) dist: Option<fn(out: &Path) -> Result<()>>,
}

pub(crate) const LANGUAGES: &[Language] = &[
    Language {
        name: "rust",
        demo: Some(demo::rust),
        test: Some(test::rust),
        bench: Some(bench::rust),
        dist: Some(dist::rust),
    },
    Language {
        name: "python",
        demo: Some(python::demo),
        test: Some(python::test),
        bench: Some(python::bench),
        dist: Some(python::dist),
    },
    Language {
        name: "node",
        demo: Some(node::demo),
        test: Some(node::test),
        bench: Some(node::bench),
        dist: Some(node::dist),
    },
    Language {
        name: "kotlin",
        demo: Some(kotlin::demo),
        test: Some(kotlin::test),
        bench: Some(kotlin::bench),
        dist: Some(kotlin::dist),
    },
    Language { name: "swift", demo: None, test: Some(swift::test), bench: None, dist: Some(swift::dist) },
];

/// The language that `--lang` names, if it is there.
pub(crate) fn from_args(args: &mut Args) -> Result<Option<&'static Language>> {
    args.value("--lang")?.map(|name| named(&name)).transpose()
}

/// The language of this name.
pub(crate) fn named(name: &str) -> Result<&'static Language> {
    match LANGUAGES.iter().find(|language| language.name == name) {
        Some(language) => Ok(language),
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
