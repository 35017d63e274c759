//! The connection as bytes: lets a fault say exactly what goes over the wire, and where it ends.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// What goes over the wire instead of the answer that the HTTP library would write.
#[derive(Debug)]
pub(crate) struct Raw {
    pub(crate) bytes: Vec<u8>,
    /// End with a TCP reset instead of an orderly close.
    pub(crate) reset: bool,
}

/// The other end of [`Tapped`], for the request being answered.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tap(Arc<Mutex<Option<Raw>>>);

impl Tap {
    /// From now on the connection carries these bytes and nothing else. The answer that is returned to the HTTP library
    /// must say `Connection: close`, so that the connection ends after them.
    pub(crate) fn replace(&self, raw: Raw) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(raw);
    }
}

/// A TCP connection that can be made to carry other bytes than those written to it.
#[derive(Debug)]
pub(crate) struct Tapped {
    stream: TcpStream,
    tap: Tap,
    written: usize,
}

impl Tapped {
    pub(crate) fn new(stream: TcpStream, tap: Tap) -> Self {
        Self { stream, tap, written: 0 }
    }

    /// Writes what a fault put in place. `Ready(true)` when there is such a thing and all of it is written.
    fn write_raw(&mut self, context: &mut Context<'_>) -> Poll<io::Result<bool>> {
        let guard = self.tap.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(raw) = guard.as_ref() else { return Poll::Ready(Ok(false)) };
        while self.written < raw.bytes.len() {
            match Pin::new(&mut self.stream).poll_write(context, &raw.bytes[self.written..]) {
                Poll::Ready(Ok(count)) => self.written += count,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(Ok(true))
    }

    fn resets(&self) -> bool {
        self.tap.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref().is_some_and(|raw| raw.reset)
    }
}

impl AsyncRead for Tapped {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Tapped {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.write_raw(context) {
            Poll::Ready(Ok(true)) => Poll::Ready(Ok(bytes.len())),
            Poll::Ready(Ok(false)) => Pin::new(&mut self.stream).poll_write(context, bytes),
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => Poll::Pending,
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.resets() {
            // Dropped with zero linger and without a FIN, the socket sends a reset.
            return Poll::Ready(self.stream.set_zero_linger());
        }
        match self.write_raw(context) {
            Poll::Ready(Ok(_)) => Pin::new(&mut self.stream).poll_shutdown(context),
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => Poll::Pending,
        }
    }
}
