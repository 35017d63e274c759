//! A notification endpoint, as small as one can be: a merchant would use his web framework. What counts is the same
//! everywhere: give the headers and the *bytes* of the body to the client, and answer quickly.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use wechatpay_core::http::Headers;
use wechatpay_core::{NOTIFICATION_MAX_BYTES, NotificationReply};

/// Longest request line and headers, in bytes.
const MAX_HEAD: u64 = 64 << 10;
/// WeChat Pay gives up after 5 seconds; nobody may hold the connection longer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A notification as it came from the wire.
pub(crate) struct Received {
    pub(crate) headers: Headers,
    pub(crate) body: Vec<u8>,
}

/// Listens on a free port of this machine, and has every request answered by `handle` on a thread of its own.
pub(crate) fn listen(
    handle: impl Fn(Received) -> NotificationReply + Send + 'static,
) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let address = listener.local_addr()?;
    std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            // A broken connection concerns nobody else; the sender repeats the notification.
            let _ = serve(connection, &handle);
        }
    });
    Ok(address)
}

fn serve(connection: TcpStream, handle: &impl Fn(Received) -> NotificationReply) -> std::io::Result<()> {
    connection.set_read_timeout(Some(TIMEOUT))?;
    connection.set_write_timeout(Some(TIMEOUT))?;
    let mut reader = BufReader::new(connection.try_clone()?).take(MAX_HEAD);
    let mut line = String::new();
    reader.read_line(&mut line)?; // POST /notify HTTP/1.1
    let mut headers = Headers::new();
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        match line.trim_end().split_once(':') {
            Some((name, value)) => headers.push(name, value.trim()),
            None => break,
        }
    }
    let length = headers.get("Content-Length").and_then(|length| length.parse().ok()).unwrap_or(0);
    // One byte more than may be shows that there is too much.
    let mut body = Vec::new();
    reader.into_inner().take(length.min(NOTIFICATION_MAX_BYTES as u64 + 1)).read_to_end(&mut body)?;

    let NotificationReply { status, body, .. } = handle(Received { headers, body });
    let head =
        format!("HTTP/1.1 {status} \r\nContent-Type: application/json\r\nContent-Length: {}\r\n", body.len());
    let mut connection = connection;
    connection.write_all(format!("{head}Connection: close\r\n\r\n{body}").as_bytes())
}
