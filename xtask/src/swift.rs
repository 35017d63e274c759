//! Swift: a package that `swift build` takes as it is, its tests where there is a compiler, and its syntax where not.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::commands::demo;
use crate::commands::test::Tally;
use crate::failure::{Context, Failure, Result};
use crate::kotlin::{glue, library_files};
use crate::run::{self, headline, root, run_and_see};

/// The package with a release library, in `dist/swift`.
pub(crate) fn dist(out: &Path) -> Result<()> {
    headline("Swift package");
    let folder = out.join("swift");
    assemble("release", &folder)?;
    println!("dist/swift: `swift build` there needs no crate registry");
    Ok(())
}

/// Syntax of all sources but uniffi's own; `swift test` where a compiler exists.
pub(crate) fn test(tally: &mut Tally) -> Result<()> {
    headline("Swift package");
    let folder = run::target_dir()?.join("swift/package");
    assemble("dev", &folder)?;
    headline("Swift: syntax, by tree-sitter");
    let result = check_syntax(&folder);
    tally.add(u64::from(result.is_ok()), u64::from(result.is_err()), 0);
    result?;
    if Command::new("swift").arg("--version").output().is_err() {
        println!("SKIPPED: `swift test` was not run, for there is no Swift compiler on this machine");
        tally.add(0, 0, 1);
        return Ok(());
    }
    headline("Swift: tests");
    let mut command = Command::new("swift");
    command.arg("test").current_dir(&folder);
    command.env("WECHATPAY_SANDBOX", demo::sandbox_program()?).env("WECHATPAY_REPOSITORY", root());
    run_and_see(&mut command, |line| see_xctest(line, tally))
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
        std::fs::remove_dir_all(folder).context(folder.display())?;
    }
    copy(&root().join("bindings-uniffi/swift"), folder)?;
    let files = library_files(profile)?;
    let of = |extensions: &[&str]| -> Result<&PathBuf> {
        files
            .iter()
            .find(|path| path.extension().and_then(|e| e.to_str()).is_some_and(|e| extensions.contains(&e)))
            .ok_or_else(|| {
                Failure::Failed(format!(
                    "cargo built no library of wechatpay-uniffi ({})",
                    extensions.join(", ")
                ))
            })
    };
    let printed = run::target_dir()?.join("swift/glue");
    glue("swift", of(&["so", "dylib", "dll"])?, &printed)?;
    let sources = folder.join("Sources");
    for (from, to) in [
        (printed.join("WeChatPayNative.swift"), sources.join("WeChatPayNative/WeChatPayNative.swift")),
        (printed.join("WeChatPayFFI.h"), sources.join("WeChatPayFFI/WeChatPayFFI.h")),
        (of(&["a", "lib"])?.clone(), folder.join("lib/libwechatpay_uniffi.a")),
    ] {
        if let Some(parent) = to.parent() {
            std::fs::create_dir_all(parent).context(parent.display())?;
        }
        std::fs::copy(&from, &to).context(from.display())?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to).context(to.display())?;
    for entry in std::fs::read_dir(from).context(from.display())? {
        let path = entry.context(from.display())?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.file_name().is_some_and(|name| name == ".build") {
            continue;
        }
        if path.is_dir() {
            copy(&path, &target)?;
        } else {
            std::fs::copy(&path, &target).context(path.display())?;
        }
    }
    Ok(())
}

fn check_syntax(folder: &Path) -> Result<()> {
    let venv = run::target_dir()?.join("swift/venv");
    let python = venv.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let here = root().join("bindings-uniffi/swift");
    if !python.exists() {
        run::run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
    }
    run::run(
        Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"])
            .arg(here.join("requirements.txt")),
    )?;
    let mut sources = Vec::new();
    find(folder, &mut sources)?;
    // uniffi's own output uses attributes (`@_documentation`) that the grammar does not know.
    sources.retain(|path| !path.ends_with("WeChatPayNative.swift"));
    sources.sort();
    println!("    {} sources below {}", sources.len(), folder.display());
    let output = Command::new(&python)
        .arg(here.join("check_syntax.py"))
        .args(&sources)
        .output()
        .context("check_syntax.py")?;
    print!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.success() {
        Ok(())
    } else {
        Err(Failure::Failed("some Swift sources are not Swift".into()))
    }
}

fn find(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(folder).context(folder.display())? {
        let path = entry.context(folder.display())?.path();
        if path.is_dir() {
            find(&path, found)?;
        } else if path.extension().is_some_and(|e| e == "swift") {
            found.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::see_xctest;
    use crate::commands::test::Tally;

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
