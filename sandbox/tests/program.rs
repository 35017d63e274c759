//! The program: the line that tests of other languages wait for, and its end when they end.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use serde_json::Value;

#[test]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on shall say so and end")]
fn the_program_says_when_it_is_ready_and_ends_with_its_parent() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_wechatpay-sandbox"))
        .args(["--port", "0", "--exit-with-parent", "--out", "files"])
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut said = String::new();
    let ready = loop {
        let line = lines.next().unwrap().unwrap();
        if let Some(json) = line.strip_prefix("WECHATPAY_SANDBOX_READY ") {
            break serde_json::from_str::<Value>(json).unwrap();
        }
        said.push_str(&line);
        said.push('\n');
    };
    for language in ["Rust", "Python", "Node.js", "Kotlin"] {
        assert!(said.contains(&format!("\n{language}\n")), "{said}");
    }
    let written: Value =
        serde_json::from_slice(&std::fs::read(folder.path().join("files/credentials.json")).unwrap())
            .unwrap();
    for said in [&written["folder"], &ready["folder"]] {
        let said = std::path::Path::new(said.as_str().unwrap());
        assert!(said.is_absolute() && said.ends_with("files"), "{said:?}");
    }
    assert_eq!(written["base_url"], ready["base_url"]);
    assert!(ready.get("merchant_private_key").is_none() && ready.get("api_v3_key").is_none());

    let authority = ready["base_url"].as_str().unwrap().strip_prefix("http://").unwrap().to_owned();
    let mut stream = TcpStream::connect(&authority).unwrap();
    write!(stream, "GET /sandbox HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    assert!(text.starts_with("HTTP/1.1 200 "), "{text}");

    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    assert!(TcpStream::connect(&authority).is_err());
}

/// The lines of `env` are for a shell, so a shell must take them; and `curl`, where there is one, comes to the sandbox by them.
#[test]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on shall say so and end")]
fn env_leads_a_program_to_the_sandbox_or_says_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let env = |language: &str| {
        Command::new(env!("CARGO_BIN_EXE_wechatpay-sandbox"))
            .args(["env", "--lang", language, "--out", "it's here"])
            .current_dir(folder.path())
            .output()
            .unwrap()
    };
    let none = env("python");
    assert!(!none.status.success() && none.stdout.is_empty());
    assert!(String::from_utf8(none.stderr).unwrap().contains("start the sandbox first"));

    let start = |more: &[&str]| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_wechatpay-sandbox"))
            .args(["--port", "0", "--exit-with-parent", "--quiet", "--out", "it's here"])
            .args(more)
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        child
    };
    let mut opaque = start(&[]);
    let refused = env("python");
    assert!(String::from_utf8(refused.stderr).unwrap().contains("without --transparent"));
    drop(opaque.stdin.take());
    opaque.wait().unwrap();

    let mut sandbox = start(&["--transparent", "--ca", "the ca"]);
    let script = folder.path().join("env.sh");
    for language in ["python", "node", "go", "java", "php", "dotnet", "curl"] {
        let lines = env(language);
        assert!(lines.status.success());
        std::fs::write(&script, lines.stdout).unwrap();
        let mut sh = Command::new("sh");
        sh.arg("-c").arg(". \"$0\" && printf %s \"$HTTPS_PROXY$JAVA_TOOL_OPTIONS\"").arg(&script);
        let said = sh.output().unwrap();
        assert!(said.status.success(), "{language}: {said:?}");
        assert!(String::from_utf8(said.stdout).unwrap().contains("127.0.0.1"), "{language}");
    }
    if Command::new("curl").arg("--version").output().is_ok() {
        let mut sh = Command::new("sh");
        let ask = "curl --silent --show-error https://api.mch.weixin.qq.com/v3/certificates";
        let said = sh.arg("-c").arg(format!(". \"$0\" && {ask}")).arg(&script).output().unwrap();
        let (out, err) = (String::from_utf8(said.stdout).unwrap(), String::from_utf8(said.stderr).unwrap());
        assert!(out.contains("\"code\""), "{out} {err}");
    }
    drop(sandbox.stdin.take());
    sandbox.wait().unwrap();
}
