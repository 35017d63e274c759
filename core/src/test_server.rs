//! A server on loopback for tests: each connection gets the next script.

#![allow(clippy::unwrap_used)] // a test helper

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use crate::http::{Headers, HttpRequest, Method};

type Script = Box<dyn FnOnce(&mut Peer) + Send>;

/// Runs its scripts in order, one per connection, and then stops listening.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    thread: Option<JoinHandle<()>>,
}

/// A request as the server got it.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) line: String,
    pub(crate) headers: Headers,
    pub(crate) body: Vec<u8>,
}

/// One connection, seen from the server.
pub(crate) struct Peer {
    stream: BufReader<TcpStream>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    pub(crate) fn new(scripts: Vec<Script>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        let thread = std::thread::spawn(move || {
            for script in scripts {
                let (stream, _) = listener.accept().unwrap();
                script(&mut Peer { stream: BufReader::new(stream), seen: Arc::clone(&log) });
            }
        });
        Self { address, seen, thread: Some(thread) }
    }

    /// Answers each connection's single request with these bytes and closes.
    pub(crate) fn answering(answers: &[&str]) -> Self {
        let script = |answer: &str| -> Script {
            let answer = answer.to_owned();
            Box::new(move |peer: &mut Peer| {
                peer.request();
                peer.send(answer.as_bytes());
            })
        };
        Self::new(answers.iter().map(|answer| script(answer)).collect())
    }

    pub(crate) fn url(&self, path_and_query: &str) -> String {
        format!("http://{}{path_and_query}", self.address)
    }

    /// All requests, after every script has run.
    pub(crate) fn finish(mut self) -> Vec<Seen> {
        self.thread.take().unwrap().join().unwrap();
        self.seen.lock().unwrap().clone()
    }
}

impl Peer {
    /// Reads one whole request.
    pub(crate) fn request(&mut self) -> Seen {
        let line = self.line();
        let mut headers = Headers::new();
        let mut length = 0;
        loop {
            let header = self.line();
            let Some((name, value)) = header.split_once(':') else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().unwrap();
            }
            headers.push(name, value.trim());
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        let seen = Seen { line, headers, body };
        self.seen.lock().unwrap().push(seen.clone());
        seen
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        // The client may have hung up on purpose.
        let _ = self.stream.get_mut().write_all(bytes);
    }

    pub(crate) fn hang_up(&mut self) {
        let _ = self.stream.get_mut().shutdown(std::net::Shutdown::Both);
    }

    /// Waits until the client hangs up, without answering.
    pub(crate) fn stay_silent(&mut self) {
        let _ = std::io::copy(&mut self.stream, &mut std::io::sink());
    }
}

/// An unsigned request, for tests of what lies below the kernel.
pub(crate) fn request(method: Method, url: &str, body: &[u8]) -> HttpRequest {
    HttpRequest {
        method,
        url: url.to_owned(),
        headers: [
            ("Authorization", "WECHATPAY2-SHA256-RSA2048 secret"),
            ("User-Agent", "test"),
            ("Accept", "application/json"),
        ]
        .into_iter()
        .collect(),
        body: body.to_vec(),
    }
}

/// An answer with this status, extra header lines and body.
pub(crate) fn answer(status: u16, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n{body}",
        body.len()
    )
}
