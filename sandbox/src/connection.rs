//! One connection from its first byte to its last: HTTP over whatever carries it.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Extension, Request, State as AxumState};
use axum::middleware;
use axum::response::Response;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;

use crate::arrival::Arrivals;
use crate::door::Door;
use crate::shared::Shared;
use crate::tap::Tap;
use crate::wire::{Stream, Tapped};
use crate::{answer, api, control, guard, page};

/// Answers what comes over a connection.
#[derive(Clone)]
pub(crate) struct Front {
    shared: Arc<Shared>,
    /// With the control plane.
    own: Router,
    /// As WeChat Pay's hosts are.
    wechatpay: Router,
}

impl Front {
    pub(crate) fn new(shared: &Arc<Shared>) -> Self {
        let api = |AxumState(shared): AxumState<Arc<Shared>>,
                   Extension(tap): Extension<Tap>,
                   Extension(door): Extension<Door>,
                   request: Request| api::handle(shared, tap, door, request);
        let refused = axum::routing::any(no_control_plane);
        let wechatpay =
            Router::new().route("/sandbox", refused.clone()).route("/sandbox/{*rest}", refused).fallback(api);
        Self {
            own: control::router()
                .merge(page::router())
                .layer(middleware::from_fn(guard::from_this_machine))
                .fallback(api)
                .with_state(Arc::clone(shared)),
            wechatpay: wechatpay.with_state(Arc::clone(shared)),
            shared: Arc::clone(shared),
        }
    }

    /// Answers everything that comes over this connection.
    pub(crate) async fn answer(&self, stream: impl Stream, door: Door) {
        let router = match door {
            Door::Own => self.own.clone(),
            Door::WechatPay(_) => self.wechatpay.clone(),
        };
        let tap = Tap::default();
        let arrivals = Arrivals::new(Arc::clone(&self.shared), tap.clone());
        let router = router.layer(Extension(tap.clone())).layer(Extension(door));
        // Connections that clients drop end with an error that means nothing here.
        let _ = hyper::server::conn::http1::Builder::new()
            .title_case_headers(true)
            .serve_connection(
                TokioIo::new(Tapped::new(stream, tap, arrivals)),
                TowerToHyperService::new(router),
            )
            .await;
    }
}

/// A program that is tested against WeChat Pay's names must not be able to play the payer there.
async fn no_control_plane() -> Response {
    answer::plain(
        403,
        "the control plane of the sandbox is at its own address (base_url), not at WeChat Pay's names",
    )
}
