//! Rust: the crates, their tests with both cryptography backends, the demo and the benchmarks.

mod bench;

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

pub(crate) use bench::bench;

use crate::run::{self, all, cargo, headline, run_and_see};
use crate::sandbox::{self, Sandbox};
use crate::tally::Tally;

/// Everything that can be combined with the pure-Rust backend, that is all but the other backend.
const RUSTCRYPTO: &str = "rustcrypto,transport,pkcs12";

/// `tests/examples/demo.rs`.
pub(crate) fn demo(sandbox: &Sandbox) -> Result<()> {
    headline("demo in Rust");
    let program = sandbox::build("example", "demo")?;
    run::run(Command::new(program).arg(&sandbox.credentials))
}

/// The Rust tests: the core without sockets with each backend, the core's tests with the second backend, and the
/// tests and documentation tests of the whole workspace with the default one, and the demo.
pub(crate) fn test(tally: &mut Tally) -> Result<()> {
    let mut failures = Vec::new();
    for backend in ["aws-lc", "rustcrypto"] {
        headline(&format!("core without sockets, {backend}"));
        let args =
            ["build", "--locked", "-p", "wechatpay-core", "--no-default-features", "--features", backend];
        failures.extend(run::run(&mut cargo(&args)).err());
    }
    headline("core with the pure-Rust backend");
    let args =
        ["test", "--locked", "--no-fail-fast", "-p", "wechatpay-core", "--no-default-features", "--features"];
    failures.extend(run_and_see(cargo(&args).arg(RUSTCRYPTO), |line| tally.see(line)).err());
    headline("workspace");
    let args = ["test", "--locked", "--no-fail-fast", "--workspace"];
    failures.extend(run_and_see(&mut cargo(&args), |line| tally.see(line)).err());
    headline("a key in a SoftHSM2 token");
    if Command::new("softhsm2-util").arg("--version").output().is_ok() {
        let args = ["test", "--locked", "-p", "wechatpay-tests", "--test", "token", "--", "--ignored"];
        failures.extend(sandbox::build("example", "pkcs11").err());
        failures.extend(run_and_see(&mut cargo(&args), |line| tally.see(line)).err());
    } else {
        println!("SKIPPED: SoftHSM2 is not installed (Debian: apt-get install softhsm2)");
        tally.add(0, 0, 1);
    }
    // What the README promises to a newcomer, with real sockets and a real sandbox.
    let demonstrated = Sandbox::start().and_then(|sandbox| demo(&sandbox));
    tally.add(u64::from(demonstrated.is_ok()), u64::from(demonstrated.is_err()), 0);
    failures.extend(demonstrated.err());
    all(failures)
}

/// The command line's.
pub(crate) fn test_cli(tally: &mut Tally) -> Result<()> {
    of_package("wechatpay-cli", tally)
}

/// The sandbox's own.
pub(crate) fn test_sandbox(tally: &mut Tally) -> Result<()> {
    of_package("wechatpay-sandbox", tally)
}

fn of_package(name: &str, tally: &mut Tally) -> Result<()> {
    headline(name);
    run_and_see(&mut cargo(&["test", "--locked", "--no-fail-fast", "-p", name]), |line| tally.see(line))
}

/// The crates, in the order in which they are published: each needs those before it.
const CRATES: &[&str] = &["wechatpay-core", "wechatpay"];

/// The crates.
pub(crate) fn dist(dist: &Path) -> Result<()> {
    headline("crates");
    // Together: the second is built with the first as it was just packaged, not as a registry has it.
    let packages = CRATES.iter().flat_map(|name| ["-p", name]);
    run::run(cargo(&["package", "--locked"]).args(packages))?;
    let packages = run::target_dir()?.join("package");
    std::fs::create_dir_all(dist).with_context(|| dist.display().to_string())?;
    for name in CRATES {
        let name = format!("{name}-{}.crate", env!("CARGO_PKG_VERSION"));
        let from = packages.join(&name);
        if !from.is_file() {
            bail!("cargo package did not produce {}", from.display());
        }
        std::fs::copy(&from, dist.join(&name)).with_context(|| name.clone())?;
        println!("dist/{name}");
    }
    Ok(())
}
