//! Kotlin and Java: the native library, Maven.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;
use wechatpay_codegen::emit;
use wechatpay_codegen::ir::ErrorSpec;
use wechatpay_codegen::parse::{self, Source};

use crate::run::{self, cargo, headline, root, run_and_see};
use crate::sandbox::{self, Sandbox};
use crate::tally::Tally;

/// The workspace of the native library.
pub(crate) const MANIFEST: &str = "bindings-uniffi/Cargo.toml";

/// Where everything is built. Maven's own downloads go to `target/m2`, so that nothing is installed outside.
fn target() -> Result<PathBuf> {
    Ok(run::target_dir()?.join("kotlin"))
}

/// Maven in a folder below `bindings-uniffi/kotlin`.
fn maven(folder: &str) -> Result<Command> {
    let mut command = Command::new("mvn");
    let target = run::target_dir()?;
    command.current_dir(root().join("bindings-uniffi/kotlin").join(folder));
    command.args(["--batch-mode", "--no-transfer-progress", "-Dstyle.color=never"]);
    // `cargo run` names its own folders there, and JNA would load the library that lies in them instead of the jar's.
    for path in ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"] {
        command.env_remove(path);
    }
    // A daemon would be started by every command anew, and stay behind.
    command.arg("-Dkotlin.compiler.daemon=false");
    if std::env::var_os("MAVEN_OPTS").is_none() {
        // Maven and the compiler run for seconds: the optimising compiler would not earn its keep.
        command.env("MAVEN_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
    }
    command.arg(format!("-Dmaven.repo.local={}", target.join("m2").display()));
    command.arg(format!("-Dwechatpay.target={}", target.join("kotlin").display()));
    Ok(command)
}

/// The demo: a Maven project of its own that depends on the installed jar.
pub(crate) fn demo(sandbox: &Sandbox) -> Result<()> {
    install("dev")?;
    headline("demo in Kotlin");
    let mut command = maven("examples/demo")?;
    command.args(["--quiet", "compile", "exec:java"]);
    command.arg(format!("-Dexec.args={}", sandbox.credentials.display()));
    run::run(&mut command)
}

/// Unit tests, scenarios and vectors; then the examples, which depend on the installed jar as a user's project does.
pub(crate) fn test(tally: &mut Tally) -> Result<()> {
    let sandbox = sandbox::program()?;
    native_library("dev")?;
    let growth = growth()?;
    for (title, folder, goal) in [
        ("Kotlin and Java: jars, tests", ".", "install"),
        ("a Kotlin project with the installed jar, beside Ktor", "examples/ktor", "verify"),
        ("a Java project with the installed jar, beside Spring Boot", "examples/spring-boot", "verify"),
    ] {
        headline(title);
        let mut command = maven(folder)?;
        command.arg(goal).env("WECHATPAY_SANDBOX", &sandbox).env("WECHATPAY_REPOSITORY", root());
        command.env("WECHATPAY_GROWTH", &growth);
        run_and_see(&mut command, |line| tally.see_surefire(line))?;
    }
    Ok(())
}

/// Prints the models of a product before and after WeChat Pay added to it, for the test that no program breaks by it.
fn growth() -> Result<PathBuf> {
    let folder = target()?.join("growth");
    let errors = ErrorSpec { kinds: Vec::new(), codes: Vec::new(), statuses: BTreeMap::new() };
    for name in ["before", "after"] {
        let path = root().join("bindings-uniffi/kotlin/tests/growth").join(name).with_extension("yaml");
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let spec =
            parse::parse(&[Source { name: "spec/growth.yaml".to_owned(), text }]).map_err(|wrong| {
                let lines: Vec<_> = wrong.iter().map(ToString::to_string).collect();
                anyhow!("{}: {}", path.display(), lines.join("\n"))
            })?;
        let out = folder.join(name);
        if out.exists() {
            std::fs::remove_dir_all(&out).with_context(|| out.display().to_string())?;
        }
        std::fs::create_dir_all(&out).with_context(|| out.display().to_string())?;
        for (file, text) in emit::kotlin::emit(&spec, &errors) {
            if let Some((_, file)) = file.split_once("/wechatpayrs/growth/") {
                std::fs::write(out.join(file), text).with_context(|| file.to_owned())?;
            }
        }
    }
    Ok(folder)
}

/// The jars with a release library, in `dist/maven`.
pub(crate) fn dist(out: &Path) -> Result<()> {
    install("release")?;
    let folder = out.join("maven");
    std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    for artifact in ["wechatpay-rs", "wechatpay-rs-coroutines", "wechatpay-rs-junit5"] {
        let name = format!("{artifact}-{}.jar", env!("CARGO_PKG_VERSION"));
        let from = target()?.join(artifact).join(&name);
        std::fs::copy(&from, folder.join(&name)).with_context(|| from.display().to_string())?;
        println!("dist/maven/{name}");
    }
    Ok(())
}

/// Ours beside wechatpay-java, in the same JVM and the same run.
pub(crate) fn bench(quick: bool) -> Result<()> {
    install("release")?;
    let sandbox = sandbox::program()?;
    headline("Kotlin and Java: benchmarks");
    let mut command = maven("bench")?;
    command.args(["--quiet", "compile", "exec:exec"]).env("WECHATPAY_SANDBOX", &sandbox);
    if quick {
        command.arg("-Dbench.seconds=1");
    }
    run::run(&mut command)
}

/// The command that compiles the SDK's classes in another copy of the repository, to another place.
pub(crate) fn compile_of(copy: &Path, out: &Path) -> Result<Command> {
    let mut command = maven(".")?;
    command.current_dir(copy.join("bindings-uniffi/kotlin")).args([
        "--quiet",
        "--projects",
        "sdk",
        "compile",
    ]);
    command.arg(format!("-Dwechatpay.target={}", out.display()));
    if std::env::var_os("MAVEN_OPTS").is_none() {
        // All families at once are more than the compiler's usual heap holds.
        command.env("MAVEN_OPTS", "-Xmx6g -XX:+UseSerialGC");
    }
    Ok(command)
}

/// Builds the jars and installs them below `target`.
fn install(profile: &str) -> Result<()> {
    native_library(profile)?;
    run::run(maven(".")?.args(["--quiet", "--projects", "sdk,coroutines,junit5", "install"]))
}

/// Puts the native library where Maven finds it.
fn native_library(profile: &str) -> Result<()> {
    headline("native library and jars");
    if Command::new("mvn").arg("--version").output().is_err() {
        bail!("Kotlin needs JDK 17 and Maven 3.8 or newer (`mvn`)");
    }
    let target = target()?;
    let library = library(profile)?;
    let native = target.join("native").join(resource_prefix());
    std::fs::create_dir_all(&native).with_context(|| native.display().to_string())?;
    let name = library.dynamic.file_name().unwrap_or_default();
    std::fs::copy(&library.dynamic, native.join(name))
        .with_context(|| library.dynamic.display().to_string())?;
    // Maven leaves what it once compiled from a file that is gone, and would pack it. It compiles everything anew anyway.
    for artifact in ["wechatpay-rs", "wechatpay-rs-coroutines"] {
        let classes = target.join(artifact).join("classes");
        if classes.exists() {
            std::fs::remove_dir_all(&classes).with_context(|| classes.display().to_string())?;
        }
    }
    Ok(())
}

/// What cargo makes of `bindings-uniffi`.
pub(crate) struct Library {
    /// What the JVM loads.
    pub(crate) dynamic: PathBuf,
    /// What Swift links. Not stripped, so uniffi reads its description from here.
    pub(crate) fixed: PathBuf,
}

/// Builds library and bindgen.
pub(crate) fn library(profile: &str) -> Result<Library> {
    // One command for library and bindgen: uniffi is compiled once. What is tested can be made to panic; what is shipped
    // and measured cannot.
    let mut messages = build(&["--workspace", "--features", "wechatpay-uniffi/provoke-panic"])?;
    if profile != "dev" {
        messages = build(&["--package", "wechatpay-uniffi", "--profile", profile])?;
    }
    let files: Vec<PathBuf> = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == "wechatpay_uniffi")
        .flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default())
        .filter_map(|path| path.as_str().map(PathBuf::from))
        .collect();
    let of = |extensions: &[&str]| {
        files
            .iter()
            .find(|path| path.extension().and_then(|e| e.to_str()).is_some_and(|e| extensions.contains(&e)))
            .cloned()
            .ok_or_else(|| anyhow!("cargo built no {} of wechatpay-uniffi", extensions[0]))
    };
    Ok(Library { dynamic: of(&["so", "dylib", "dll"])?, fixed: of(&["a", "lib"])? })
}

/// Builds in a workspace of its own (see bindings-uniffi/Cargo.toml), and tells what came of it.
fn build(args: &[&str]) -> Result<String> {
    let mut command = cargo(&["build", "--locked", "--manifest-path", MANIFEST]);
    command.args(args).arg("--target-dir").arg(run::target_dir()?);
    run::output_of(command.args(["--message-format", "json-render-diagnostics"]))
}

/// Where JNA looks for a library of this platform inside a jar.
fn resource_prefix() -> String {
    let arch = match std::env::consts::ARCH {
        "x86_64" => "x86-64",
        other => other,
    };
    match std::env::consts::OS {
        "macos" => format!("darwin-{arch}"),
        "windows" => format!("win32-{arch}"),
        os => format!("{os}-{arch}"),
    }
}
