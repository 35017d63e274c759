//! Python: wheel and sdist, tests, demo and benchmarks, each in a virtual environment made below `target/python`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail};

use crate::run::{self, all, cargo, headline, root, run_and_see};
use crate::sandbox::{self, Sandbox};
use crate::tally::Tally;

/// Exact versions with hashes, made by `uv pip compile`; the `.in` beside each says what for.
const BUILD: &str = "bindings-python/requirements/build.txt";
const TEST: &str = "bindings-python/requirements/test.txt";
const BENCH: &str = "bindings-python/requirements/bench.txt";

/// A virtual environment.
pub(crate) struct Venv(PathBuf);

impl Venv {
    /// Makes it, or takes the one that is there. What the file of requirements names is installed unless the same was
    /// installed before.
    pub(crate) fn make(name: &str, requirements: Option<&str>) -> Result<Self> {
        let path = folder()?.join(name);
        let venv = Self(path.clone());
        let stamp = path.join("installed.txt");
        let wanted = match requirements {
            Some(file) => std::fs::read_to_string(root().join(file)).with_context(|| file.to_string())?,
            None => String::new(),
        };
        if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
            return Ok(venv);
        }
        run::run(Command::new(interpreter()?).args(["-m", "venv", "--clear"]).arg(&path))?;
        if let Some(file) = requirements {
            run::run(venv.pip().args(["--require-hashes", "--only-binary", ":all:", "--requirement", file]))?;
        }
        std::fs::write(&stamp, wanted).with_context(|| stamp.display().to_string())?;
        Ok(venv)
    }

    fn python(&self) -> Command {
        let mut command = Command::new(self.program("python"));
        // The sources must stay free of what Python and its tools would leave there.
        command.env("PYTHONDONTWRITEBYTECODE", "1").env_remove("PYTHONPATH").current_dir(root());
        command
    }

    pub(crate) fn program(&self, name: &str) -> PathBuf {
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
pub(crate) fn interpreter() -> Result<String> {
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
            anyhow!("Python 3.10 or newer with venv was not found (Debian: apt-get install python3-venv); the environment \
                 variable PYTHON names another one")
        })
}

/// Builds the wheel with a Cargo profile, and says where it is.
fn wheel(profile: &str) -> Result<PathBuf> {
    build(&format!("wheel-{profile}"), &mut maturin(profile)?)
}

/// Builds the wheel for the free-threaded CPython 3.14.
fn free_threaded_wheel() -> Result<PathBuf> {
    let mut maturin = maturin("release")?;
    maturin.args(["--interpreter", "python3.14t"]).env("PYO3_CONFIG_FILE", free_threaded_config());
    build("wheel-free-threaded", &mut maturin)
}

/// What pyo3 would ask such an interpreter, which therefore need not be there.
fn free_threaded_config() -> PathBuf {
    root().join("bindings-python/free-threaded-3.14.txt")
}

fn maturin(profile: &str) -> Result<Command> {
    let tools = Venv::make("tools", Some(BUILD))?;
    let mut maturin = Command::new(tools.program("maturin"));
    maturin.current_dir(root()).args(["build", "--quiet", "--locked", "--profile", profile]);
    Ok(maturin)
}

fn build(name: &str, maturin: &mut Command) -> Result<PathBuf> {
    let out = folder()?.join(name);
    if out.exists() {
        std::fs::remove_dir_all(&out).with_context(|| out.display().to_string())?;
    }
    run::run(maturin.arg("--out").arg(&out))?;
    only_file(&out)
}

fn only_file(folder: &Path) -> Result<PathBuf> {
    let mut files = std::fs::read_dir(folder)
        .with_context(|| folder.display().to_string())?
        .filter_map(|entry| entry.ok());
    match (files.next(), files.next()) {
        (Some(file), None) => Ok(file.path()),
        _ => Err(anyhow!("{} does not hold one file", folder.display())),
    }
}

/// Wheels and sdist.
pub(crate) fn dist(dist: &Path) -> Result<()> {
    headline("Python: wheels and sdist");
    std::fs::create_dir_all(dist).with_context(|| dist.display().to_string())?;
    let mut files = vec![wheel("release")?];
    // Extension modules link to nothing of Python's, except on Windows.
    if cfg!(not(windows)) {
        files.push(free_threaded_wheel()?);
    }
    files.push(sdist()?);
    for file in files {
        let name = file.file_name().unwrap_or_default();
        std::fs::copy(&file, dist.join(name)).with_context(|| file.display().to_string())?;
        println!("dist/{}", name.to_string_lossy());
    }
    Ok(())
}

/// Makes the sdist, and checks that it has everything to build with: also the versions of `Cargo.lock`.
fn sdist() -> Result<PathBuf> {
    let tools = Venv::make("tools", Some(BUILD))?;
    let (out, unpacked) = (folder()?.join("sdist"), folder()?.join("sdist-unpacked"));
    for old in [&out, &unpacked] {
        if old.exists() {
            std::fs::remove_dir_all(old).with_context(|| old.display().to_string())?;
        }
    }
    run::run(Command::new(tools.program("maturin")).current_dir(root()).args(["sdist", "--out"]).arg(&out))?;
    let sdist = only_file(&out)?;
    run::run(tools.python().args(["-m", "tarfile", "--extract"]).arg(&sdist).arg(&unpacked))?;
    let inside = only_file(&unpacked)?;
    // Not --locked: fewer packages than in our workspace are needed, which cargo strikes from the list.
    let mut tree =
        cargo(&["tree", "--offline", "--prefix", "none", "--format", "{p}", "--package", "wechatpay-python"]);
    let tree = run::output_of(tree.current_dir(&inside).env("CARGO_TARGET_DIR", folder()?))?;
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).context("Cargo.lock")?;
    for package in tree.lines() {
        let mut words = package.split(' ');
        let (name, version) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let entry = format!("name = \"{name}\"\nversion = \"{}\"\n", version.trim_start_matches('v'));
        if !lock.contains(&entry) {
            bail!("the sdist would build with {name} {version}, which Cargo.lock has not");
        }
    }
    Ok(sdist)
}

/// Whether the binding compiles for the free-threaded CPython 3.14, which has an ABI of its own. For that no
/// interpreter is needed.
pub(crate) fn free_threaded() -> Result<()> {
    let mut clippy = cargo(&["clippy", "--locked", "--package", "wechatpay-python", "--", "-D", "warnings"]);
    run::run(clippy.env("PYO3_CONFIG_FILE", free_threaded_config()))
}

/// Every test of the package, with the wheel installed in a virtual environment: types and style first, for they
/// take seconds.
pub(crate) fn test(tally: &mut Tally) -> Result<()> {
    headline("Python: wheel");
    let wheel = wheel("dev")?;
    let sandbox = sandbox::program()?;
    let venv = Venv::make("venv", Some(TEST))?;
    venv.install(&wheel)?;
    let mut failures = Vec::new();
    headline("Python: ruff, mypy --strict, pyright");
    failures.extend(
        run::run(venv.python().args(["-m", "ruff", "check", "--no-cache", "bindings-python", "tests/peers"]))
            .err(),
    );
    let format =
        ["-m", "ruff", "format", "--no-cache", "--check", "--diff", "bindings-python", "tests/peers"];
    failures.extend(run::run(venv.python().args(format)).err());
    let cache = folder()?.join("mypy-cache");
    failures.extend(run::run(venv.python().args(["-m", "mypy", "--cache-dir"]).arg(&cache)).err());
    let pyright = ["-m", "pyright", "--pythonpath"];
    failures.extend(run::run(venv.python().args(pyright).arg(venv.program("python"))).err());
    headline("Python: sdist");
    failures.extend(sdist().err());
    headline("Python: tests");
    let mut pytest = venv.python();
    pytest.args(["-m", "pytest", "-p", "no:cacheprovider"]).env("WECHATPAY_SANDBOX", sandbox);
    failures.extend(run_and_see(&mut pytest, |line| count(tally, line)).err());
    all(failures)
}

/// The demo, from a fresh virtual environment with nothing but the wheel.
pub(crate) fn demo(sandbox: &Sandbox) -> Result<()> {
    headline("demo in Python");
    let wheel = wheel("dev")?;
    let path = folder()?.join("demo");
    if path.exists() {
        std::fs::remove_dir_all(&path).with_context(|| path.display().to_string())?;
    }
    let venv = Venv::make("demo", None)?;
    venv.install(&wheel)?;
    run::run(venv.python().arg("bindings-python/examples/demo.py").arg(&sandbox.credentials))
}

/// Counts the closing line of pytest: `3 failed, 198 passed, 2 skipped in 20.31s`.
pub(crate) fn count(tally: &mut Tally, line: &str) {
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
    let sandbox = sandbox::program()?;
    let ours = Venv::make("bench", None)?;
    ours.install(&wheel)?;
    let theirs = Venv::make("bench-peer", Some(BENCH))?;
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
        let mut tally = Tally::default();
        count(&mut tally, "bindings-python/tests/test_calls.py ....");
        count(&mut tally, "4 failed, 198 passed, 3 skipped in 20.31s");
        count(&mut tally, "===== 1 error in 2.05s =====");
        assert_eq!(tally.to_string(), "198 passed, 5 failed, 3 skipped");
    }
}
