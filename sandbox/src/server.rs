//! Listening, and the life of a running sandbox.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::watch;

use crate::connection::Front;
use crate::credentials::Credentials;
use crate::door::Door;
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::shared::Shared;
use crate::store::{Settings, State};
use crate::transparent::{Transparent, TransparentOptions};
use crate::{handlers, listening};

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
    /// How much faster than WeChat Pay notifications that nobody took are sent again. Default 0: each is sent once.
    pub time_scale: f64,
    /// Also be WeChat Pay under its own names, for programs that cannot be told another address. Default `None`.
    pub transparent: Option<TransparentOptions>,
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
            time_scale: 0.0,
            transparent: None,
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
        // Before anything is made or written: a taken port leaves things as they were. Without the runtime, so that this may
        // be called from inside another one.
        let (listener, address) = listening::bind(options.host, options.port, "--port")?;
        let transparent = options
            .transparent
            .map(|transparent| {
                Transparent::bind(options.host, address.port(), options.port == 0, &transparent)
            })
            .transpose()?;
        let keys = if options.fresh_keys { Arc::new(Keys::generate()?) } else { Keys::shared()? };
        let base_url = format!("http://{address}");
        let access = transparent.as_ref().map(Transparent::access);
        let credentials = Credentials::new(&keys, &base_url, access, options.out.as_deref())?;
        let settings = Settings {
            certificates: options.certificates,
            strict: options.strict,
            time_scale: options.time_scale,
            ..Settings::default()
        };
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
                        runtime.block_on(serve(listener, transparent, Front::new(&shared), stopped));
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

async fn serve(
    listener: std::net::TcpListener,
    transparent: Option<Transparent>,
    front: Front,
    mut stopped: watch::Receiver<bool>,
) {
    if let Some(transparent) = transparent {
        transparent.serve(&front);
    }
    let accepting = listening::each(listener, move |stream| {
        let front = front.clone();
        async move { front.answer(stream, Door::Own).await }
    });
    tokio::select! {
        () = accepting => {}
        _ = stopped.wait_for(|stopped| *stopped) => {}
    }
}
