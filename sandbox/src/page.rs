//! The page for people: `GET /`. Plain files, nothing from elsewhere; what it shows and does goes through the control plane.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State as AxumState};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};
use wechatpay_core::native_qr_code;

use crate::shared::Shared;
use crate::store::State;
use crate::usage;

/// Scripts, styles and data of this page only: a text of a merchant that is no text runs nothing and leads nowhere.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

pub(crate) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/", get(async || file("text/html", include_str!("page/page.html"))))
        .route("/sandbox/page.js", get(async || file("text/javascript", include_str!("page/page.js"))))
        .route("/sandbox/page.css", get(async || file("text/css", include_str!("page/page.css"))))
        .route("/sandbox/usage", get(usage_text))
        .route("/sandbox/objects", get(objects))
        .route("/sandbox/orders/{order}/qr.svg", get(qr_code))
}

fn file(kind: &str, content: impl Into<String>) -> Response {
    let headers: [(HeaderName, String); 4] = [
        (header::CONTENT_TYPE, format!("{kind}; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, content.into()).into_response()
}

async fn usage_text(AxumState(shared): AxumState<Arc<Shared>>) -> Response {
    file("text/plain", usage::text(&shared.credentials))
}

/// A phone that scans this gets nowhere: the code is for eyes, and for tests of what a page shows.
async fn qr_code(AxumState(shared): AxumState<Arc<Shared>>, Path(order): Path<String>) -> Response {
    let code_url = shared
        .lock()
        .orders
        .get(&order)
        .and_then(|order| order.prepay_reply()["code_url"].as_str().map(str::to_owned));
    match code_url.and_then(|url| native_qr_code(&url).ok()) {
        Some(svg) => file("image/svg+xml", svg),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn objects(AxumState(shared): AxumState<Arc<Shared>>) -> Response {
    axum::Json(shown(&shared.lock())).into_response()
}

/// What a merchant made, as the API shows it.
fn shown(state: &State) -> Value {
    let mchid = &state.keys.mchid;
    let orders: Vec<Value> = state
        .orders
        .iter()
        .map(|order| {
            let mut shown = order.to_json();
            shown["description"] = json!(order.text("description"));
            shown["prepay"] = order.prepay_reply();
            shown
        })
        .collect();
    json!({
        "orders": orders,
        "refunds": state.refunds.iter().map(|refund| refund.to_json()).collect::<Vec<_>>(),
        "transfers": state.transfers.iter().map(|transfer| transfer.to_json(mchid)).collect::<Vec<_>>(),
        "profit_sharing": state.profit_sharing.sharings.values().map(|sharing| sharing.to_json()).collect::<Vec<_>>(),
        "service_orders": state.service_orders.by_number.values().map(|order| order.to_json()).collect::<Vec<_>>(),
    })
}
