//! What is wrong with a command line: shown with the usage, exit status 2, so that no script takes it for a verdict.

use std::ffi::OsString;

use anyhow::Result;
use pico_args::Arguments;

/// The command line asks for something that is not there.
#[derive(Debug)]
pub(crate) struct Usage(pub(crate) String);

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

/// Refuses what no command has taken: a mistyped flag must not look like a success.
pub(crate) fn finish(args: Arguments) -> Result<()> {
    match args.finish().first().map(OsString::as_os_str) {
        None => Ok(()),
        Some(arg) => Err(Usage(format!("`{}` is not known here", arg.display())).into()),
    }
}

/// Whether the failure lies in the command line, and not in the work.
pub(crate) fn is_usage(failure: &anyhow::Error) -> bool {
    failure.is::<Usage>() || failure.is::<pico_args::Error>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_takes_is_refused() {
        let args = Arguments::from_vec(vec!["--chek".into()]);
        let failure = finish(args).unwrap_err();
        assert!(is_usage(&failure));
        assert!(failure.to_string().contains("--chek"));
    }

    #[test]
    fn a_missing_value_is_a_fault_of_the_command_line() {
        let mut args = Arguments::from_vec(vec!["--lang".into()]);
        let failure = args.opt_value_from_str::<_, String>("--lang").unwrap_err();
        assert!(is_usage(&failure.into()));
    }
}
