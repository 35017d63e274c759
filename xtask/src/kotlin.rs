//! Kotlin and Java: the native library, uniffi's glue, Maven.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;

use crate::run::{self, cargo, headline, root, run_and_see};
use crate::sandbox::{self, Sandbox};
use crate::tally::Tally;

/// The workspace of the native library.
pub(crate) const MANIFEST: &str = "bindings-uniffi/Cargo.toml";

/// The program that prints glue.
const BINDGEN: &str = "wechatpay-uniffi-bindgen";

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
    native_parts("dev")?;
    for (title, folder, goal) in [
        ("Kotlin and Java: jars, tests", ".", "install"),
        ("a Kotlin project with the installed jar, beside Ktor", "examples/ktor", "verify"),
        ("a Java project with the installed jar, beside Spring Boot", "examples/spring-boot", "verify"),
    ] {
        headline(title);
        let mut command = maven(folder)?;
        command.arg(goal).env("WECHATPAY_SANDBOX", &sandbox).env("WECHATPAY_REPOSITORY", root());
        run_and_see(&mut command, |line| tally.see_surefire(line))?;
    }
    Ok(())
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

/// Builds the jars and installs them below `target`.
fn install(profile: &str) -> Result<()> {
    native_parts(profile)?;
    run::run(maven(".")?.args(["--quiet", "--projects", "sdk,coroutines,junit5", "install"]))
}

/// Puts the native library and uniffi's glue where Maven finds them.
fn native_parts(profile: &str) -> Result<()> {
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
    let printed = target.join("glue");
    glue("kotlin", &library, &printed)?;
    let sources = target.join("uniffi");
    std::fs::create_dir_all(&sources).with_context(|| sources.display().to_string())?;
    let found = find(&printed, "kt")?.ok_or_else(|| anyhow!("uniffi printed no Kotlin"))?;
    let text = std::fs::read_to_string(&found).with_context(|| found.display().to_string())?;
    std::fs::write(sources.join("wechatpay_uniffi.kt"), internal(&text))
        .with_context(|| sources.display().to_string())
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

/// What uniffi prints for a language, into `out`.
pub(crate) fn glue(language: &str, library: &Library, out: &Path) -> Result<()> {
    let program = run::target_dir()?.join("debug").join(format!("{BINDGEN}{}", std::env::consts::EXE_SUFFIX));
    let mut command = Command::new(program);
    command.current_dir(root()).args(["generate", "--language", language, "--no-format"]);
    command.args(["--config", "bindings-uniffi/uniffi.toml", "--out-dir"]).arg(out).arg(&library.fixed);
    run::run(&mut command)
}

fn find(folder: &Path, extension: &str) -> Result<Option<PathBuf>> {
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry.with_context(|| folder.display().to_string())?.path();
        if path.is_dir() {
            if let Some(found) = find(&path, extension)? {
                return Ok(Some(found));
            }
        } else if path.extension().is_some_and(|e| e == extension) {
            return Ok(Some(path));
        }
    }
    Ok(None)
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

/// uniffi's glue is public; nobody but the SDK's own code is to see it. Every declaration of the outermost level becomes
/// `internal`.
fn internal(glue: &str) -> String {
    const DECLARATIONS: &[&str] = &[
        "abstract class ",
        "class ",
        "const val ",
        "data class ",
        "enum class ",
        "fun ",
        "fun interface ",
        "inline fun ",
        "interface ",
        "object ",
        "open class ",
        "sealed class ",
        "sealed interface ",
        "suspend fun ",
        "typealias ",
        "val ",
        "var ",
    ];
    let mut out = String::with_capacity(glue.len() + 1024);
    for line in glue.lines() {
        let bare = line.strip_prefix("public ").unwrap_or(line);
        if DECLARATIONS.iter().any(|start| bare.starts_with(start)) {
            out.push_str("internal ");
            out.push_str(bare);
        } else {
            // A function stands behind the end of its comment, or behind what it throws.
            out.push_str(
                &line
                    .replace("*/ fun `", "*/ internal fun `")
                    .replace("::class) fun `", "::class) internal fun `"),
            );
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::internal;

    #[test]
    fn outermost_declarations_become_internal() {
        let glue = "package p\n\npublic object A {\n    fun a() {}\n}\nprivate val b = 1\n@Suppress(\"x\")\nopen class C\ninternal class D\n        */ fun `e`() {\n    @Throws(E::class) fun `f`() {\n";
        let wanted = "package p\n\ninternal object A {\n    fun a() {}\n}\nprivate val b = 1\n@Suppress(\"x\")\ninternal open class C\ninternal class D\n        */ internal fun `e`() {\n    @Throws(E::class) internal fun `f`() {\n";
        assert_eq!(internal(glue), wanted);
    }
}
