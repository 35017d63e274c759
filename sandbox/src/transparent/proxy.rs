//! An HTTP proxy that leads to WeChat Pay's names, and nowhere else.

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::connection::Front;
use crate::door::{self, WECHATPAY};

use super::tls::Tls;

/// Answers a client of the proxy.
pub(super) async fn answer(stream: TcpStream, tls: Tls, front: Front) {
    let service = service_fn(move |request| {
        let response = connect(request, tls.clone(), front.clone());
        async move { Ok::<_, Infallible>(response) }
    });
    // Connections that clients drop end with an error that means nothing here.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades()
        .await;
}

fn connect(request: Request<Incoming>, tls: Tls, front: Front) -> Response<Full<Bytes>> {
    let target = request.uri().authority().filter(|_| request.method() == Method::CONNECT);
    let found = target
        .filter(|target| target.port_u16() == Some(443))
        .and_then(|target| door::wechatpay(target.host()));
    let Some(name) = found else {
        let why = format!(
            "{} {} is refused: this proxy only does CONNECT to port 443 of {}",
            request.method(),
            request.uri(),
            WECHATPAY.join(", ")
        );
        log!("{why}");
        let mut response = Response::new(Full::from(format!("wechatpay-sandbox: {why}\n")));
        *response.status_mut() = StatusCode::FORBIDDEN;
        return response;
    };
    tokio::spawn(async move {
        // It fails when the client goes away before it was answered.
        let Ok(upgraded) = hyper::upgrade::on(request).await else { return };
        // The TCP connection itself, so that a fault can reset it.
        match upgraded.downcast::<TokioIo<TcpStream>>() {
            Ok(parts) if parts.read_buf.is_empty() => {
                tls.answer(parts.io.into_inner(), Some(name), &front).await;
            }
            _ => log!("a client of the proxy spoke before it was answered; the connection was ended"),
        }
    });
    Response::default()
}
