//! The command line: a few flags do not need a library.

use crate::failure::{Failure, Result};

/// What is left of the command line. Every command takes the flags it knows and then calls [`Args::finish`], which
/// refuses the rest: a mistyped flag must not look like a success.
#[derive(Debug)]
pub(crate) struct Args(Vec<String>);

impl Args {
    pub(crate) fn new(args: impl IntoIterator<Item = String>) -> Self {
        Self(args.into_iter().collect())
    }

    /// The first word.
    pub(crate) fn command(&mut self) -> Option<String> {
        if self.0.is_empty() { None } else { Some(self.0.remove(0)) }
    }

    /// Whether the flag is there.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|arg| arg != name);
        self.0.len() < before
    }

    /// The value of `--name value` or `--name=value`.
    pub(crate) fn value(&mut self, name: &str) -> Result<Option<String>> {
        let prefix = format!("{name}=");
        let Some(at) = self.0.iter().position(|arg| arg == name || arg.starts_with(&prefix)) else {
            return Ok(None);
        };
        let arg = self.0.remove(at);
        if let Some(value) = arg.strip_prefix(&prefix) {
            return Ok(Some(value.to_owned()));
        }
        if at < self.0.len() {
            return Ok(Some(self.0.remove(at)));
        }
        Err(Failure::Usage(format!("{name} needs a value")))
    }

    /// Refuses what no one has taken.
    pub(crate) fn finish(self) -> Result<()> {
        match self.0.first() {
            None => Ok(()),
            Some(arg) => Err(Failure::Usage(format!("`{arg}` is not known here"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(line: &str) -> Args {
        Args::new(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn value_is_taken_in_both_spellings() {
        for line in ["--lang rust", "--lang=rust"] {
            let mut args = args(line);
            assert_eq!(args.value("--lang").unwrap().as_deref(), Some("rust"));
            args.finish().unwrap();
        }
    }

    #[test]
    fn value_must_be_there() {
        assert!(matches!(args("--lang").value("--lang"), Err(Failure::Usage(_))));
    }

    #[test]
    fn what_nobody_takes_is_refused() {
        let mut args = args("codegen --chek");
        assert_eq!(args.command().as_deref(), Some("codegen"));
        assert!(!args.flag("--check"));
        assert!(matches!(args.finish(), Err(Failure::Usage(text)) if text.contains("--chek")));
    }
}
