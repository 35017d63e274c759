//! The connection as bytes: lets a fault say exactly what goes over the wire, and where it ends.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use crate::arrival::Arrivals;
use crate::faults::CutBy;
use crate::spelling::spelt;
use crate::tap::Tap;

/// What carries a connection: TCP, or TLS over it.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static {
    /// The TCP connection at the bottom, for what must not look like an orderly end.
    fn tcp(&self) -> &TcpStream;
}

impl Stream for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl Stream for TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// A connection that can be made to carry other bytes than those written to it, and to end early.
pub(crate) struct Tapped<S> {
    /// None once the connection was cut.
    stream: Option<S>,
    tap: Tap,
    arrivals: Arrivals,
    written: usize,
}

impl<S: Stream> Tapped<S> {
    pub(crate) fn new(stream: S, tap: Tap, arrivals: Arrivals) -> Self {
        Self { stream: Some(stream), tap, arrivals, written: 0 }
    }

    fn cut(&mut self, by: CutBy) {
        let Some(stream) = self.stream.take() else { return };
        match by {
            CutBy::Close => drop(tokio::spawn(close(stream))),
            // Dropped with zero linger and without a FIN, the socket sends a reset.
            CutBy::Reset => drop(stream.tcp().set_zero_linger()),
        }
    }

    /// Writes what a fault put in place. `Ready(true)` when there is such a thing and all of it is written.
    fn write_raw(&mut self, context: &mut Context<'_>) -> Poll<io::Result<bool>> {
        let Some(stream) = &mut self.stream else { return Poll::Ready(Ok(true)) };
        let written = &mut self.written;
        self.tap.with_replacement(|raw| {
            let Some(raw) = raw else { return Poll::Ready(Ok(false)) };
            while *written < raw.bytes.len() {
                *written += ready!(Pin::new(&mut *stream).poll_write(context, &raw.bytes[*written..]))?;
            }
            Poll::Ready(Ok(true))
        })
    }

    fn resets(&self) -> bool {
        self.tap.with_replacement(|raw| raw.is_some_and(|raw| raw.reset))
    }
}

/// Ends the connection in order: a socket that is closed with bytes unread would reset it.
async fn close(mut stream: impl Stream) {
    // Whatever goes wrong, the connection is at its end.
    let _ = stream.shutdown().await;
    let mut rest = [0; 4096];
    while stream.read(&mut rest).await.is_ok_and(|bytes| bytes > 0) {}
}

impl<S: Stream> AsyncRead for Tapped<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Some(stream) = &mut self.stream else { return Poll::Ready(Ok(())) };
        let before = buffer.filled().len();
        ready!(Pin::new(stream).poll_read(context, buffer))?;
        if let Some(by) = self.arrivals.take(buffer.filled().get(before..).unwrap_or_default()) {
            // To the HTTP library it is the end of what the client sent.
            buffer.set_filled(before);
            self.cut(by);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: Stream> AsyncWrite for Tapped<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if ready!(self.write_raw(context))? {
            return Poll::Ready(Ok(bytes.len()));
        }
        match &mut self.stream {
            Some(stream) => Pin::new(stream).poll_write(context, &spelt(bytes)),
            None => Poll::Ready(Ok(bytes.len())),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Some(stream) => Pin::new(stream).poll_flush(context),
            None => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let resets = self.resets();
        if !resets {
            ready!(self.write_raw(context))?;
        }
        match &mut self.stream {
            // As in `cut`.
            Some(stream) if resets => Poll::Ready(stream.tcp().set_zero_linger()),
            Some(stream) => Pin::new(stream).poll_shutdown(context),
            None => Poll::Ready(Ok(())),
        }
    }
}
