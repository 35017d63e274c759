//! The control plane: what the payer, the operator and a test may do. Unsigned JSON under `/sandbox/`; the reference is
//! in README.md.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, Request, State as AxumState};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::by_example;
use crate::faults::Rule;
use crate::notify;
use crate::products::busifavor::coupons;
use crate::products::payscore::{orders, permissions};
use crate::products::{combine_payments, front_end, payments, profit_sharing, refunds, transfers};
use crate::refusal::{Refusal, Result};
use crate::shared::Shared;
use crate::store::notifications::Notification;
use crate::store::requests::Requests;
use crate::store::{Settings, State};

/// A larger body is refused: nothing that is asked of the control plane comes near it.
const MOST_BYTES: usize = 2 << 20;

type Handle = AxumState<Arc<Shared>>;

/// All routes of the control plane.
pub(crate) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/sandbox", get(overview))
        .route("/sandbox/credentials", get(credentials))
        .route("/sandbox/pay/{order}", post(pay))
        .route("/sandbox/orders/{order}", get(order))
        .route("/sandbox/refunds/{out_refund_no}/finish", post(finish_refund))
        .route("/sandbox/payscore/permissions/{code}/{what}", post(permission))
        .route("/sandbox/payscore/{order}/{what}", post(service_order))
        .route("/sandbox/busifavor/stocks/{stock_id}/receive", post(receive_coupon))
        .route("/sandbox/transfers/{out_bill_no}/{what}", post(transfer))
        .route("/sandbox/profit_sharing/{out_order_no}/finish", post(finish_sharing))
        .route("/sandbox/open", post(open))
        .route("/sandbox/bills", post(bills))
        .route("/sandbox/media", get(media))
        .route("/sandbox/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/sandbox/faults/{id}", get(fault).delete(remove_fault))
        .route("/sandbox/release/{name}", post(release))
        .route("/sandbox/clock", get(clock).post(set_clock))
        .route("/sandbox/settings", get(settings).post(set_settings))
        .route("/sandbox/certificates/rotate", post(rotate))
        .route(
            "/sandbox/notifications",
            get(notifications).post(send_notification).delete(clear_notifications),
        )
        .route("/sandbox/notifications/{id}", get(notification))
        .route("/sandbox/notifications/{id}/resend", post(resend))
        .route("/sandbox/notifications/{id}/answer", post(answer_notification))
        .route("/sandbox/requests", get(requests).delete(clear_requests))
        .route("/sandbox/verify", post(verify))
        .route("/sandbox/reset", post(reset))
        .route("/sandbox/{*rest}", axum::routing::any(unknown))
        .layer(middleware::from_fn(with_whole_body))
}

/// Reads the body of every request, wanted or not: an HTTP server closes a connection on which it answered before it had read
/// all, and the client's next request there is lost.
async fn with_whole_body(request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    match axum::body::to_bytes(body, MOST_BYTES).await {
        Ok(body) => next.run(Request::from_parts(head, Body::from(body))).await,
        Err(error) => Json(Err(bad(format!("the body cannot be read: {error}")))).into_response(),
    }
}

/// What the control plane answers: JSON, or an error as JSON.
struct Json(Result<Value>);

impl IntoResponse for Json {
    fn into_response(self) -> Response {
        match self.0 {
            Ok(value) => axum::Json(value).into_response(),
            Err(refusal) => {
                let status =
                    StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                (status, axum::Json(refusal.body.unwrap_or_default())).into_response()
            }
        }
    }
}

fn bad(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "PARAM_ERROR", message)
}

/// Reads a body; an empty one is an empty object.
fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T> {
    let body: &[u8] = if body.iter().all(u8::is_ascii_whitespace) { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| bad(format!("the body is not what is wanted: {error}")))
}

/// Does something to the platform, then sends the notifications that came of it.
fn act(
    shared: &Arc<Shared>,
    body: &Bytes,
    act: impl FnOnce(&mut State, &Map<String, Value>) -> Result<Value>,
) -> Json {
    let outcome = read::<Map<String, Value>>(body).and_then(|body| act(&mut shared.lock(), &body));
    notify::dispatch(shared);
    Json(outcome)
}

async fn unknown() -> Json {
    Json(Err(Refusal::not_found(
        "NOT_FOUND",
        "the control plane has no such path or method; see the README of the sandbox",
    )))
}

async fn overview(AxumState(shared): Handle) -> Json {
    let state = shared.lock();
    Json(Ok(json!({
        "base_url": shared.base_url,
        "mchid": state.keys.mchid,
        "time": state.now_text(),
        "settings": state.settings,
        "certificates": state.certificates.iter().map(|certificate| &certificate.key.serial).collect::<Vec<_>>(),
        "wechatpay_public_key_id": state.keys.public_key.serial,
        "faults": state.faults.rules,
        "holds": state.holds.iter().map(|(name, released)| (name.clone(), json!(*released.borrow()))).collect::<Map<_, _>>(),
        "requests": state.requests.len(),
        "notifications_pending": state.notifications.pending(),
    })))
}

async fn credentials(AxumState(shared): Handle) -> Json {
    let credentials = serde_json::to_value(&shared.credentials);
    Json(credentials.map_err(|error| Refusal::new(500, "SYSTEM_ERROR", error.to_string())))
}

async fn pay(AxumState(shared): Handle, Path(order): Path<String>, body: Bytes) -> Json {
    act(&shared, &body, |state, how| payments::pay(state, &order, how))
}

async fn order(AxumState(shared): Handle, Path(order): Path<String>) -> Json {
    let mut state = shared.lock();
    let single = state.orders.named(&order).map(|order| order.to_json());
    let shown = single.or_else(|| combine_payments::shown_by_number(&state, &order));
    Json(shown.ok_or_else(|| Refusal::not_found("ORDER_NOT_EXIST", "no such order")))
}

async fn finish_refund(AxumState(shared): Handle, Path(number): Path<String>, body: Bytes) -> Json {
    act(&shared, &body, |state, how| refunds::finish(state, &number, how))
}

async fn service_order(
    AxumState(shared): Handle,
    Path((order, what)): Path<(String, String)>,
    body: Bytes,
) -> Json {
    act(&shared, &body, |state, how| orders::act(state, &order, &what, how))
}

async fn permission(
    AxumState(shared): Handle,
    Path((code, what)): Path<(String, String)>,
    body: Bytes,
) -> Json {
    act(&shared, &body, |state, how| permissions::act(state, &code, &what, how))
}

async fn receive_coupon(AxumState(shared): Handle, Path(stock_id): Path<String>, body: Bytes) -> Json {
    act(&shared, &body, |state, how| coupons::receive(state, &stock_id, how))
}

async fn transfer(
    AxumState(shared): Handle,
    Path((number, what)): Path<(String, String)>,
    body: Bytes,
) -> Json {
    act(&shared, &body, |state, how| transfers::act(state, &number, &what, how))
}

async fn finish_sharing(AxumState(shared): Handle, Path(number): Path<String>, body: Bytes) -> Json {
    act(&shared, &body, |state, how| profit_sharing::carry_out(state, &number, how))
}

async fn open(AxumState(shared): Handle, body: Bytes) -> Json {
    act(&shared, &body, front_end::open)
}

async fn bills(AxumState(shared): Handle, body: Bytes) -> Json {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Wanted {
        bill_date: String,
        rows: u64,
    }
    Json(read::<Wanted>(&body).map(|wanted| {
        shared.lock().synthetic_rows.insert(wanted.bill_date.clone(), wanted.rows);
        json!({ "bill_date": wanted.bill_date, "rows": wanted.rows })
    }))
}

async fn media(AxumState(shared): Handle) -> Json {
    Json(Ok(json!({ "uploads": shared.lock().media.to_json() })))
}

async fn faults(AxumState(shared): Handle) -> Json {
    Json(Ok(json!({ "faults": shared.lock().faults.rules })))
}

async fn fault(AxumState(shared): Handle, Path(id): Path<u64>) -> Json {
    let state = shared.lock();
    let rule = state.faults.rules.iter().find(|rule| rule.id == id);
    Json(rule.map(|rule| json!(rule)).ok_or_else(|| Refusal::not_found("NOT_FOUND", "no such fault")))
}

async fn add_fault(AxumState(shared): Handle, body: Bytes) -> Json {
    Json(read::<Rule>(&body).and_then(|rule| {
        let mut state = shared.lock();
        if let Some(name) = &rule.fault.hold
            && let Some(released) = state.holds.get(name)
        {
            // A name that was released before is held anew.
            released.send_replace(false);
        }
        let id = state.faults.add(rule).map_err(bad)?;
        Ok(json!({ "id": id }))
    }))
}

async fn clear_faults(AxumState(shared): Handle) -> Json {
    shared.lock().faults.rules.clear();
    Json(Ok(json!({})))
}

async fn remove_fault(AxumState(shared): Handle, Path(id): Path<u64>) -> Json {
    shared.lock().faults.rules.retain(|rule| rule.id != id);
    Json(Ok(json!({})))
}

async fn release(AxumState(shared): Handle, Path(name): Path<String>) -> Json {
    let mut state = shared.lock();
    // Held or not yet: who comes after the release is not held.
    let _ = state.hold(&name);
    let waiting = state.holds.get(&name).map_or(0, |released| {
        released.send_replace(true);
        released.receiver_count()
    });
    Json(Ok(json!({ "name": name, "waiting": waiting })))
}

async fn clock(AxumState(shared): Handle) -> Json {
    let state = shared.lock();
    Json(Ok(json!({
        "offset_seconds": state.clock.offset_seconds,
        "timestamp": state.clock.timestamp(),
        "time": state.now_text(),
    })))
}

async fn set_clock(AxumState(shared): Handle, body: Bytes) -> Json {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Wanted {
        offset_seconds: i64,
    }
    let set = read::<Wanted>(&body).map(|wanted| {
        let mut state = shared.lock();
        state.clock.offset_seconds = wanted.offset_seconds;
        transfers::settle(&mut state);
        json!({ "offset_seconds": wanted.offset_seconds, "timestamp": state.clock.timestamp() })
    });
    // What came to its end by this is told.
    notify::dispatch(&shared);
    Json(set)
}

async fn settings(AxumState(shared): Handle) -> Json {
    Json(Ok(json!(shared.lock().settings)))
}

async fn set_settings(AxumState(shared): Handle, body: Bytes) -> Json {
    Json(read::<Map<String, Value>>(&body).and_then(|changes| {
        let mut state = shared.lock();
        let mut settings = json!(state.settings);
        for (name, value) in changes {
            settings[name] = value;
        }
        state.settings = serde_json::from_value::<Settings>(settings)
            .map_err(|error| bad(format!("the settings are not what is wanted: {error}")))?;
        Ok(json!(state.settings))
    }))
}

async fn rotate(AxumState(shared): Handle, body: Bytes) -> Json {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Wanted {
        /// Whether `/v3/certificates` goes on listing the older ones.
        keep_old: bool,
    }
    impl Default for Wanted {
        fn default() -> Self {
            Self { keep_old: true }
        }
    }
    let (keys, now) = {
        let state = shared.lock();
        (Arc::clone(&state.keys), state.clock.now())
    };
    // Making a key takes a while and must hold up nobody.
    let made = tokio::task::spawn_blocking(move || keys.issue_now(now)).await;
    Json(read::<Wanted>(&body).and_then(|wanted| {
        let failed = |error: String| Refusal::new(500, "SYSTEM_ERROR", error);
        let certificate =
            made.map_err(|error| failed(error.to_string()))?.map_err(|error| failed(error.to_string()))?;
        let mut state = shared.lock();
        if !wanted.keep_old {
            state.certificates.clear();
        }
        let serial = certificate.key.serial.clone();
        let pem = certificate.pem.clone();
        state.certificates.push(certificate);
        Ok(json!({ "serial_no": serial, "certificate": pem }))
    }))
}

#[derive(serde::Deserialize)]
struct Wait {
    /// Answer only when nothing is on the way any more.
    #[serde(default)]
    wait: bool,
}

async fn settle(shared: &Shared, wait: &Wait) {
    if !wait.wait {
        return;
    }
    let mut changed = shared.lock().notifications.subscribe();
    // Each delivery ends within a few seconds, so this ends too.
    while shared.lock().notifications.pending() > 0 {
        if changed.changed().await.is_err() {
            return;
        }
    }
}

async fn notifications(AxumState(shared): Handle, Query(wait): Query<Wait>) -> Json {
    settle(&shared, &wait).await;
    Json(Ok(json!({ "notifications": shared.lock().notifications.to_json() })))
}

async fn notification(AxumState(shared): Handle, Path(id): Path<String>, Query(wait): Query<Wait>) -> Json {
    settle(&shared, &wait).await;
    let state = shared.lock();
    let notification = state.notifications.get(&id).map(Notification::to_json);
    Json(notification.ok_or_else(|| Refusal::not_found("NOT_FOUND", "no such notification")))
}

async fn send_notification(AxumState(shared): Handle, body: Bytes) -> Json {
    let queued = read(&body).and_then(|wanted| by_example::notification::queue(&mut shared.lock(), wanted));
    let outcome = queued.map(|id| json!({ "id": id }));
    notify::dispatch(&shared);
    Json(outcome)
}

async fn clear_notifications(AxumState(shared): Handle) -> Json {
    shared.lock().notifications.clear();
    Json(Ok(json!({})))
}

async fn resend(AxumState(shared): Handle, Path(id): Path<String>) -> Json {
    let known = shared.lock().notifications.resend(&id);
    notify::dispatch(&shared);
    Json(if known {
        Ok(json!({ "id": id }))
    } else {
        Err(Refusal::not_found("NOT_FOUND", "no such notification"))
    })
}

/// What came of an answer that the merchant gave elsewhere: as if it had been given to the notification.
async fn answer_notification(AxumState(shared): Handle, Path(id): Path<String>, body: Bytes) -> Json {
    let verdict = read(&body).map(|answered| notify::take(&mut shared.lock(), &id, &answered));
    Json(verdict.and_then(|verdict| match verdict {
        Some(verdict) => Ok(json!({ "taken": verdict.is_ok(), "why": verdict.err().unwrap_or_default() })),
        None => Err(Refusal::not_found("NOT_FOUND", "no such notification")),
    }))
}

#[derive(serde::Deserialize)]
struct Which {
    path: Option<String>,
    operation: Option<String>,
    last: Option<usize>,
}

async fn requests(AxumState(shared): Handle, Query(which): Query<Which>) -> Json {
    let state = shared.lock();
    let fits = |request: &&Value| {
        which.path.as_deref().is_none_or(|path| request["path"] == path)
            && which.operation.as_deref().is_none_or(|operation| request["operation"] == operation)
    };
    let all: Vec<&Value> = state.requests.iter().filter(fits).collect();
    let requests = &all[all.len().saturating_sub(which.last.unwrap_or(usize::MAX))..];
    Json(Ok(json!({ "requests": requests })))
}

async fn clear_requests(AxumState(shared): Handle) -> Json {
    shared.lock().requests.clear();
    Json(Ok(json!({})))
}

/// Whether the merchant's key signed this message: for payment parameters, which never come to the platform themselves.
async fn verify(AxumState(shared): Handle, body: Bytes) -> Json {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Signed {
        message: String,
        signature: String,
    }
    Json(read::<Signed>(&body).map(|signed| {
        let state = shared.lock();
        let valid = STANDARD.decode(&signed.signature).is_ok_and(|signature| {
            state.keys.merchant_public.verify_sha256(signed.message.as_bytes(), &signature)
        });
        json!({ "valid": valid })
    }))
}

/// Forgets everything but the keys and the settings that the sandbox was started with.
async fn reset(AxumState(shared): Handle) -> Json {
    let mut state = shared.lock();
    for released in state.holds.values() {
        released.send_replace(true);
    }
    let keys = Arc::clone(&state.keys);
    let settings = shared.initial_settings.clone();
    let pending = std::mem::take(&mut state.notifications);
    let requests = Requests::after(&state.requests);
    *state = State::new(keys, settings);
    state.requests = requests;
    // Deliveries on the way come back to their own list.
    state.notifications = pending;
    state.notifications.clear();
    Json(Ok(json!({})))
}
