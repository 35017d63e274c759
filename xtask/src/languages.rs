//! The languages of the SDK. A new binding fills in its row; nothing else in xtask needs to know it.

use std::path::Path;

use anyhow::Result;
use pico_args::Arguments;

use crate::sandbox::Sandbox;
use crate::tally::Tally;
use crate::usage::Usage;
use crate::{kotlin, node, python, rust, swift};

pub(crate) struct Language {
    /// What `--lang` takes.
    pub(crate) name: &'static str,
    /// Runs the demo program against a running sandbox.
    pub(crate) demo: Option<fn(&Sandbox) -> Result<()>>,
    /// Runs every test of the language and counts them.
    pub(crate) test: Option<fn(&mut Tally) -> Result<()>>,
    /// Measures, in a shorter run when asked to.
    pub(crate) bench: Option<fn(quick: bool) -> Result<()>>,
    /// Makes the packages to publish, in a folder.
    pub(crate) dist: Option<fn(out: &Path) -> Result<()>>,
}

pub(crate) const LANGUAGES: &[Language] = &[
    Language {
        name: "rust",
        demo: Some(rust::demo),
        test: Some(rust::test),
        bench: Some(rust::bench),
        dist: Some(rust::dist),
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
pub(crate) fn from_args(args: &mut Arguments) -> Result<Option<&'static Language>> {
    let name: Option<String> = args.opt_value_from_str("--lang")?;
    name.map(|name| named(&name)).transpose()
}

/// The language of this name.
pub(crate) fn named(name: &str) -> Result<&'static Language> {
    match LANGUAGES.iter().find(|language| language.name == name) {
        Some(language) => Ok(language),
        None => {
            let known: Vec<_> = LANGUAGES.iter().map(|language| language.name).collect();
            Err(Usage(format!("there is no language `{name}`; there are {}", known.join(", "))).into())
        }
    }
}

impl Language {
    /// What is said to somebody who asks for what this language does not have yet.
    pub(crate) fn not_built(&self, what: &str) -> Usage {
        Usage(format!("the {what} of `{}` is not built yet", self.name))
    }
}
