//! A key that never leaves its token: the example `pkcs11` with a real SoftHSM2. `cargo xtask test` runs this where SoftHSM2 is installed;
//! by hand, `cargo build -p wechatpay-tests --example pkcs11` comes first.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::path::{Path, PathBuf};
use std::process::Command;

use wechatpay_sandbox::{Options, Sandbox};

const LIBRARIES: [&str; 3] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
];

/// The example beside this program.
fn example() -> PathBuf {
    let program = std::env::current_exe().unwrap();
    program
        .ancestors()
        .nth(2)
        .unwrap()
        .join("examples")
        .join(format!("pkcs11{}", std::env::consts::EXE_SUFFIX))
}

fn run(command: &mut Command, folder: &Path) -> String {
    let output = command.env("SOFTHSM2_CONF", folder.join("softhsm2.conf")).output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
#[ignore = "needs SoftHSM2 (Debian: apt-get install softhsm2)"]
fn a_token_signs_and_decrypts() {
    let library = LIBRARIES.into_iter().find(|library| Path::new(library).exists()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut options = Options::default();
    options.out = Some(folder.to_path_buf());
    let sandbox = Sandbox::start(options).unwrap();
    std::fs::create_dir(folder.join("tokens")).unwrap();
    let configuration = format!("directories.tokendir = {}\n", folder.join("tokens").display());
    std::fs::write(folder.join("softhsm2.conf"), configuration).unwrap();
    let names = ["--label", "merchant", "--pin", "1234"];
    let make = ["--init-token", "--free", "--so-pin", "5678"];
    run(Command::new("softhsm2-util").args(make).args(names), folder);
    let import = ["--import", "apiclient_key.pem", "--token", "merchant", "--id", "A1"];
    run(Command::new("softhsm2-util").args(import).args(names).current_dir(folder), folder);

    let credentials = folder.join("credentials.json");
    let said = run(Command::new(example()).args([library, "1234"]).arg(credentials), folder);
    assert!(said.contains("signed by the token: \"weixin://"), "{said}");
    assert!(said.contains("decrypted by the token: \"张三\""), "{said}");
    drop(sandbox);
}
