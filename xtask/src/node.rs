//! Node.js: the packages, the demo, the tests and the benchmarks, each with the packages installed as users install them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail};

use crate::machines::{MACHINES, Toolchain};
use crate::run::{self, all, cargo, headline, root, run_and_see};
use crate::sandbox::{self, Sandbox};
use crate::tally::Tally;

/// The packages as they are published: on Linux for every Linux, elsewhere for this machine.
pub(crate) fn dist(out: &Path) -> Result<()> {
    headline("npm packages");
    if !cfg!(target_os = "linux") {
        return pack(&["--profile", "published", "-p", "wechatpay-node"], "published", out).map(|_| ());
    }
    let toolchain = Toolchain::ready()?;
    print!("{}", run::output_of(pack_script().arg("main").arg(out))?);
    for machine in MACHINES {
        let built = machine.library(&toolchain, "wechatpay-node")?;
        let mut addon = pack_script();
        print!("{}", run::output_of(addon.arg("addon").arg(built).arg(out).arg(machine.addon))?);
    }
    Ok(())
}

fn pack_script() -> Command {
    let mut node = Command::new("node");
    node.arg(root().join("bindings-node/scripts/pack.mjs"));
    node
}

/// `bindings-node/examples/demo.mjs`, in an empty project with the packages installed.
pub(crate) fn demo(sandbox: &Sandbox) -> Result<()> {
    headline("demo in Node.js");
    let project = Project::new("demo", &dev_packages()?)?;
    project.copy("examples/demo.mjs")?;
    run::run(project.node().arg("demo.mjs").arg(&sandbox.credentials))
}

/// The tests in an empty project with the packages installed; then types and the shape of the packages; then the
/// examples with their frameworks.
pub(crate) fn test(tally: &mut Tally) -> Result<()> {
    let packages = dev_packages()?;
    let sandbox = sandbox::program()?;

    headline("Node.js: the packages in an empty project");
    let project = Project::new("project", &packages)?;
    project.copy("test")?;
    let mut failures = Vec::new();
    failures.extend(project.node_tests("test", &sandbox, tally).err());

    headline("Node.js: types and packages");
    let tools = Project::with_lock("tools", "", &packages)?;
    tools.copy("test/types")?;
    tools.copy("test/tools")?;
    failures.extend(types(&tools, &packages, tally).err());
    failures.extend(tools.node_tests("tools", &sandbox, tally).err());

    headline("Node.js: examples");
    let examples = Project::with_lock("examples", "examples", &packages)?;
    for file in names(&root().join("bindings-node/examples"), |name| name != "node_modules")? {
        examples.copy_as(&format!("examples/{file}"), &file)?;
    }
    failures.extend(run::run(examples.npm().args(["exec", "--", "tsc", "-p", "."])).err());
    failures.extend(examples.node_tests(".", &sandbox, tally).err());
    let mut vitest = examples.npm();
    vitest.args(["exec", "--", "vitest", "run", "shop.spec.mjs"]).env("WECHATPAY_SANDBOX", &sandbox);
    failures.extend(count("vitest", run::run(&mut vitest), tally).err());
    all(failures)
}

/// The peers and ourselves, in the same run; see `bindings-node/bench/README.md`.
pub(crate) fn bench(quick: bool) -> Result<()> {
    let packages = pack(
        &["--profile", "published", "-p", "wechatpay-node"],
        "published",
        &home()?.join("release-packages"),
    )?;
    let sandbox = sandbox::program()?;
    headline("Node.js: benchmarks");
    let project = Project::with_lock("bench", "bench", &packages)?;
    for file in names(&root().join("bindings-node/bench"), |name| name.ends_with("js"))? {
        project.copy_as(&format!("bench/{file}"), &file)?;
    }
    let mut bench = project.node();
    bench.arg("bench.mjs").env("WECHATPAY_SANDBOX", &sandbox);
    if quick {
        bench.arg("--quick");
    }
    run::run(&mut bench)
}

/// `tsc` over the type tests under each module resolution, `publint` and `attw` over the tarball. Each is one test.
fn types(tools: &Project, packages: &[PathBuf], tally: &mut Tally) -> Result<()> {
    let tsc = |more: &[&str]| {
        let mut tsc = tools.npm();
        tsc.args([
            "exec",
            "--",
            "tsc",
            "--noEmit",
            "--strict",
            "--exactOptionalPropertyTypes",
            "--target",
            "es2022",
        ]);
        tsc.args(["--types", "node"]).args(more);
        run::run(&mut tsc)
    };
    let usage = ["types/usage.test-d.ts", "types/esm.test-d.mts"];
    let mut failures = Vec::new();
    for (module, resolution) in [("node16", "node16"), ("esnext", "bundler")] {
        let flags = ["--lib", "es2022", "--module", module, "--moduleResolution", resolution];
        failures.extend(count(resolution, tsc(&[&flags[..], &usage[..]].concat()), tally).err());
    }
    let flags = ["--lib", "es2022,esnext.disposable", "--module", "node16", "types/disposable.test-d.mts"];
    failures.extend(count("disposable", tsc(&flags), tally).err());
    failures.extend(count("obstacle course", obstacle_course(tools, &tsc), tally).err());
    for package in packages {
        let mut publint = tools.npm();
        publint.args(["exec", "--", "publint", "run", "--strict"]).arg(package);
        failures.extend(count("publint", run::run(&mut publint), tally).err());
    }
    let mut attw = tools.npm();
    // Without `exports` (node10) there are no subpaths, and no Node that we support is that old.
    attw.args(["exec", "--", "attw", "--profile", "node16"]).arg(&packages[0]);
    failures.extend(count("attw", run::run(&mut attw), tally).err());
    all(failures)
}

/// What is generated from the spec of all awkward names is TypeScript to `tsc` and JavaScript to Node.
fn obstacle_course(tools: &Project, tsc: &impl Fn(&[&str]) -> Result<()>) -> Result<()> {
    let course = root().join("codegen/tests/golden/obstacle_course/typescript");
    copy(&course, &tools.0.join("obstacle/generated"))?;
    for file in ["types.d.ts", "lazy.js"] {
        tools.copy_as(&format!("lib/{file}"), &format!("obstacle/{file}"))?;
    }
    let (api, notifications) = ("obstacle/generated/api.d.ts", "obstacle/generated/notifications.d.ts");
    tsc(&["--lib", "es2022", "--module", "node16", api, notifications])?;
    let load = "for (const load of Object.values(require('./obstacle/generated/api.js'))) touch(new (load())({}));\n\
                function touch(api) { for (const [name, { get }] of Object.entries(Object.getOwnPropertyDescriptors(\
                Object.getPrototypeOf(api)))) if (get) touch(api[name]); }";
    run::run(tools.node().args(["-e", load]))
}

fn count(what: &str, result: Result<()>, tally: &mut Tally) -> Result<()> {
    tally.add(u64::from(result.is_ok()), u64::from(result.is_err()), 0);
    result.map_err(|error| anyhow!("{what}: {error}"))
}

/// The main package, then the one for this machine, from a quick build.
pub(crate) fn dev_packages() -> Result<Vec<PathBuf>> {
    headline("Node.js: packages");
    // With the features of the whole workspace: what the Rust tests have compiled is not compiled again.
    pack(&["--workspace", "--features", "wechatpay-node/provoke-panic"], "debug", &home()?.join("packages"))
}

fn pack(flags: &[&str], profile: &str, out: &Path) -> Result<Vec<PathBuf>> {
    run::run(cargo(&["build", "--locked"]).args(flags))?;
    if out.starts_with(home()?) && out.exists() {
        fs::remove_dir_all(out).with_context(|| out.display().to_string())?;
    }
    let built = run::target_dir()?.join(profile);
    let main = run::output_of(pack_script().arg("main").arg(out))?;
    let addon = run::output_of(pack_script().arg("addon").arg(built).arg(out))?;
    let packages = [main, addon].map(|printed| PathBuf::from(printed.trim()));
    for package in &packages {
        println!("    {}", package.display());
    }
    Ok(packages.into())
}

fn home() -> Result<PathBuf> {
    Ok(run::target_dir()?.join("node"))
}

fn names(folder: &Path, wanted: impl Fn(&str) -> bool) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry.with_context(|| folder.display().to_string())?;
        names.extend(entry.file_name().into_string().ok().filter(|name| wanted(name)));
    }
    names.sort();
    Ok(names)
}

/// A folder below `target/node` with our packages in its `node_modules`.
pub(crate) struct Project(PathBuf);

impl Project {
    /// An empty project. Nothing is fetched: the packages have no dependencies.
    pub(crate) fn new(name: &str, packages: &[PathBuf]) -> Result<Self> {
        let folder = home()?.join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
        }
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        fs::write(folder.join("package.json"), "{\"private\":true}\n")
            .with_context(|| folder.display().to_string())?;
        let project = Self(folder);
        run::run(project.npm().args(["install", "--offline", "--ignore-scripts"]).args(packages))?;
        Ok(project)
    }

    /// A project with the dependencies that `bindings-node/SOURCE/package-lock.json` pins, and our packages besides.
    pub(crate) fn with_lock(name: &str, source: &str, packages: &[PathBuf]) -> Result<Self> {
        let folder = home()?.join(name);
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        let source = root().join("bindings-node").join(source);
        for file in ["package.json", "package-lock.json", ".npmrc"] {
            fs::copy(source.join(file), folder.join(file)).with_context(|| file.to_string())?;
        }
        let project = Self(folder);
        // `npm ci` insists that optional packages of other platforms are in the lock file, where a mirror may lack them.
        run::run(project.npm().args(["install", "--no-save", "--ignore-scripts"]))?;
        // Unpacked by hand: npm would want the registry again for the whole tree.
        let modules = project.0.join("node_modules");
        for package in packages {
            let file = package.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let name = file.rsplit_once('-').map_or(file, |(name, _)| name);
            let home = modules.join(name);
            fs::create_dir_all(&home).with_context(|| home.display().to_string())?;
            run::run(
                Command::new("tar").arg("-xzf").arg(package).arg("--strip-components=1").arg("-C").arg(home),
            )?;
        }
        Ok(project)
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.0
    }

    pub(crate) fn npm(&self) -> Command {
        let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
        npm.current_dir(&self.0).args(["--no-audit", "--no-fund", "--loglevel=error"]);
        npm
    }

    pub(crate) fn node(&self) -> Command {
        let mut node = Command::new("node");
        // An addon built by hand must not stand in for the installed one.
        node.current_dir(&self.0).env_remove("WECHATPAY_RS_ADDON").env_remove("NODE_PATH");
        node
    }

    /// Copies a file or folder of `bindings-node` into the project, under its last name.
    fn copy(&self, path: &str) -> Result<()> {
        self.copy_as(path, path.rsplit('/').next().unwrap_or(path))
    }

    fn copy_as(&self, path: &str, name: &str) -> Result<()> {
        copy(&root().join("bindings-node").join(path), &self.0.join(name))
    }

    /// Runs `FOLDER/*.test.*js` and counts what they report.
    fn node_tests(&self, folder: &str, sandbox: &Path, tally: &mut Tally) -> Result<()> {
        let tests =
            names(&self.0.join(folder), |name| name.ends_with(".test.js") || name.ends_with(".test.mjs"))?;
        if tests.is_empty() {
            bail!("there are no tests in {folder}");
        }
        let mut node = self.node();
        node.args(["--test", "--test-reporter=spec"])
            .args(tests.iter().map(|test| format!("{folder}/{test}")));
        node.env("WECHATPAY_SANDBOX", sandbox).env("WECHATPAY_TESTS", root().join("tests"));
        // Of the panics that a test provokes, a line is enough.
        node.env("RUST_BACKTRACE", "0");
        run_and_see(&mut node, |line| {
            let mut words = line.trim_start_matches(['ℹ', '#', ' ']).split(' ');
            let (what, number) = (words.next(), words.next().and_then(|number| number.parse::<u64>().ok()));
            match (what, number, words.next()) {
                (Some("pass"), Some(number), None) => tally.add(number, 0, 0),
                (Some("fail" | "cancelled"), Some(number), None) => tally.add(0, number, 0),
                (Some("skipped"), Some(number), None) => tally.add(0, 0, number),
                _ => {}
            }
        })
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if !from.is_dir() {
        return fs::copy(from, to).map(|_| ()).with_context(|| from.display().to_string());
    }
    if to.exists() {
        fs::remove_dir_all(to).with_context(|| to.display().to_string())?;
    }
    fs::create_dir_all(to).with_context(|| to.display().to_string())?;
    for name in names(from, |_| true)? {
        copy(&from.join(&name), &to.join(&name))?;
    }
    Ok(())
}
