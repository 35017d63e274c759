//! The connection as bytes: lets a fault say exactly what goes over the wire, and where it ends.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;

use crate::arrival::Arrivals;
use crate::faults::CutBy;
use crate::spelling::spelt;

/// What goes over the wire instead of the answer that the HTTP library would write.
#[derive(Debug, Default)]
pub(crate) struct Raw {
    pub(crate) bytes: Vec<u8>,
    /// End with a TCP reset instead of an orderly close.
    pub(crate) reset: bool,
}

/// The other end of [`Tapped`], for the request being answered.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tap(Arc<Mutex<Shared>>);

#[derive(Debug, Default)]
struct Shared {
    raw: Option<Raw>,
    /// Numbers, in the request log, of the requests that arrived and were not taken up yet.
    arrived: VecDeque<u64>,
}

impl Tap {
    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on the connection carries these bytes and nothing else. The answer that is returned to the HTTP library
    /// must say `Connection: close`, so that the connection ends after them.
    pub(crate) fn replace(&self, raw: Raw) {
        self.lock().raw = Some(raw);
    }

    /// A request to the API began to arrive, and has this number in the log.
    pub(crate) fn arrived(&self, number: u64) {
        self.lock().arrived.push_back(number);
    }

    /// The number of the request that is whole now.
    pub(crate) fn take_up(&self) -> Option<u64> {
        self.lock().arrived.pop_front()
    }
}

/// A TCP connection that can be made to carry other bytes than those written to it, and to end early.
pub(crate) struct Tapped {
    /// None once the connection was cut.
    stream: Option<TcpStream>,
    tap: Tap,
    arrivals: Arrivals,
    written: usize,
}

impl Tapped {
    pub(crate) fn new(stream: TcpStream, tap: Tap, arrivals: Arrivals) -> Self {
        Self { stream: Some(stream), tap, arrivals, written: 0 }
    }

    fn cut(&mut self, by: CutBy) {
        let Some(stream) = self.stream.take() else { return };
        match by {
            CutBy::Close => drop(tokio::spawn(close(stream))),
            // Dropped with zero linger and without a FIN, the socket sends a reset.
            CutBy::Reset => drop(stream.set_zero_linger()),
        }
    }

    /// Writes what a fault put in place. `Ready(true)` when there is such a thing and all of it is written.
    fn write_raw(&mut self, context: &mut Context<'_>) -> Poll<io::Result<bool>> {
        let Some(stream) = &mut self.stream else { return Poll::Ready(Ok(true)) };
        let guard = self.tap.lock();
        let Some(raw) = guard.raw.as_ref() else { return Poll::Ready(Ok(false)) };
        while self.written < raw.bytes.len() {
            self.written += ready!(Pin::new(&mut *stream).poll_write(context, &raw.bytes[self.written..]))?;
        }
        Poll::Ready(Ok(true))
    }

    fn resets(&self) -> bool {
        self.tap.lock().raw.as_ref().is_some_and(|raw| raw.reset)
    }
}

/// Ends the connection in order: a socket that is closed with bytes unread would reset it.
async fn close(mut stream: TcpStream) {
    // Whatever goes wrong, the connection is at its end.
    let _ = stream.shutdown().await;
    let mut rest = [0; 4096];
    while stream.read(&mut rest).await.is_ok_and(|bytes| bytes > 0) {}
}

impl AsyncRead for Tapped {
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

impl AsyncWrite for Tapped {
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
            Some(stream) if resets => Poll::Ready(stream.set_zero_linger()),
            Some(stream) => Pin::new(stream).poll_shutdown(context),
            None => Poll::Ready(Ok(())),
        }
    }
}
