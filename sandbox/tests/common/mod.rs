//! A merchant who does everything by hand: signs with the `openssl` command, speaks HTTP with ureq, and uses nothing of
//! this project. So the sandbox is shown to speak the protocol, and not merely to agree with our own client.

#![allow(dead_code, reason = "each test file uses a part")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on shall say so and end"
)]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;
use tempfile::TempDir;
use wechatpay_sandbox::{Credentials, Options, Running, Sandbox};

pub(crate) struct Merchant {
    pub(crate) sandbox: Running,
    pub(crate) folder: TempDir,
    agent: ureq::Agent,
    /// Sent as `Wechatpay-Serial`; the public key id at first.
    pub(crate) wechatpay_serial: Option<String>,
    /// Added to the clock when signing.
    pub(crate) clock_offset: i64,
}

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

impl Merchant {
    pub(crate) fn new() -> Self {
        Self::with(Options::default())
    }

    pub(crate) fn with(mut options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        options.out = Some(folder.path().to_owned());
        let sandbox = Sandbox::start(options).unwrap();
        let agent =
            ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().new_agent();
        let wechatpay_serial = Some(sandbox.credentials().wechatpay_public_key_id.clone());
        Self { sandbox, folder, agent, wechatpay_serial, clock_offset: 0 }
    }

    pub(crate) fn credentials(&self) -> &Credentials {
        self.sandbox.credentials()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The value of `Authorization`, by the rules of the documentation.
    pub(crate) fn authorization(&self, method: &str, path: &str, signed: &[u8]) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64 + self.clock_offset;
        let nonce = "593BEC0C930BF1AFEB40B4A08C8FB242";
        let message = [format!("{method}\n{path}\n{now}\n{nonce}\n").as_bytes(), signed, b"\n"].concat();
        let signature = base64(&openssl(
            &["dgst", "-sha256", "-sign", self.file("apiclient_key.pem").to_str().unwrap()],
            &message,
        ));
        format!(
            "WECHATPAY2-SHA256-RSA2048 mchid=\"{}\",nonce_str=\"{nonce}\",signature=\"{signature}\",timestamp=\"{now}\",serial_no=\"{}\"",
            self.credentials().mchid,
            self.credentials().merchant_serial_no
        )
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        let authorization = self.authorization("GET", path, b"");
        self.send("GET", path, &authorization, None)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Reply {
        let body = body.to_string();
        let authorization = self.authorization("POST", path, body.as_bytes());
        self.send("POST", path, &authorization, Some(("application/json", body.as_bytes())))
    }

    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        authorization: &str,
        body: Option<(&str, &[u8])>,
    ) -> Reply {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.sandbox.base_url()))
            .header("User-Agent", "by hand")
            .header("Accept", "application/json");
        if !authorization.is_empty() {
            request = request.header("Authorization", authorization);
        }
        if let Some(serial) = &self.wechatpay_serial {
            request = request.header("Wechatpay-Serial", serial);
        }
        let response = match body {
            Some((content_type, body)) => {
                self.agent.run(request.header("Content-Type", content_type).body(body.to_vec()).unwrap())
            }
            None => self.agent.run(request.body(()).unwrap()),
        };
        let mut response = response.unwrap();
        Reply {
            status: response.status().as_u16(),
            headers: response
                .headers()
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
                .collect(),
            body: response.body_mut().read_to_vec().unwrap(),
        }
    }

    /// Something under `/sandbox/`; must succeed.
    pub(crate) fn control(&self, path: &str, body: &Value) -> Value {
        let reply = self.send("POST", path, "", Some(("application/json", body.to_string().as_bytes())));
        assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
        reply.json()
    }

    pub(crate) fn observe(&self, path: &str) -> Value {
        let reply = self.send("GET", path, "", None);
        assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
        reply.json()
    }

    /// A JSAPI order.
    pub(crate) fn order(&self, out_trade_no: &str, fen: i64, notify_url: &str) -> Value {
        serde_json::json!({
            "appid": self.credentials().appid,
            "mchid": self.credentials().mchid,
            "description": "Image形象店-深圳腾大-QQ公仔",
            "out_trade_no": out_trade_no,
            "notify_url": notify_url,
            "amount": { "total": fen, "currency": "CNY" },
            "payer": { "openid": self.credentials().openid },
        })
    }

    /// Whether the `openssl` command finds the `Wechatpay-*` signature good.
    pub(crate) fn verifies(&self, headers: &dyn Fn(&str) -> Option<String>, body: &[u8]) -> bool {
        let Some(serial) = headers("Wechatpay-Serial") else { return false };
        let credentials = self.credentials();
        let key = if serial == credentials.wechatpay_public_key_id {
            self.file("wechatpay_public_key.pem")
        } else {
            assert_eq!(serial, credentials.platform_serial_no);
            let key = openssl(
                &[
                    "x509",
                    "-pubkey",
                    "-noout",
                    "-in",
                    self.file("platform_certificate.pem").to_str().unwrap(),
                ],
                b"",
            );
            let path = self.file("platform_public.pem");
            std::fs::write(&path, key).unwrap();
            path
        };
        let (timestamp, nonce) =
            (headers("Wechatpay-Timestamp").unwrap(), headers("Wechatpay-Nonce").unwrap());
        let message = [format!("{timestamp}\n{nonce}\n").as_bytes(), body, b"\n"].concat();
        let Some(signature) = unbase64(&headers("Wechatpay-Signature").unwrap()) else { return false };
        let path = self.file("signature.bin");
        std::fs::write(&path, signature).unwrap();
        let (status, _) = run(
            &["dgst", "-sha256", "-verify", key.to_str().unwrap(), "-signature", path.to_str().unwrap()],
            &message,
        );
        status
    }

    pub(crate) fn signed(&self, reply: &Reply) -> bool {
        self.verifies(&|name| reply.header(name).map(str::to_owned), &reply.body)
    }

    /// RSA-OAEP with SHA-1, by the `openssl` command.
    pub(crate) fn encrypt(&self, plain: &str, public_key: &Path) -> String {
        base64(&openssl(
            &[
                "pkeyutl",
                "-encrypt",
                "-pubin",
                "-inkey",
                public_key.to_str().unwrap(),
                "-pkeyopt",
                "rsa_padding_mode:oaep",
            ],
            plain.as_bytes(),
        ))
    }

    /// Opens what is sealed with the APIv3 key, by aws-lc-rs: the sandbox seals with another library, and the `openssl`
    /// command does not do GCM.
    pub(crate) fn open(&self, sealed: &Value) -> Vec<u8> {
        use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

        assert_eq!(sealed["algorithm"], "AEAD_AES_256_GCM");
        let text = |name: &str| sealed[name].as_str().unwrap();
        let key = LessSafeKey::new(
            UnboundKey::new(&AES_256_GCM, self.credentials().api_v3_key.as_bytes()).unwrap(),
        );
        let nonce = Nonce::try_assume_unique_for_key(text("nonce").as_bytes()).unwrap();
        let mut bytes = unbase64(text("ciphertext")).unwrap();
        let aad = Aad::from(text("associated_data").as_bytes().to_vec());
        key.open_in_place(nonce, aad, &mut bytes).unwrap().to_vec()
    }

    pub(crate) fn decrypt(&self, sealed: &str) -> String {
        let key = self.file("apiclient_key.pem");
        let plain = openssl(
            &["pkeyutl", "-decrypt", "-inkey", key.to_str().unwrap(), "-pkeyopt", "rsa_padding_mode:oaep"],
            &unbase64(sealed).unwrap(),
        );
        String::from_utf8(plain).unwrap()
    }
}

/// Whether the `openssl` command is there. Where it is not, tests that need it say so and end, except in CI, where they fail.
pub(crate) fn openssl_is_here() -> bool {
    let here =
        Command::new("openssl").arg("version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    assert!(here || std::env::var_os("CI").is_none(), "CI must have the openssl command");
    if !here {
        eprintln!("skipped: no openssl command on this machine");
    }
    here
}

pub(crate) fn run(arguments: &[&str], input: &[u8]) -> (bool, Vec<u8>) {
    let mut child = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("these tests need the openssl command");
    // A command that does not read its input closes the pipe early, which is no failure.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    (output.status.success(), output.stdout)
}

pub(crate) fn openssl(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let (good, output) = run(arguments, input);
    assert!(good, "openssl {arguments:?} failed");
    output
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    String::from_utf8(openssl(&["base64", "-A"], bytes)).unwrap()
}

pub(crate) fn unbase64(text: &str) -> Option<Vec<u8>> {
    let (good, bytes) = run(&["base64", "-A", "-d"], text.as_bytes());
    (good && !bytes.is_empty()).then_some(bytes)
}
