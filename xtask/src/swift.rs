//! Swift: a package that `swift build` takes as it is, and its tests where there is a compiler.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail};

use crate::kotlin::{Library, library};
use crate::run::{self, headline, root, run_and_see};
use crate::sandbox;
use crate::tally::Tally;

/// The program that prints glue.
const BINDGEN: &str = "wechatpay-uniffi-bindgen";

/// The package with a release library, in `dist/swift`.
pub(crate) fn dist(out: &Path) -> Result<()> {
    headline("Swift package");
    let folder = out.join("swift");
    assemble("release", &folder)?;
    check(&folder, &mut Tally::default())?;
    println!("dist/swift: `swift build` there needs no crate registry");
    Ok(())
}

/// The package as it is shipped; `swift test` where there is a compiler.
pub(crate) fn test(tally: &mut Tally) -> Result<()> {
    headline("Swift package");
    let folder = run::target_dir()?.join("swift/package");
    assemble("dev", &folder)?;
    check(&folder, tally)?;
    if Command::new("swift").arg("--version").output().is_err() {
        println!("SKIPPED: `swift test` was not run, for there is no Swift compiler on this machine");
        tally.add(0, 0, 1);
        return Ok(());
    }
    headline("Swift: tests");
    let mut command = Command::new("swift");
    // The manifest asks which folders of families there are, which a cached answer to it does not know.
    command.args(["test", "--manifest-cache", "none"]).current_dir(&folder);
    // What debuggers want takes time. The index stays: on Linux the tests are found by it.
    command.args(["-Xswiftc", "-gnone"]);
    command.env("WECHATPAY_SANDBOX", sandbox::program()?).env("WECHATPAY_REPOSITORY", root());
    run_and_see(&mut command, |line| see_xctest(line, tally))
}

/// What uniffi prints, into `out`.
fn glue(library: &Library, out: &Path) -> Result<()> {
    let program = run::target_dir()?.join("debug").join(format!("{BINDGEN}{}", std::env::consts::EXE_SUFFIX));
    let mut command = Command::new(program);
    command.current_dir(root()).args(["generate", "--language", "swift", "--no-format"]);
    command.args(["--config", "bindings-uniffi/uniffi.toml", "--out-dir"]).arg(out).arg(&library.fixed);
    run::run(&mut command)
}

/// The commands that build these targets of the package with the sources of another copy of the repository, from nothing.
/// None without a Swift compiler.
pub(crate) fn build_of(copied: &Path, folder: &Path, targets: &[&str]) -> Result<Option<Vec<Command>>> {
    if Command::new("swift").arg("--version").output().is_err() {
        return Ok(None);
    }
    assemble("dev", folder)?;
    let sources = folder.join("Sources/Families");
    std::fs::remove_dir_all(&sources).with_context(|| sources.display().to_string())?;
    copy(&copied.join("bindings-uniffi/swift/Sources/Families"), &sources)?;
    let build = |target: &&str| {
        let mut command = Command::new("swift");
        command.args(["build", "--target", target]).current_dir(folder);
        command
    };
    Ok(Some(targets.iter().map(build).collect()))
}

/// What can be said of a package without a Swift compiler: the library links and answers through the header.
fn check(folder: &Path, tally: &mut Tally) -> Result<()> {
    headline("Swift package: library and header");
    let linked = link(folder, &root().join("bindings-uniffi/swift/checks/link.c"));
    tally.add(u64::from(linked.is_ok()), u64::from(linked.is_err()), 0);
    linked
}

/// A C program that includes the package's header, links the package's library as `Package.swift` does, and calls it.
fn link(folder: &Path, source: &Path) -> Result<()> {
    let program = run::target_dir()?.join("swift").join(format!("link{}", std::env::consts::EXE_SUFFIX));
    let mut command = Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()));
    // clang's marks of what may be null, which gcc does not know.
    command
        .args(["-std=c11", "-Wall", "-Werror", "-D_Nonnull=", "-D_Nullable=", "-o"])
        .arg(&program)
        .arg(source);
    command.arg("-I").arg(folder.join("Sources/WeChatPayFFI")).arg("-L").arg(folder.join("lib"));
    command.arg("-lwechatpay_uniffi");
    command.args(if cfg!(target_os = "macos") {
        &["-framework", "Security", "-framework", "CoreFoundation"][..]
    } else {
        &["-lpthread", "-ldl", "-lm"]
    });
    run::run(&mut command)?;
    let said = run::output_of(&mut Command::new(&program))?;
    let glue = folder.join("Sources/WeChatPayNative/WeChatPayNative.swift");
    let glue = std::fs::read_to_string(&glue).with_context(|| glue.display().to_string())?;
    let wanted = glue
        .lines()
        .find_map(|line| line.trim().strip_prefix("let bindings_contract_version = "))
        .ok_or_else(|| anyhow!("uniffi's glue names no contract version"))?;
    if said.trim() != format!("{wanted} {}", env!("CARGO_PKG_VERSION")) {
        bail!("the library in the package says {said:?}, the glue expects {wanted:?}");
    }
    println!("    the library answers through the header: contract version and version {}", said.trim());
    Ok(())
}

/// Counts what XCTest says of each case; its closing lines repeat themselves for classes, bundles and all.
fn see_xctest(line: &str, tally: &mut Tally) {
    if line.starts_with("Test Case '") {
        tally.add(
            u64::from(line.contains("' passed (")),
            u64::from(line.contains("' failed (")),
            u64::from(line.contains("' skipped (")),
        );
    }
}

/// Puts the package together: sources, uniffi's glue and header, static library.
fn assemble(profile: &str, folder: &Path) -> Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    let here = root().join("bindings-uniffi/swift");
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    for name in ["Package.swift", "README.md"] {
        std::fs::copy(here.join(name), folder.join(name)).with_context(|| name.to_string())?;
    }
    for name in ["LICENSE-APACHE", "LICENSE-MIT"] {
        std::fs::copy(root().join(name), folder.join(name)).with_context(|| name.to_string())?;
    }
    for name in ["Sources", "Tests"] {
        copy(&here.join(name), &folder.join(name))?;
    }
    let library = library(profile)?;
    let printed = run::target_dir()?.join("swift/glue");
    glue(&library, &printed)?;
    let sources = folder.join("Sources");
    for (from, to) in [
        (printed.join("WeChatPayNative.swift"), sources.join("WeChatPayNative/WeChatPayNative.swift")),
        (printed.join("WeChatPayFFI.h"), sources.join("WeChatPayFFI/WeChatPayFFI.h")),
        (library.fixed, folder.join("lib/libwechatpay_uniffi.a")),
    ] {
        if let Some(parent) = to.parent() {
            std::fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
        }
        std::fs::copy(&from, &to).with_context(|| from.display().to_string())?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to).with_context(|| to.display().to_string())?;
    for entry in std::fs::read_dir(from).with_context(|| from.display().to_string())? {
        let path = entry.with_context(|| from.display().to_string())?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy(&path, &target)?;
        } else {
            std::fs::copy(&path, &target).with_context(|| path.display().to_string())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::see_xctest;
    use crate::tally::Tally;

    #[test]
    fn cases_are_counted() {
        let mut tally = Tally::default();
        see_xctest("Test Case 'ModelTests.testA' started at 2026-08-08 10:34:56.000", &mut tally);
        see_xctest("Test Case 'ModelTests.testA' passed (0.01 seconds)", &mut tally);
        see_xctest("Test Case 'ModelTests.testB' failed (0.01 seconds)", &mut tally);
        see_xctest("Executed 2 tests, with 1 failure (0 unexpected) in 0.02 (0.02) seconds", &mut tally);
        assert_eq!(tally.to_string(), "1 passed, 1 failed, 0 skipped");
    }
}
