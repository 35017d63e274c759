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
    write!(stream, "GET /sandbox HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    assert!(text.starts_with("HTTP/1.1 200 "), "{text}");

    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    assert!(TcpStream::connect(&authority).is_err());
}
