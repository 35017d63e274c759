//! A merchant with a sandbox and the built program. Nothing of the machine's environment reaches it.

#![allow(dead_code, reason = "each test file uses a part")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on shall say so and end")]

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use wechatpay_sandbox::{Credentials, Options, Running, Sandbox};

pub(crate) struct Merchant {
    pub(crate) sandbox: Running,
    pub(crate) folder: tempfile::TempDir,
}

pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) error: String,
}

impl Ended {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error}: {}\n{}", self.out, self.error))
    }

    /// With exit code 0.
    pub(crate) fn good(self) -> Self {
        assert_eq!(self.code, 0, "{}\n{}", self.out, self.error);
        self
    }
}

impl Merchant {
    pub(crate) fn new() -> Self {
        Self::with(Options::default())
    }

    pub(crate) fn with(mut options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        options.out = Some(folder.path().to_owned());
        Self { sandbox: Sandbox::start(options).unwrap(), folder }
    }

    pub(crate) fn credentials(&self) -> &Credentials {
        self.sandbox.credentials()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.file(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// `wechatpay` with the sandbox's credentials.json.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        self.run_with(arguments, "")
    }

    pub(crate) fn run_with(&self, arguments: &[&str], input: &str) -> Ended {
        let config = self.file("credentials.json");
        let mut all = vec!["--config", config.to_str().unwrap()];
        all.extend(arguments);
        let ended = run(&all, &[], input);
        for secret in [
            &self.credentials().api_v3_key,
            &self.credentials().api_v2_key,
            &self.credentials().merchant_private_key.lines().nth(1).unwrap().to_owned(),
        ] {
            assert!(
                !ended.out.contains(secret) && !ended.error.contains(secret),
                "{arguments:?} shows a secret"
            );
        }
        ended
    }

    /// The control plane.
    pub(crate) fn play(&self, path: &str, body: &Value) -> Value {
        let url = format!("{}{path}", self.sandbox.base_url());
        let body = serde_json::to_vec(body).unwrap();
        let text = ureq::post(&url).send(&body).unwrap().body_mut().read_to_string().unwrap();
        serde_json::from_str(&text).unwrap()
    }

    pub(crate) fn ask(&self, path: &str) -> Value {
        let url = format!("{}{path}", self.sandbox.base_url());
        serde_json::from_str(&ureq::get(&url).call().unwrap().body_mut().read_to_string().unwrap()).unwrap()
    }

    /// What has arrived at the sandbox.
    pub(crate) fn requests(&self) -> Vec<Value> {
        self.ask("/sandbox/requests")["requests"].as_array().unwrap().clone()
    }

    /// A notification as it arrived at a server: as text.
    pub(crate) fn notification(&self) -> String {
        // Nobody listens there, but it was made and tried.
        let made = self.play(
            "/sandbox/notifications",
            &json!({ "notification": "payments.transaction", "notify_url": "http://127.0.0.1:1/notify" }),
        );
        let shown = self.ask(&format!("/sandbox/notifications/{}?wait=true", made["id"].as_str().unwrap()));
        let attempt = &shown["attempts"][0];
        let headers = attempt["headers"].as_object().unwrap();
        let headers: Vec<String> =
            headers.iter().map(|(name, value)| format!("{name}: {}\r\n", value.as_str().unwrap())).collect();
        format!("POST /notify HTTP/1.1\r\n{}\r\n{}", headers.concat(), attempt["body"].as_str().unwrap())
    }
}

/// The program by itself.
pub(crate) fn run(arguments: &[&str], environment: &[(&str, &str)], input: &str) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wechatpay"));
    command.env_clear().envs(environment.iter().copied()).args(arguments);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A program that does not read its input closes it.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let ended = child.wait_with_output().unwrap();
    Ended {
        code: ended.status.code().unwrap(),
        out: String::from_utf8(ended.stdout).unwrap(),
        error: String::from_utf8(ended.stderr).unwrap(),
    }
}
