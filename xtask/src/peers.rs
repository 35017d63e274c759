//! SDKs of others, unmodified, against the sandbox: `tests/peers/README.md`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::python;
use crate::run::{self, all, headline, root, run_and_see};
use crate::sandbox::{self, Sandbox};
use crate::tally::Tally;
use crate::venv::Venv;

pub(crate) fn test(tally: &mut Tally) -> Result<()> {
    let home = run::target_dir()?.join("peers");
    let sandbox = Sandbox::start_in(
        home.join("sandbox"),
        &["--transparent".as_ref(), "--ca".as_ref(), home.join("ca").as_os_str()],
    )?;
    all([of_python(&sandbox, tally), of_node(&home.join("node"), &sandbox, tally)]
        .into_iter()
        .filter_map(|done| done.err())
        .collect())
}

fn of_python(sandbox: &Sandbox, tally: &mut Tally) -> Result<()> {
    headline("peers: wechatpayv3");
    let venv = Venv::make("peers", Some("tests/peers/python/requirements.txt"))?;
    let mut pytest = led_there(sandbox, "python", &venv.program("python"))?;
    pytest.args([
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        "tests/peers/python",
        "tests/peers/python",
    ]);
    run_and_see(pytest.env("PYTHONDONTWRITEBYTECODE", "1"), |line| python::count(tally, line))
}

fn of_node(project: &Path, sandbox: &Sandbox, tally: &mut Tally) -> Result<()> {
    headline("peers: wechatpay-axios-plugin, wechatpay-node-v3");
    fs::create_dir_all(project).with_context(|| project.display().to_string())?;
    let source = root().join("tests/peers/node");
    for entry in fs::read_dir(&source).with_context(|| source.display().to_string())? {
        let file = entry?;
        if file.file_type()?.is_file() {
            fs::copy(file.path(), project.join(file.file_name()))
                .with_context(|| file.path().display().to_string())?;
        }
    }
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    run::run(Command::new(npm).current_dir(project).args(["ci", "--ignore-scripts", "--loglevel=error"]))?;
    let mut failures = Vec::new();
    for (test, more) in
        [("axios_plugin.test.mjs", &[][..]), ("node_v3.test.mjs", &["--require", "./hosts.cjs"][..])]
    {
        let mut node = led_there(sandbox, "node", Path::new("node"))?;
        node.current_dir(project).args(more).args(["--test", "--test-reporter", "tap", test]);
        failures.extend(run_and_see(&mut node, |line| count(tally, line)).err());
    }
    all(failures)
}

/// A program that is started after the lines that `wechatpay-sandbox env` prints for its language, as people do it.
fn led_there(sandbox: &Sandbox, language: &str, program: &Path) -> Result<Command> {
    let mut env = Command::new(sandbox::program()?);
    env.args(["env", "--lang", language, "--out"]).arg(&sandbox.credentials);
    let lines: PathBuf = sandbox.credentials.join(format!("{language}.sh"));
    fs::write(&lines, run::output_of(&mut env)?).with_context(|| lines.display().to_string())?;
    let mut command = Command::new("sh");
    command.current_dir(root()).args(["-c", r#". "$0" && exec "$@""#]).arg(&lines).arg(program);
    command.env("SANDBOX_FOLDER", &sandbox.credentials);
    Ok(command)
}

/// Counts what Node's test runner says at its end: `# pass 9`.
fn count(tally: &mut Tally, line: &str) {
    let Some((what, number)) = line.strip_prefix("# ").and_then(|rest| rest.split_once(' ')) else { return };
    let Ok(number) = number.parse() else { return };
    match what {
        "pass" => tally.add(number, 0, 0),
        "fail" | "cancelled" => tally.add(0, number, 0),
        "skipped" | "todo" => tally.add(0, 0, number),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_counts_are_read() {
        let mut tally = Tally::default();
        for line in
            ["# Subtest: a refund", "ok 1 - a refund", "# tests 4", "# pass 2", "# fail 1", "# skipped 1"]
        {
            count(&mut tally, line);
        }
        let mut expected = Tally::default();
        expected.add(2, 1, 1);
        assert_eq!(tally, expected);
    }
}
