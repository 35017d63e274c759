//! TLS under WeChat Pay's names.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use crate::connection::Front;
use crate::door::{self, Door, WECHATPAY};
use crate::error::{Error, Result};

use super::authority::Authority;

/// Ends TLS.
#[derive(Clone)]
pub(super) struct Tls(TlsAcceptor);

impl Tls {
    pub(super) fn new(authority: &Authority) -> Result<Self> {
        let failed = |error: rustls::Error| Error::new(format!("TLS cannot be spoken: {error}"));
        let server = authority.server()?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(server.key));
        let chain = vec![CertificateDer::from(server.certificate)];
        let certified = CertifiedKey::from_der(chain, key, &provider).map_err(failed)?;
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(failed)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(OnlyWechatPay(Arc::new(certified))));
        // As WeChat Pay: some clients cannot read the header names of HTTP/2.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }

    /// Ends TLS on a connection and answers what comes over it. `asked` is the name that a proxy was asked for.
    pub(super) async fn answer(&self, stream: TcpStream, asked: Option<&'static str>, front: &Front) {
        let stream = match self.0.accept(stream).await {
            Ok(stream) => stream,
            // A client that only looks whether somebody listens.
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return,
            Err(error) => {
                log!(
                    "a TLS connection failed ({error}): does the client trust ca_file, and ask for one of {WECHATPAY:?}?"
                );
                return;
            }
        };
        let named = stream.get_ref().1.server_name().and_then(door::wechatpay);
        let name = named.or(asked).unwrap_or(WECHATPAY[0]);
        front.answer(stream, Door::WechatPay(name)).await;
    }
}

/// The certificate for WeChat Pay's names; none for others.
#[derive(Debug)]
struct OnlyWechatPay(Arc<CertifiedKey>);

impl ResolvesServerCert for OnlyWechatPay {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        // A client that names nobody finds out by the certificate whom it reached.
        let wanted = hello.server_name().is_none_or(|name| door::wechatpay(name).is_some());
        wanted.then(|| Arc::clone(&self.0))
    }
}
