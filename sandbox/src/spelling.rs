//! `Request-ID`, spelled as WeChat Pay spells it. The HTTP library writes header names in its own way, `Request-Id`.

use std::borrow::Cow;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

const WRITTEN: &[u8] = b"\r\nRequest-Id: ";
const MEANT: &[u8] = b"\r\nRequest-ID: ";

/// What is written, with the name spelled right when it begins with the head of a message.
pub(crate) fn spelt(bytes: &[u8]) -> Cow<'_, [u8]> {
    if !bytes.starts_with(b"HTTP/1.1 ") && !bytes.starts_with(b"POST ") {
        return Cow::Borrowed(bytes);
    }
    let head = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(bytes.len());
    let found = bytes[..head].windows(WRITTEN.len()).position(|window| window == WRITTEN);
    let Some(start) = found else { return Cow::Borrowed(bytes) };
    Cow::Owned([&bytes[..start], MEANT, &bytes[start + WRITTEN.len()..]].concat())
}

/// A connection on which the name is spelled right.
pub(crate) struct Spelt<S>(pub(crate) S);

impl<S: AsyncRead + Unpin> AsyncRead for Spelt<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Spelt<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, &spelt(bytes))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_spelled_right_and_bodies_are_left_alone() {
        let head = b"HTTP/1.1 200 OK\r\nRequest-Id: 08\r\n\r\n\r\nRequest-Id: body";
        assert_eq!(*spelt(head), *b"HTTP/1.1 200 OK\r\nRequest-ID: 08\r\n\r\n\r\nRequest-Id: body");
        let body = b"{\"x\":\"\r\nRequest-Id: \"}";
        assert_eq!(*spelt(body), *body);
    }
}
