//! Listening, and the life of a running sandbox.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

use axum::Router;
use axum::extract::{Extension, Request, State as AxumState};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::arrival::Arrivals;
use crate::credentials::Credentials;
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::shared::Shared;
use crate::store::{Settings, State};
use crate::tap::Tap;
use crate::wire::Tapped;
use crate::{api, control, handlers};

/// How a sandbox is started.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Options {
    /// Address to listen on; must be of this machine. Default `127.0.0.1`.
    pub host: IpAddr,
    /// Port to listen on; 0 (the default) takes a free one.
    pub port: u16,
    /// Folder for keys, certificates and `credentials.json`; nothing is written when `None` (the default).
    pub out: Option<PathBuf>,
    /// Make new keys instead of those made once for the whole process. Default `false`: tests start faster.
    pub fresh_keys: bool,
    /// Whether the merchant has platform certificates. `false` plays a new merchant, who only has the WeChat Pay public
    /// key. Default `true`.
    pub certificates: bool,
    /// Whether request fields that the spec does not know are refused, as WeChat Pay refuses fields that its API does not
    /// have. `false` lets them pass, for fields that are newer than this version. Default `true`.
    pub strict: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            host: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 0,
            out: None,
            fresh_keys: false,
            certificates: true,
            strict: true,
        }
    }
}

/// A local WeChat Pay.
#[derive(Debug)]
#[non_exhaustive]
pub struct Sandbox;

impl Sandbox {
    /// Starts a sandbox on threads of its own and returns when it listens.
    ///
    /// # Errors
    ///
    /// When the address is not of this machine or taken, keys cannot be made, or files cannot be written.
    pub fn start(options: Options) -> Result<Running> {
        if !options.host.is_loopback() {
            return Err(Error::new(format!(
                "{} is not an address of this machine alone: a sandbox accepts anybody as the payer and the operator, so \
                 it only listens on loopback (127.0.0.1 or ::1)",
                options.host
            )));
        }
        let keys = if options.fresh_keys { Arc::new(Keys::generate()?) } else { Keys::shared()? };
        let address = SocketAddr::new(options.host, options.port);
        // Bound here, so that a taken port is an error of this call, and without the runtime, so that this may be called
        // from inside another one.
        let listener = std::net::TcpListener::bind(address)
            .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
            .map_err(|error| Error::new(format!("cannot listen on {address}: {error}")))?;
        let address = listener
            .local_addr()
            .map_err(|error| Error::new(format!("the address of the sandbox is not known: {error}")))?;
        let base_url = format!("http://{address}");
        let credentials = Credentials::new(&keys, &base_url, options.out.as_deref())?;
        let settings =
            Settings { certificates: options.certificates, strict: options.strict, ..Settings::default() };
        handlers::check()?;
        let shared = Arc::new(Shared::new(State::new(keys, settings), base_url, credentials.clone()));
        let (stop, stopped) = watch::channel(false);
        // The runtime is made and dropped on a thread of its own: neither may happen inside another runtime.
        let (sender, started) = std::sync::mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("wechatpay-sandbox".to_owned())
            .spawn(move || {
                let runtime = tokio::runtime::Builder::new_multi_thread()
                    .worker_threads(2)
                    .thread_name("wechatpay-sandbox")
                    .enable_all()
                    .build();
                // Nobody waits only when the caller is gone.
                match runtime {
                    Ok(runtime) => {
                        let _ = sender.send(Ok(()));
                        runtime.block_on(serve(listener, shared, stopped));
                        runtime.shutdown_background();
                    }
                    Err(error) => {
                        let _ = sender.send(Err(error));
                    }
                }
            })
            .map_err(|error| Error::new(format!("no thread for the sandbox: {error}")))?;
        match started.recv() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(Error::new(format!("no threads for the sandbox: {error}"))),
            Err(_) => return Err(Error::new("the sandbox's thread ended before it listened")),
        }
        Ok(Running { credentials, stop, thread: Some(thread) })
    }
}

/// A sandbox that is listening; it stops when this is dropped.
#[derive(Debug)]
pub struct Running {
    credentials: Credentials,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    /// Where the sandbox listens: `http://127.0.0.1:54321`.
    pub fn base_url(&self) -> &str {
        &self.credentials.base_url
    }

    /// What a client needs to talk to it.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
        if let Some(thread) = self.thread.take() {
            // The thread only ends; it has nothing to report.
            let _ = thread.join();
        }
    }
}

async fn serve(listener: std::net::TcpListener, shared: Arc<Shared>, mut stopped: watch::Receiver<bool>) {
    let listener = match TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => {
            log!("cannot listen: {error}");
            return;
        }
    };
    let router = control::router()
        .fallback(
            |AxumState(shared): AxumState<Arc<Shared>>, Extension(tap): Extension<Tap>, request: Request| {
                api::handle(shared, tap, request)
            },
        )
        .with_state(Arc::clone(&shared));
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    log!("a connection could not be taken: {error}");
                    continue;
                }
            },
            _ = stopped.wait_for(|stopped| *stopped) => return,
        };
        // Small messages must not wait for more.
        let _ = stream.set_nodelay(true);
        tokio::spawn(connection(stream, router.clone(), Arc::clone(&shared)));
    }
}

async fn connection(stream: tokio::net::TcpStream, router: Router, shared: Arc<Shared>) {
    let tap = Tap::default();
    let arrivals = Arrivals::new(shared, tap.clone());
    let service = TowerToHyperService::new(router.layer(Extension(tap.clone())));
    // Connections that clients drop end with an error that means nothing here.
    let _ = hyper::server::conn::http1::Builder::new()
        .title_case_headers(true)
        .serve_connection(TokioIo::new(Tapped::new(stream, tap, arrivals)), service)
        .await;
}
