//! Python: wheel and sdist, tests, demo and benchmarks, each in a virtual environment made below `target/python`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::commands::{demo, test};
use crate::failure::{Context, Failure, Result};
use crate::run::{self, headline, root, run_and_see};

/// What the tests need besides the wheel. None of it is needed to use the package.
const TEST_TOOLS: &[&str] = &[
    "pytest>=9,<10",
    "cryptography",
    "flask>=3,<4",
    "django>=5.2,<6",
    "django-stubs>=6,<7",
    "fastapi",
    "httpx",
    "gunicorn",
    "openapi-spec-validator>=0.7,<1",
    "polars",
    "mypy>=2.4,<3",
    "pyright[nodejs]>=1.1.400",
    "ruff>=0.17,<0.18",
];
const MATURIN: &str = "maturin>=1.9,<2";

/// A virtual environment.
struct Venv(PathBuf);

impl Venv {
    /// Makes it, or takes the one that is there. `tools` are installed unless the same list was installed before.
    fn make(name: &str, tools: &[&str]) -> Result<Self> {
        let path = folder()?.join(name);
        let venv = Self(path.clone());
        let stamp = path.join("installed.txt");
        let wanted = tools.join("\n");
        if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
            return Ok(venv);
        }
        run::run(Command::new(interpreter()?).args(["-m", "venv", "--clear"]).arg(&path))?;
        if !tools.is_empty() {
            run::run(venv.pip().args(tools))?;
        }
        std::fs::write(&stamp, wanted).context(stamp.display())?;
        Ok(venv)
    }

    fn python(&self) -> Command {
        let mut command = Command::new(self.program("python"));
        // The sources must stay free of what Python and its tools would leave there.
        command.env("PYTHONDONTWRITEBYTECODE", "1").env_remove("PYTHONPATH").current_dir(root());
        command
    }

    fn program(&self, name: &str) -> PathBuf {
        if cfg!(windows) {
            self.0.join("Scripts").join(format!("{name}.exe"))
        } else {
            self.0.join("bin").join(name)
        }
    }

    fn pip(&self) -> Command {
        let mut command = self.python();
        command.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        command
    }

    /// Installs the wheel as a user would, in place of an earlier one.
    fn install(&self, wheel: &Path) -> Result<()> {
        run::run(self.pip().args(["--force-reinstall", "--no-deps"]).arg(wheel))
    }
}

fn folder() -> Result<PathBuf> {
    Ok(run::target_dir()?.join("python"))
}

/// A Python that is new enough. `PYTHON` names another one.
fn interpreter() -> Result<String> {
    let candidates = match std::env::var("PYTHON") {
        Ok(python) => vec![python],
        Err(_) => ["python3", "python", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"]
            .map(str::to_owned)
            .to_vec(),
    };
    let new_enough = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))";
    candidates
        .into_iter()
        .find(|python| {
            Command::new(python).args(["-c", new_enough]).output().is_ok_and(|done| done.status.success())
        })
        .ok_or_else(|| {
            Failure::Failed(
                "Python 3.10 or newer with venv was not found (Debian: apt-get install python3-venv); the environment \
                 variable PYTHON names another one"
                    .into(),
            )
        })
}

/// Builds the wheel with a Cargo profile, and says where it is.
fn wheel(profile: &str) -> Result<PathBuf> {
    let tools = Venv::make("tools", &[MATURIN])?;
    let out = folder()?.join(format!("wheel-{profile}"));
    if out.exists() {
        std::fs::remove_dir_all(&out).context(out.display())?;
    }
    let mut maturin = Command::new(tools.program("maturin"));
    maturin
        .current_dir(root())
        .args(["build", "--quiet", "--locked", "--profile", profile, "--out"])
        .arg(&out);
    run::run(&mut maturin)?;
    only_file(&out)
}

fn only_file(folder: &Path) -> Result<PathBuf> {
    let mut files = std::fs::read_dir(folder).context(folder.display())?.filter_map(|entry| entry.ok());
    match (files.next(), files.next()) {
        (Some(file), None) => Ok(file.path()),
        _ => Err(Failure::Failed(format!("{} does not hold one file", folder.display()))),
    }
}

/// Wheel and sdist.
pub(crate) fn dist(dist: &Path) -> Result<()> {
    headline("Python: wheel and sdist");
    std::fs::create_dir_all(dist).context(dist.display())?;
    let wheel = wheel("release")?;
    let tools = Venv::make("tools", &[MATURIN])?;
    let out = folder()?.join("sdist");
    if out.exists() {
        std::fs::remove_dir_all(&out).context(out.display())?;
    }
    let mut maturin = Command::new(tools.program("maturin"));
    run::run(maturin.current_dir(root()).args(["sdist", "--out"]).arg(&out))?;
    for file in [wheel, only_file(&out)?] {
        let name = file.file_name().unwrap_or_default();
        std::fs::copy(&file, dist.join(name)).context(file.display())?;
        println!("dist/{}", name.to_string_lossy());
    }
    Ok(())
}

/// Every test of the package, with the wheel installed in a virtual environment: types and style first, for they
/// take seconds.
pub(crate) fn test(tally: &mut test::Tally) -> Result<()> {
    headline("Python: wheel");
    let wheel = wheel("dev")?;
    let sandbox = demo::sandbox_program()?;
    let venv = Venv::make("venv", TEST_TOOLS)?;
    venv.install(&wheel)?;
    let mut failures = Vec::new();
    headline("Python: ruff, mypy --strict, pyright");
    failures
        .extend(run::run(venv.python().args(["-m", "ruff", "check", "--no-cache", "bindings-python"])).err());
    let format = ["-m", "ruff", "format", "--no-cache", "--check", "--diff", "bindings-python"];
    failures.extend(run::run(venv.python().args(format)).err());
    let cache = folder()?.join("mypy-cache");
    failures.extend(run::run(venv.python().args(["-m", "mypy", "--cache-dir"]).arg(&cache)).err());
    let pyright = ["-m", "pyright", "--pythonpath"];
    failures.extend(run::run(venv.python().args(pyright).arg(venv.program("python"))).err());
    headline("Python: tests");
    let mut pytest = venv.python();
    pytest.args(["-m", "pytest", "-p", "no:cacheprovider"]).env("WECHATPAY_SANDBOX", sandbox);
    failures.extend(run_and_see(&mut pytest, |line| count(tally, line)).err());
    if failures.is_empty() {
        return Ok(());
    }
    let failures: Vec<_> = failures.iter().map(ToString::to_string).collect();
    Err(Failure::Failed(failures.join("\n       ")))
}

/// The demo, from a fresh virtual environment with nothing but the wheel.
pub(crate) fn demo(sandbox: &demo::Sandbox) -> Result<()> {
    headline("demo in Python");
    let wheel = wheel("dev")?;
    let path = folder()?.join("demo");
    if path.exists() {
        std::fs::remove_dir_all(&path).context(path.display())?;
    }
    let venv = Venv::make("demo", &[])?;
    venv.install(&wheel)?;
    run::run(venv.python().arg("bindings-python/examples/demo.py").arg(&sandbox.credentials))
}

/// Counts the closing line of pytest: `3 failed, 198 passed, 2 skipped in 20.31s`.
fn count(tally: &mut test::Tally, line: &str) {
    let counts = line.trim_matches(['=', ' ']);
    let Some((counts, _)) = counts.rsplit_once(" in ").filter(|(_, time)| time.contains('s')) else { return };
    let number = |wanted: &str| {
        counts.split(", ").filter_map(|part| part.split_once(' ')).find_map(|(number, what)| {
            (what.trim_end_matches('s') == wanted).then(|| number.parse::<u64>().ok()).flatten()
        })
    };
    let (passed, failed, errors) = (number("passed"), number("failed"), number("error"));
    if passed.is_some() || failed.is_some() || errors.is_some() {
        let failed = failed.unwrap_or_default() + errors.unwrap_or_default();
        tally.add(passed.unwrap_or_default(), failed, number("skipped").unwrap_or_default());
    }
}

/// Beside wechatpayv3, in the same run.
pub(crate) fn bench(quick: bool) -> Result<()> {
    headline("Python: release wheel");
    let wheel = wheel("release")?;
    let sandbox = demo::sandbox_program()?;
    let ours = Venv::make("bench", &[])?;
    ours.install(&wheel)?;
    let theirs = Venv::make("bench-peer", &["wechatpayv3[async]"])?;
    headline("Python: beside wechatpayv3");
    let mut bench = ours.python();
    bench.arg("bindings-python/benches/compare.py").env("WECHATPAY_SANDBOX", sandbox);
    bench.arg("--peer").arg(theirs.program("python"));
    if quick {
        bench.arg("--quick");
    }
    run::run(&mut bench)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_of_pytest_are_counted() {
        let mut tally = test::Tally::default();
        count(&mut tally, "bindings-python/tests/test_calls.py ....");
        count(&mut tally, "4 failed, 198 passed, 3 skipped in 20.31s");
        count(&mut tally, "===== 1 error in 2.05s =====");
        assert_eq!(tally.to_string(), "198 passed, 5 failed, 3 skipped");
    }
}
