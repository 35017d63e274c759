//! Notifications: encrypted, signed, posted to the merchant, and remembered with what the merchant answered.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::Uri;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use wechatpay_core::crypto::ApiV3Key;
use wechatpay_core::operation;

use crate::faults::Fault;
use crate::ids;
use crate::notification_answer::{Answered, judge};
use crate::refusal::{Refusal, Result};
use crate::sensitive;
use crate::shared::Shared;
use crate::signing;
use crate::spelling::Spelt;
use crate::store::State;
use crate::store::notifications::Notification;

/// The merchant has this long to answer, as with WeChat Pay.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// No acknowledgement is longer than this.
const LONGEST_REPLY: usize = 64 * 1024;

/// Headers and body.
type Message = (Vec<(String, String)>, Vec<u8>);

/// Sends what the outbox holds, in the background. Called whenever the state may have queued something.
pub(crate) fn dispatch(shared: &Arc<Shared>) {
    let waiting: Vec<String> = shared.lock().notifications.take_outbox();
    if waiting.is_empty() {
        return;
    }
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        for id in waiting {
            deliver(&shared, &id).await;
            let mut state = shared.lock();
            state.notifications.arrived();
            send_again_later(&shared, &state, id);
        }
    });
}

/// By the schedule that the documentation gives, in the sandbox's own time.
fn send_again_later(shared: &Arc<Shared>, state: &State, id: String) {
    let scale = state.settings.time_scale;
    let Some(notification) = state.notifications.get(&id) else { return };
    let taken = notification.state == "acknowledged" || notification.attempts.is_empty();
    let Some(wait) = notification.wait().filter(|_| scale > 0.0 && !taken) else { return };
    let (shared, attempts) = (Arc::clone(shared), notification.attempts.len());
    tokio::spawn(async move {
        tokio::time::sleep(Duration::try_from_secs_f64(wait.as_secs_f64() / scale).unwrap_or(wait)).await;
        let mut state = shared.lock();
        // Not when it was sent by hand meanwhile: that has a schedule of its own, or was taken.
        let due = |notification: &&mut Notification| notification.attempts.len() == attempts;
        let Some(notification) = state.notifications.get_mut(&id).filter(due) else { return };
        notification.repeats += 1;
        state.notifications.resend(&id);
        drop(state);
        dispatch(&shared);
    });
}

async fn deliver(shared: &Shared, id: &str) {
    let (address, times, fault) = {
        let mut state = shared.lock();
        let Some(notification) = state.notifications.get(id) else { return };
        let (event_type, url) = (notification.event_type.clone(), notification.url.clone());
        let address = match address_of(&url) {
            Ok(address) => address,
            Err(why) => {
                log!("notification {event_type} {id} not sent to {url:?}: {why}");
                if let Some(notification) = state.notifications.get_mut(id) {
                    notification.state = "not_sent";
                    notification.why = why;
                }
                return;
            }
        };
        let fault = state.faults.for_notification(&event_type).unwrap_or_default();
        (address, 1 + fault.duplicate, fault)
    };
    for _ in 0..times {
        let Some((headers, body)) = prepare(shared, id, &fault) else { return };
        let sent_headers: serde_json::Map<String, Value> =
            headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        let body_text = String::from_utf8_lossy(&body).into_owned();
        let outcome = match tokio::time::timeout(ANSWER_WITHIN, post(&address, headers, body)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(format!("no answer within {} seconds", ANSWER_WITHIN.as_secs())),
        };
        let mut state = shared.lock();
        let at = state.now_text();
        let mut attempt = json!({ "at": at, "headers": sent_headers, "body": body_text });
        match outcome {
            Ok(answered) => {
                attempt["status"] = json!(answered.status);
                attempt["reply"] = json!(answered.body);
                take(&mut state, id, &answered);
            }
            Err(error) => {
                attempt["error"] = json!(error);
                let Some(notification) = state.notifications.get_mut(id) else { return };
                notification.state = "failed";
                notification.why = error;
            }
        }
        let Some(notification) = state.notifications.get_mut(id) else { return };
        notification.attempts.push(attempt);
    }
}

/// Keeps what comes of an answer; tells it, and nothing when there is no such notification.
pub(crate) fn take(state: &mut State, id: &str, answered: &Answered) -> Option<Result<(), String>> {
    let verdict = judge(state, state.notifications.get(id)?, answered);
    let notification = state.notifications.get_mut(id)?;
    notification.state = if verdict.is_ok() { "acknowledged" } else { "refused" };
    notification.why = verdict.clone().err().unwrap_or_default();
    Some(verdict)
}

fn prepare(shared: &Shared, id: &str, fault: &Fault) -> Option<Message> {
    let mut state = shared.lock();
    let now = state.now_text();
    if let Some(notification) = state.notifications.get_mut(id)
        && notification.create_time.is_empty()
    {
        notification.create_time = now;
    }
    let notification = state.notifications.get(id)?.clone();
    match render(&state, &notification, fault) {
        Ok(message) => Some(message),
        Err(refusal) => {
            log!("notification {id} could not be made: {:?}", refusal.body);
            if let Some(notification) = state.notifications.get_mut(id) {
                notification.state = "failed";
                notification.why = "could not be encrypted or signed".to_owned();
            }
            None
        }
    }
}

/// Headers and body, signed now.
fn render(state: &State, notification: &Notification, fault: &Fault) -> Result<Message> {
    let failed = |_| Refusal::new(500, "SYSTEM_ERROR", "encryption failed");
    let nonce = ids::alphanumeric(12);
    let associated_data = notification.original_type.as_str();
    let plain = crate::json::write(&sealed_fields(state, notification, fault)?);
    let other_key;
    let key = if fault.wrong_api_v3_key {
        other_key = ApiV3Key::new(ids::alphanumeric(32)).map_err(failed)?;
        &other_key
    } else {
        &state.keys.api_v3_key
    };
    let mut sealed =
        key.encrypt(nonce.as_bytes(), associated_data.as_bytes(), plain.as_bytes()).map_err(failed)?;
    if fault.flip_tag
        && let Some(last) = sealed.last_mut()
    {
        *last ^= 1;
    }
    let nonce = fault.nonce_length.map_or(nonce, ids::alphanumeric);
    let envelope = json!({
        "id": notification.id,
        "create_time": notification.create_time,
        "resource_type": "encrypt-resource",
        "event_type": fault.event_type.as_deref().unwrap_or(&notification.event_type),
        "summary": notification.summary,
        "resource": {
            "original_type": notification.original_type,
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": STANDARD.encode(sealed),
            "associated_data": associated_data,
            "nonce": nonce,
        },
    });
    let mut body = fault.raw_body.clone().unwrap_or_else(|| crate::json::write(&envelope)).into_bytes();
    let mut headers =
        signing::headers(state, notification.host, state.settings.notification_signer, &body, fault)?;
    headers.push(("Request-ID".to_owned(), ids::request_id()));
    headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
    headers.push(("User-Agent".to_owned(), "Mozilla/4.0".to_owned()));
    headers.push(("Accept".to_owned(), "*/*".to_owned()));
    if fault.alter_body {
        signing::alter(&mut body);
    }
    signing::edit(&mut headers, fault);
    Ok((headers, body))
}

/// The resource with its sensitive fields encrypted to the merchant's certificate, as those of an answer are.
fn sealed_fields(state: &State, notification: &Notification, fault: &Fault) -> Result<Value> {
    let mut resource = notification.resource.clone();
    let kind = operation::notification_type(&notification.event_type, &notification.original_type, &resource);
    if let (Some(kind), Value::Object(fields)) = (kind, &mut resource) {
        let key = sensitive::sealing_key(state, fault)?;
        sensitive::seal(kind.resource().fields(), fields, &key)?;
    }
    Ok(resource)
}

/// Where a notification goes: loopback only, so that no test ever writes to a stranger.
struct Address {
    authority: String,
    path_and_query: String,
    connect: String,
}

fn address_of(url: &str) -> Result<Address, String> {
    if url.is_empty() {
        return Err("no notify_url was given".to_owned());
    }
    let uri: Uri = url.parse().map_err(|error| format!("not a URL: {error}"))?;
    if uri.scheme_str() != Some("http") {
        return Err(
            "the sandbox only sends to http:// on this machine (WeChat Pay itself wants https)".to_owned()
        );
    }
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let loopback = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    if !loopback {
        return Err("the sandbox only sends to this machine: use 127.0.0.1 or localhost".to_owned());
    }
    let port = uri.port_u16().unwrap_or(80);
    let connect = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
    Ok(Address {
        authority: uri.authority().map(ToString::to_string).unwrap_or_default(),
        path_and_query: uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
        connect,
    })
}

async fn post(address: &Address, headers: Vec<(String, String)>, body: Vec<u8>) -> Result<Answered, String> {
    let stream = TcpStream::connect(&address.connect)
        .await
        .map_err(|error| format!("could not connect to {}: {error}", address.connect))?;
    // `localhost` may name anything in a broken hosts file; what counts is who answered.
    if !stream.peer_addr().is_ok_and(|peer| peer.ip().is_loopback()) {
        return Err("the address is not on this machine".to_owned());
    }
    let (mut sender, connection) = hyper::client::conn::http1::Builder::new()
        .title_case_headers(true)
        .handshake(TokioIo::new(Spelt(stream)))
        .await
        .map_err(|error| format!("no HTTP connection: {error}"))?;
    let connection = tokio::spawn(connection);
    let mut request = hyper::Request::post(&address.path_and_query).header("Host", &address.authority);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let request = request
        .body(Full::new(Bytes::from(body)))
        .map_err(|error| format!("the request could not be built: {error}"))?;
    let answer = async {
        let response = sender.send_request(request).await.map_err(|error| format!("no answer: {error}"))?;
        let status = response.status().as_u16();
        let authorization = response.headers().get("authorization").map(|value| value.as_bytes().to_vec());
        let authorization = String::from_utf8(authorization.unwrap_or_default()).unwrap_or_default();
        let reply = http_body_util::Limited::new(response.into_body(), LONGEST_REPLY)
            .collect()
            .await
            .map_err(|error| format!("the answer could not be read: {error}"))?
            .to_bytes();
        Ok(Answered { status, body: String::from_utf8_lossy(&reply).into_owned(), authorization })
    }
    .await;
    connection.abort();
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sends_to_this_machine_only() {
        for url in ["http://127.0.0.1:8080/n", "http://localhost/n?a=1", "http://[::1]:9/"] {
            assert!(address_of(url).is_ok(), "{url}");
        }
        for url in [
            "",
            "https://127.0.0.1/n",
            "http://example.com/",
            "http://127.0.0.1.example.com/",
            "ftp://127.0.0.1/",
        ] {
            assert!(address_of(url).is_err(), "{url}");
        }
    }
}
