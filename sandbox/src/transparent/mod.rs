//! WeChat Pay under its own names, for programs that cannot be told another address: a proxy and a TLS listener that end TLS
//! for those names with certificates of an authority of this machine.

pub(crate) mod access;
mod authority;
mod proxy;
mod state_folder;
mod tls;
mod trust;

use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::PathBuf;

use crate::connection::Front;
use crate::error::Result;
use crate::listening;
use access::TransparentAccess;
use authority::Authority;
use tls::Tls;

/// How the sandbox is reached under WeChat Pay's own names.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct TransparentOptions {
    /// Port of the proxy; 0 takes a free one. Default: the one after the sandbox's, or a free one where that is free too.
    pub proxy_port: Option<u16>,
    /// Port of the TLS listener; 0 takes a free one. Default: the second after the sandbox's, or a free one likewise.
    pub tls_port: Option<u16>,
    /// Folder of the certificate authority, made there when there is none. Default: in the user's state folder.
    pub authority: Option<PathBuf>,
}

/// Both listeners, bound, with what is spoken there.
pub(crate) struct Transparent {
    proxy: TcpListener,
    listener: TcpListener,
    tls: Tls,
    access: TransparentAccess,
}

impl Transparent {
    /// Takes the ports, and only then opens or makes the authority.
    pub(crate) fn bind(host: IpAddr, port: u16, free: bool, options: &TransparentOptions) -> Result<Self> {
        let after = |steps: u16| if free { 0 } else { port.checked_add(steps).unwrap_or(0) };
        let take = |chosen: Option<u16>, steps, option| -> Result<(TcpListener, SocketAddr)> {
            listening::bind(host, chosen.unwrap_or_else(|| after(steps)), option)
        };
        let (proxy, proxy_address) = take(options.proxy_port, 1, "--proxy-port")?;
        let (listener, tls_address) = take(options.tls_port, 2, "--tls-port")?;
        let folder = match &options.authority {
            Some(folder) => folder.clone(),
            None => state_folder::find()?.join("ca"),
        };
        let authority = Authority::open(&folder)?;
        let tls = Tls::new(&authority)?;
        let trusted = trust::write(&authority)?;
        let access = TransparentAccess {
            proxy_url: format!("http://{proxy_address}"),
            tls_address: tls_address.to_string(),
            ca_file: authority.certificate_file(),
            ca_bundle: trusted.bundle,
            trust_store: trusted.store,
            trust_store_password: trust::PASSWORD.to_owned(),
        };
        Ok(Self { proxy, listener, tls, access })
    }

    pub(crate) fn access(&self) -> TransparentAccess {
        self.access.clone()
    }

    /// Takes connections in the background from now on.
    pub(crate) fn serve(self, front: &Front) {
        let (tls, own) = (self.tls.clone(), front.clone());
        tokio::spawn(listening::each(self.listener, move |stream| {
            let (tls, front) = (tls.clone(), own.clone());
            async move { tls.answer(stream, None, &front).await }
        }));
        let (tls, own) = (self.tls, front.clone());
        tokio::spawn(listening::each(self.proxy, move |stream| {
            proxy::answer(stream, tls.clone(), own.clone())
        }));
    }
}
