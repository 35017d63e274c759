//! The connections of ureq, and what is known of them: when the first byte of a request leaves, and how to end a wait.
//!
//! Head and body leave in one piece. ureq hands the head to the socket before it asks for the body: two system calls,
//! two packets, two TLS records. What WeChat Pay is sent nearly always fits one of each.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use ::ureq::Error;
use ::ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, NextTimeout, ShutdownHandle, Transport,
};

use super::Attempt;

/// More than this is not held back.
const ENOUGH: usize = 8 * 1024;

/// Makes connections with `C`, and puts [`Joined`] around them.
#[derive(Debug)]
pub(super) struct Together<C>(pub(super) C);

impl<C: Connector> Connector for Together<C> {
    type Out = Joined<C::Out>;

    fn connect(
        &self,
        details: &ConnectionDetails,
        made: Option<()>,
    ) -> Result<Option<Joined<C::Out>>, Error> {
        let socket = Socket::of(Attempt::current());
        let (register, noted) = (Arc::clone(&details.register_shutdown), Arc::clone(&socket));
        let watched = ConnectionDetails {
            uri: details.uri,
            addrs: details.addrs.clone(),
            config: details.config,
            request_level: details.request_level,
            resolver: details.resolver,
            now: details.now,
            timeout: details.timeout,
            current_time: Arc::clone(&details.current_time),
            run_connector: Arc::clone(&details.run_connector),
            register_shutdown: Arc::new(move |handle| {
                // From here on the handshakes can be ended.
                noted.opened(Weak::clone(&handle));
                register(handle)
            }),
        };
        // What is written now is not the request: it asks a proxy for a tunnel, through a connection made here, too.
        let suspended = Attempt::suspend();
        let made = self.0.connect(&watched, made)?;
        drop(suspended);
        Ok(made.map(|inner| Joined { inner, socket, waiting: Vec::new(), timeout: NextTimeout::default() }))
    }
}

/// The socket under a connection: for which attempt it works, and how it is shut down from another thread.
#[derive(Default)]
struct Socket(Mutex<SocketState>);

#[derive(Default)]
struct SocketState {
    handle: Option<Weak<dyn ShutdownHandle>>,
    attempt: Option<Attempt>,
    is_shut_down: bool,
}

impl Socket {
    fn of(attempt: Option<Attempt>) -> Arc<Self> {
        Arc::new(Self(Mutex::new(SocketState { attempt, ..SocketState::default() })))
    }

    fn lock(&self) -> MutexGuard<'_, SocketState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn opened(self: &Arc<Self>, handle: Weak<dyn ShutdownHandle>) {
        let mut state = self.lock();
        state.handle = Some(handle);
        let attempt = state.attempt.clone();
        drop(state);
        if let Some(attempt) = attempt {
            self.give_hold_to(&attempt);
        }
    }

    /// Lets whoever gives the attempt up end its wait for this socket. A connection serves one call after another: a
    /// caller that comes late must not end the next one's.
    fn give_hold_to(self: &Arc<Self>, attempt: &Attempt) {
        let (socket, owner) = (Arc::clone(self), attempt.clone());
        attempt.control().interrupt_with(Arc::new(move || {
            let mut state = socket.lock();
            if state.attempt.as_ref().is_some_and(|attempt| attempt.is(&owner)) {
                state.is_shut_down = true;
                if let Some(handle) = state.handle.as_ref().and_then(Weak::upgrade) {
                    handle.shutdown();
                }
            }
        }));
    }

    /// The first byte of a request is about to leave through this socket.
    fn begin(self: &Arc<Self>, attempt: &Attempt) -> Result<(), Error> {
        let mut state = self.lock();
        if state.is_shut_down {
            let why = "the connection was shut down for the call before this one";
            return Err(Error::Io(io::Error::new(io::ErrorKind::ConnectionAborted, why)));
        }
        state.attempt = Some(attempt.clone());
        drop(state);
        self.give_hold_to(attempt);
        attempt.about_to_send().map_err(|error| Error::Io(io::Error::other(error)))
    }
}

/// Holds back what is written until it is enough, or until an answer is waited for.
pub(super) struct Joined<T> {
    inner: T,
    socket: Arc<Socket>,
    waiting: Vec<u8>,
    /// The time that ureq gave for the last write.
    timeout: NextTimeout,
}

/// Shows nothing that waits to be sent: it may hold what must not be logged.
impl<T> std::fmt::Debug for Joined<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Joined").field("waiting_bytes", &self.waiting.len()).finish_non_exhaustive()
    }
}

impl<T: Transport> Joined<T> {
    fn flush(&mut self) -> Result<(), Error> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        if let Some(attempt) = Attempt::current() {
            self.socket.begin(&attempt)?;
        }
        let mut rest = &*self.waiting;
        while !rest.is_empty() {
            let output = self.inner.buffers().output();
            let (piece, later) = rest.split_at(rest.len().min(output.len()));
            output.iter_mut().zip(piece).for_each(|(place, byte)| *place = *byte);
            self.inner.transmit_output(piece.len(), self.timeout)?;
            rest = later;
        }
        self.waiting.clear();
        Ok(())
    }
}

impl<T: Transport> Transport for Joined<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.timeout = timeout;
        self.waiting.extend(self.inner.buffers().output().iter().take(amount));
        if self.waiting.len() > ENOUGH { self.flush() } else { Ok(()) }
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.flush()?;
        self.inner.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

#[cfg(test)]
mod tests {
    use ::ureq::unversioned::transport::LazyBuffers;

    use super::*;

    /// A connection that notes every write, and fails after some.
    #[derive(Debug)]
    struct Wire {
        buffers: LazyBuffers,
        writes: Vec<Vec<u8>>,
        good_writes: usize,
    }

    impl Transport for Wire {
        fn buffers(&mut self) -> &mut dyn Buffers {
            &mut self.buffers
        }

        fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), Error> {
            if self.writes.len() == self.good_writes {
                return Err(Error::ConnectionFailed);
            }
            let bytes = self.buffers.output()[..amount].to_vec();
            self.writes.push(bytes);
            Ok(())
        }

        fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
            Ok(true)
        }

        fn is_open(&mut self) -> bool {
            true
        }
    }

    fn joined(output: usize, good_writes: usize) -> Joined<Wire> {
        let wire = Wire { buffers: LazyBuffers::new(1024, output), writes: Vec::new(), good_writes };
        Joined { inner: wire, socket: Arc::default(), waiting: Vec::new(), timeout: NextTimeout::default() }
    }

    fn write(connection: &mut Joined<Wire>, bytes: &[u8]) -> Result<(), Error> {
        connection.buffers().output()[..bytes.len()].copy_from_slice(bytes);
        connection.transmit_output(bytes.len(), NextTimeout::default())
    }

    #[test]
    fn head_and_body_are_one_write_before_the_answer_is_waited_for() {
        let mut connection = joined(16 * 1024, usize::MAX);
        for message in ["first", "second"] {
            write(&mut connection, b"head ").unwrap();
            write(&mut connection, message.as_bytes()).unwrap();
            assert!(connection.await_input(NextTimeout::default()).unwrap());
            assert!(connection.await_input(NextTimeout::default()).unwrap());
        }
        assert_eq!(connection.inner.writes, [b"head first".to_vec(), b"head second".to_vec()]);
    }

    #[test]
    fn what_is_long_goes_on_its_way_in_order() {
        let mut connection = joined(5000, usize::MAX);
        let sent: Vec<u8> = (0..25_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        for piece in sent.chunks(4000) {
            write(&mut connection, piece).unwrap();
            assert!(connection.waiting.len() <= ENOUGH);
        }
        connection.await_input(NextTimeout::default()).unwrap();
        assert!(connection.inner.writes.iter().all(|write| write.len() <= 5000));
        assert_eq!(connection.inner.writes.concat(), sent);
    }

    #[test]
    fn a_write_that_fails_is_reported_while_waiting_for_the_answer() {
        let mut connection = joined(16 * 1024, 0);
        write(&mut connection, b"request").unwrap();
        assert!(connection.await_input(NextTimeout::default()).is_err());
        assert!(!format!("{connection:?}").contains("114, 101"), "no bytes of the request");
    }
}
