//! An HTTP server on loopback: one thread per connection, one request each.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use wechatpay_core::http::Headers;

use crate::platform::{NOW, PUBLIC_KEY_ID, cast};

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: String,
    pub target: String,
    pub headers: Headers,
    pub body: Vec<u8>,
}

/// What to do with a request.
pub enum Act {
    /// Answer with these bytes and hang up.
    Send(Vec<u8>),
    /// Say nothing until the client hangs up.
    StaySilent,
    /// Send these bytes and then say nothing until the client hangs up.
    SendAndStaySilent(Vec<u8>),
}

pub struct Server {
    pub url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    pub fn start(handle: impl Fn(&Seen) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (log, handle) = (Arc::clone(&seen), Arc::new(handle));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (log, handle) = (Arc::clone(&log), Arc::clone(&handle));
                std::thread::spawn(move || serve(stream.unwrap(), &log, &*handle));
            }
        });
        Self { url, seen }
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

fn serve(stream: TcpStream, log: &Mutex<Vec<Seen>>, handle: &dyn Fn(&Seen) -> Act) {
    let mut stream = BufReader::new(stream);
    let mut line = || {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    };
    let first = line();
    let mut words = first.split(' ');
    let (method, target) = (words.next().unwrap().to_owned(), words.next().unwrap().to_owned());
    let headers: Headers = std::iter::from_fn(|| {
        let header = line();
        header.split_once(':').map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
    })
    .collect();
    let length = headers.get("Content-Length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    let seen = Seen { method, target, headers, body };
    log.lock().unwrap().push(seen.clone());
    match handle(&seen) {
        Act::Send(bytes) => drop(stream.get_mut().write_all(&bytes)),
        Act::SendAndStaySilent(bytes) => {
            stream.get_mut().write_all(&bytes).unwrap();
            drop(std::io::copy(&mut stream, &mut std::io::sink()));
        }
        Act::StaySilent => drop(std::io::copy(&mut stream, &mut std::io::sink())),
    }
}

/// A whole answer.
pub fn answer(status: u16, headers: &Headers, body: &[u8]) -> Act {
    let mut text = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n", body.len());
    for (name, value) in headers.iter() {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    Act::Send([text.as_bytes(), body].concat())
}

/// A whole answer, signed with the WeChat Pay public key's pair.
pub fn signed(status: u16, body: &str) -> Act {
    answer(status, &cast().wechatpay.sign(PUBLIC_KEY_ID, NOW, body.as_bytes()), body.as_bytes())
}
