//! An answer on its way out, whole or broken as a fault wants it.

use std::convert::Infallible;
use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::response::Response;
use http_body::Frame;
use tokio::sync::{mpsc, watch};

use crate::faults::{Close, Fault, HeaderCase};
use crate::file::File;
use crate::tap::{Raw, Tap};

/// Size of the pieces in which files are sent.
const PIECE: usize = 32 * 1024;

/// What an answer carries.
#[derive(Debug)]
pub(crate) enum Content {
    Bytes(Vec<u8>),
    File(File),
    /// That many bytes of JSON without sense.
    Huge(u64),
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) content: Content,
    /// Error code, for the request log.
    pub(crate) code: String,
}

/// The code that goes with a made-up error status.
pub(crate) const fn usual_code(status: u16) -> &'static str {
    match status {
        401 => "SIGN_ERROR",
        403 => "NO_AUTH",
        404 => "RESOURCE_NOT_EXISTS",
        429 => "FREQUENCY_LIMITED",
        500.. => "SYSTEM_ERROR",
        _ => "INVALID_REQUEST",
    }
}

/// A few words, for what is not part of the API.
pub(crate) fn plain(status: u16, text: &'static str) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = axum::http::StatusCode::from_u16(status).unwrap_or_default();
    response
}

/// These bytes instead of an answer that the HTTP library writes; the connection ends after them.
pub(crate) fn instead(tap: &Tap, raw: Raw) -> Response {
    tap.replace(raw);
    let mut response = Response::new(Body::empty());
    response.headers_mut().insert("connection", axum::http::HeaderValue::from_static("close"));
    response
}

/// Turns the answer into what the HTTP library sends, or takes over the connection where the library could not do what
/// the fault wants.
pub(crate) async fn send(
    answer: Answer,
    fault: &Fault,
    tap: &Tap,
    held_body: Option<watch::Receiver<bool>>,
) -> Response {
    // The HTTP library gives no final answer below 200.
    let by_hand = fault.close.is_some()
        || fault.header_case.is_some()
        || (fault.alter_body && is_file(&answer))
        || answer.status < 200;
    if by_hand {
        return instead(tap, raw(&answer, fault));
    }
    let mut response = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(name, value);
    }
    let body = match (answer.content, held_body) {
        (Content::Bytes(bytes), None) => Body::from(bytes),
        (Content::Bytes(bytes), Some(released)) => {
            response = response.header("Content-Length", bytes.len());
            held(bytes, released)
        }
        (Content::File(file), _) => {
            if !file.gzip {
                response = response.header("Content-Length", file.plain_bytes);
            }
            stream(move |out| file.write_to(out))
        }
        (Content::Huge(bytes), _) => {
            response = response.header("Content-Length", bytes);
            stream(move |out| write_huge(out, bytes))
        }
    };
    match response.body(body) {
        Ok(response) => response,
        Err(error) => {
            log!("an answer could not be sent: {error}");
            plain(500, "the fault gives headers that cannot be sent")
        }
    }
}

fn is_file(answer: &Answer) -> bool {
    matches!(answer.content, Content::File(_))
}

fn write_huge(out: &mut dyn Write, bytes: u64) -> io::Result<()> {
    // A JSON text that never ends: a reader without a limit would go on for ever.
    let piece = [b'1'; PIECE];
    let mut left = bytes;
    while left > 0 {
        let now = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
        out.write_all(&piece[..now])?;
        left -= now as u64;
    }
    Ok(())
}

/// The bytes of the whole answer, broken off where the fault wants it.
fn raw(answer: &Answer, fault: &Fault) -> Raw {
    let mut body = Vec::new();
    let written = match &answer.content {
        Content::Bytes(bytes) => body.write_all(bytes),
        Content::File(file) => file.write_to(&mut body),
        Content::Huge(bytes) => write_huge(&mut body, *bytes),
    };
    if let Err(error) = written {
        log!("an answer could not be written: {error}");
    }
    if fault.alter_body && is_file(answer) {
        crate::signing::alter(&mut body);
    }
    let mut head = format!("HTTP/1.1 {} \r\n", answer.status);
    for (name, value) in &answer.headers {
        let name = match fault.header_case {
            Some(HeaderCase::Lower) => name.to_lowercase(),
            Some(HeaderCase::Upper) => name.to_uppercase(),
            None => name.clone(),
        };
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if answer.status >= 200 {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    head.push_str("Connection: close\r\n\r\n");
    let mut bytes = head.into_bytes();
    let head_length = bytes.len();
    bytes.append(&mut body);
    let end = match fault.close {
        None => bytes.len(),
        Some(Close::BeforeAnswer | Close::Reset) => 0,
        Some(Close::MidHeaders) => head_length / 2,
        Some(Close::MidBody) => {
            let body_length = bytes.len() - head_length;
            head_length + fault.cut_after.unwrap_or(body_length / 2).min(body_length)
        }
    };
    bytes.truncate(end);
    Raw { bytes, reset: fault.close == Some(Close::Reset) }
}

/// A body that is written piece by piece on a thread of its own, as fast as the reader takes it.
fn stream(write: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send + 'static) -> Body {
    let (sender, receiver) = mpsc::channel(4);
    tokio::task::spawn_blocking(move || {
        let mut out = io::BufWriter::with_capacity(PIECE, Pieces(sender));
        // The only failure is that the reader went away.
        let _ = write(&mut out).and_then(|()| out.flush());
    });
    Body::new(Received(receiver))
}

/// Half of the body now, the rest when it is released.
fn held(bytes: Vec<u8>, mut released: watch::Receiver<bool>) -> Body {
    let (sender, receiver) = mpsc::channel(2);
    tokio::spawn(async move {
        let mut first = Bytes::from(bytes);
        let rest = first.split_off(first.len() / 2);
        if sender.send(first).await.is_ok() && released.wait_for(|released| *released).await.is_ok() {
            let _ = sender.send(rest).await;
        }
    });
    Body::new(Received(receiver))
}

struct Pieces(mpsc::Sender<Bytes>);

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .blocking_send(Bytes::copy_from_slice(bytes))
            .map_err(|_| io::Error::new(io::ErrorKind::BrokenPipe, "the reader went away"))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Received(mpsc::Receiver<Bytes>);

impl http_body::Body for Received {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|bytes| Ok(Frame::data(bytes))))
    }
}
