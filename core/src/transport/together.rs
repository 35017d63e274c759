//! Head and body of a request in one piece.
//!
//! ureq hands the head to the socket before it asks for the body: two system calls, two packets, two TLS records. What
//! WeChat Pay is sent nearly always fits one of each.

use ::ureq::Error;
use ::ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

/// More than this is not held back.
const ENOUGH: usize = 8 * 1024;

/// Puts [`Joined`] around the connections that are made.
#[derive(Debug)]
pub(super) struct Together;

impl<T: Transport> Connector<T> for Together {
    type Out = Joined<T>;

    fn connect(&self, _: &ConnectionDetails, made: Option<T>) -> Result<Option<Joined<T>>, Error> {
        Ok(made.map(|inner| Joined { inner, waiting: Vec::new(), timeout: NextTimeout::default() }))
    }
}

/// Holds back what is written until it is enough, or until an answer is waited for.
pub(super) struct Joined<T> {
    inner: T,
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
        Joined { inner: wire, waiting: Vec::new(), timeout: NextTimeout::default() }
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
