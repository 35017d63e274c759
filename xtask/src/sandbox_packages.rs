//! The sandbox as people get it: a wheel and npm packages with the program inside, so that one install is enough.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail};

use crate::machines::{self, STATIC, Toolchain};
use crate::node;
use crate::python;
use crate::run::{self, headline, root};
use crate::sandbox::{self, Sandbox};
use crate::tally::Tally;
use crate::venv::Venv;

/// No program is to be larger, in bytes.
const MOST_BYTES: u64 = 12_000_000;

const PYTHON: &str = "sandbox/packages/python";
const NPM: &str = "sandbox/packages/npm/pack.mjs";

/// Programs, wheels and npm packages for every Linux, in `dist`.
pub(crate) fn dist(out: &Path) -> Result<()> {
    headline("the sandbox and the command line: programs, wheels and npm packages");
    let toolchain = Toolchain::ready()?;
    let target = machines::static_target()?;
    fs::create_dir_all(out).with_context(|| out.display().to_string())?;
    println!("{}", npm(&["main".as_ref(), out.as_os_str()])?);
    for (rust, platform) in STATIC {
        let mut build = toolchain.cargo(rust)?;
        build.args(["-p", "wechatpay-sandbox", "-p", "wechatpay-cli", "--bins", "--target-dir"]).arg(&target);
        run::run(&mut build)?;
        let folder = target.join(rust).join("published");
        for name in ["wechatpay-sandbox", "wechatpay"] {
            let program = folder.join(name);
            let bytes = fs::metadata(&program).with_context(|| program.display().to_string())?.len();
            if bytes > MOST_BYTES {
                bail!("{} has {bytes} bytes, more than {MOST_BYTES}", program.display());
            }
            let to = out.join(format!("{name}-{platform}"));
            fs::copy(&program, &to).with_context(|| to.display().to_string())?;
            println!("dist/{name}-{platform}: {bytes} bytes, static");
        }
        tried(rust, &folder, &target.join("tried").join(platform))?;
        let program = folder.join("wechatpay-sandbox");
        println!("{}", npm(&["platform".as_ref(), program.as_os_str(), out.as_os_str(), platform.as_ref()])?);
        let mut maturin = toolchain.maturin(&root().join(PYTHON))?;
        // Linked to nothing: for glibc as well as for musl.
        maturin.args(["--target", rust, "--compatibility", "manylinux2014", "musllinux_1_2", "--target-dir"]);
        run::run(maturin.arg(&target).arg("--out").arg(out))?;
    }
    Ok(())
}

/// An order, and a sensitive field there and back, by the two programs; where this machine can run them.
fn tried(rust: &str, programs: &Path, home: &Path) -> Result<()> {
    let [sandbox, cli] =
        ["wechatpay-sandbox", "wechatpay"].map(|name| machines::runner(rust, &programs.join(name)));
    let (Some(mut sandbox), Some(mut cli)) = (sandbox, cli) else {
        println!("NOT RUN: nothing here runs programs of {rust} (Debian: apt-get install qemu-user-static)");
        return Ok(());
    };
    fs::create_dir_all(home).with_context(|| home.display().to_string())?;
    let sandbox = Sandbox::run(&mut sandbox, home.to_owned(), &[])?;
    let credentials = sandbox.credentials.join("credentials.json");
    cli.arg("--config").arg(&credentials).args(["call", "security.echo"]);
    let said = run::output_of(cli.arg(r#"{ "echo_message": "tea", "encrypted_echo_message": "张三" }"#))?;
    if !said.contains("张三") {
        bail!("the programs of {rust} do not do what they should: {said}");
    }
    println!("    both ran: signed, verified, encrypted, decrypted");
    Ok(())
}

/// In empty folders, with this machine's program from a quick build: installed as a user does, and started as a user does.
pub(crate) fn test(tally: &mut Tally) -> Result<()> {
    let home = run::target_dir()?.join("sandbox-packages");
    if home.exists() {
        fs::remove_dir_all(&home).with_context(|| home.display().to_string())?;
    }
    fs::create_dir_all(&home).with_context(|| home.display().to_string())?;
    let mut failures = Vec::new();
    for (what, tried) in [("pip", of_python(&home)), ("npm", of_npm(&home))] {
        tally.add(u64::from(tried.is_ok()), u64::from(tried.is_err()), 0);
        failures.extend(tried.err().map(|error| anyhow!("{what}: {error:#}")));
    }
    run::all(failures)
}

fn of_python(home: &Path) -> Result<()> {
    headline("sandbox: pip install");
    let wheels = home.join("wheels");
    let mut maturin = python::maturin("dev")?;
    run::run(maturin.current_dir(root().join(PYTHON)).arg("--out").arg(&wheels))?;
    let client = python::dev_wheel()?;
    let venv = Venv::fresh("sandbox-packages")?;
    let mut all: Vec<PathBuf> = fs::read_dir(&wheels)?.filter_map(|file| Some(file.ok()?.path())).collect();
    all.push(client);
    venv.install_offline(&all)?;
    let program = "from wechatpay_rs import Client\nfrom wechatpay_rs.testing import Sandbox\n\
        with Sandbox.start() as sandbox:\n    client = Client(**sandbox.options)\n    \
        answer = client.payments.native.prepay(appid=sandbox.appid, description='tea', out_trade_no='PACKAGES-1', \
        notify_url='https://shop.example/notify', amount={'total': 1})\n    print(answer['code_url'])";
    let mut order = Command::new(venv.program("python"));
    let printed = run::output_of(order.current_dir(home).env_clear().args(["-c", program]))?;
    if !printed.starts_with("weixin://") {
        bail!("no order was placed: {printed}");
    }
    for module in ["wechatpay_rs.sandbox", "wechatpay_rs_sandbox"] {
        let mut help = Command::new(venv.program("python"));
        let printed = run::output_of(help.current_dir(home).env_clear().args(["-m", module, "--help"]))?;
        says_what_it_is(&printed)?;
    }
    Ok(())
}

fn of_npm(home: &Path) -> Result<()> {
    headline("sandbox: npm install");
    let program = sandbox::program()?;
    let packages = home.join("packages");
    let own = npm(&["platform".as_ref(), program.as_os_str(), packages.as_os_str()])?;
    let main = npm(&["main".as_ref(), packages.as_os_str()])?;
    let mut all = node::dev_packages()?;
    all.extend([own, main].map(|printed| PathBuf::from(printed.trim())));
    let project = node::Project::new("sandbox-packages", &all)?;
    let mut npx = project.npm();
    says_what_it_is(&run::output_of(npx.args(["exec", "--offline", "--", "wechatpay-sandbox", "--help"]))?)?;
    let script = "const { startSandbox } = require('wechatpay-rs/testing');\nconst { Client } = require('wechatpay-rs');\n\
        startSandbox().then(async (sandbox) => {\n  const client = new Client(sandbox.clientOptions);\n  \
        const { code_url } = await client.payments.native.prepay({ appid: sandbox.credentials.appid, description: 'tea', \
        out_trade_no: 'PACKAGES-1', notify_url: 'https://shop.example/notify', amount: { total: 1 } });\n  \
        console.log(code_url);\n  client.close?.();\n  await sandbox.close();\n});";
    let printed = run::output_of(project.node().env_remove("WECHATPAY_SANDBOX").args(["-e", script]))?;
    if printed.starts_with("weixin://") { Ok(()) } else { Err(anyhow!("no order was placed: {printed}")) }
}

fn says_what_it_is(printed: &str) -> Result<()> {
    if printed.contains("--transparent") { Ok(()) } else { Err(anyhow!("no help of the sandbox: {printed}")) }
}

fn npm(arguments: &[&std::ffi::OsStr]) -> Result<String> {
    run::output_of(Command::new("node").arg(root().join(NPM)).args(arguments))
}
