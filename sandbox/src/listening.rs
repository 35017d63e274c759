//! Listening on this machine.

use std::future::Future;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr, TcpListener};

use tokio::net::TcpStream;

use crate::error::{Error, Result};

/// Takes a port. `option` is the one of the command line that chooses another.
pub(crate) fn bind(host: IpAddr, port: u16, option: &str) -> Result<(TcpListener, SocketAddr)> {
    let address = SocketAddr::new(host, port);
    TcpListener::bind(address)
        .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
        .and_then(|listener| listener.local_addr().map(|address| (listener, address)))
        .map_err(|error| {
            let advice = match error.kind() {
                ErrorKind::AddrInUse => {
                    format!(": another program listens there; {option} chooses another port, 0 a free one")
                }
                ErrorKind::PermissionDenied => {
                    format!(": this port needs more rights; {option} chooses another")
                }
                _ => String::new(),
            };
            Error::new(format!("cannot listen on {address}: {error}{advice}"))
        })
}

/// Takes connections for ever, each answered in the background.
pub(crate) async fn each<F>(listener: TcpListener, answer: impl Fn(TcpStream) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = match tokio::net::TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => {
            log!("cannot listen: {error}");
            return;
        }
    };
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Small messages must not wait for more.
                let _ = stream.set_nodelay(true);
                tokio::spawn(answer(stream));
            }
            Err(error) => log!("a connection could not be taken: {error}"),
        }
    }
}
