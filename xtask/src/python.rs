//! Python: wheel and sdist, tests, demo and benchmarks, each in a virtual environment made below `target/python`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail};

use crate::machines::{MACHINES, Toolchain};
use crate::run::{self, all, cargo, headline, root, run_and_see};
use crate::sandbox::{self, Sandbox};
use crate::tally::Tally;
use crate::venv::{Venv, folder};

/// Exact versions with hashes, made by `uv pip compile`; the `.in` beside each says what for.
const BUILD: &str = "bindings-python/requirements/build.txt";
const TEST: &str = "bindings-python/requirements/test.txt";
const BENCH: &str = "bindings-python/requirements/bench.txt";

/// Builds the wheel with a Cargo profile, and says where it is.
fn wheel(profile: &str) -> Result<PathBuf> {
    build(&format!("wheel-{profile}"), &mut maturin(profile)?)
}

/// The wheel of this machine from a quick build.
pub(crate) fn dev_wheel() -> Result<PathBuf> {
    wheel("dev")
}

/// Wheels for Linux machines that are not this one, in `out`.
fn wheels_for_machines(out: &Path) -> Result<()> {
    let toolchain = Toolchain::ready()?;
    for machine in MACHINES {
        let mut maturin = toolchain.maturin(&root())?;
        maturin.args([
            "--profile",
            "published",
            "--target",
            machine.rust,
            "--compatibility",
            machine.wheel,
            "--out",
        ]);
        // It looks into the wheel for symbols that are newer than promised, and fails then.
        run::run(maturin.arg(out))?;
    }
    Ok(())
}

/// Builds the wheel for the free-threaded CPython 3.14.
fn free_threaded_wheel() -> Result<PathBuf> {
    let mut maturin = maturin("published")?;
    maturin.args(["--interpreter", "python3.14t"]).env("PYO3_CONFIG_FILE", free_threaded_config());
    build("wheel-free-threaded", &mut maturin)
}

/// What pyo3 would ask such an interpreter, which therefore need not be there.
fn free_threaded_config() -> PathBuf {
    root().join("bindings-python/free-threaded-3.14.txt")
}

pub(crate) fn maturin(profile: &str) -> Result<Command> {
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
    let mut files = Vec::new();
    if cfg!(target_os = "linux") {
        wheels_for_machines(dist)?;
    } else {
        files.push(wheel("published")?);
    }
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
        run::run(venv.python().args([
            "-m",
            "ruff",
            "check",
            "--no-cache",
            "bindings-python",
            "tests/peers",
            "sandbox/packages",
        ]))
        .err(),
    );
    let format = [
        "-m",
        "ruff",
        "format",
        "--no-cache",
        "--check",
        "--diff",
        "bindings-python",
        "tests/peers",
        "sandbox/packages",
    ];
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
