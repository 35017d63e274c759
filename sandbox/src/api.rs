//! A request of the merchant from the first check to the signed answer.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, header};
use serde_json::{Value, json};
use wechatpay_core::operation::{self, Body as OperationBody, Fill, Host, Operation};

use crate::answer::{self, Answer, Content};
use crate::authorization::{Authorization, Expected};
use crate::call::{Call, Reply};
use crate::check::Stage;
use crate::door::{self, Door};
use crate::faults::{CutBy, Fault, HoldAt, Signer};
use crate::refusal::{Refusal, Result};
use crate::route::{self, Found};
use crate::shared::Shared;
use crate::store::State;
use crate::tap::{Raw, Tap};
use crate::upload::{self, Parts};
use crate::{by_example, check, handlers, ids, notify, sensitive};

/// No request of the API is longer than this.
const LONGEST_REQUEST: usize = 64 * 1024 * 1024;
/// How much of a body the request log shows.
const LOGGED: usize = 64 * 1024;

/// A request as it came.
struct Incoming {
    method: String,
    path: String,
    /// Path and query, exactly as sent: what is signed.
    path_and_query: String,
    headers: HeaderMap,
    body: Bytes,
}

/// Answers a request to the API.
pub(crate) async fn handle(
    shared: Arc<Shared>,
    tap: Tap,
    door: Door,
    request: Request,
) -> axum::response::Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, LONGEST_REQUEST).await else {
        return answer::plain(413, "the request is too long or was cut");
    };
    let incoming = Incoming {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        path_and_query: parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
        headers: parts.headers,
        body,
    };
    let content_type = text(&incoming.headers, "content-type").unwrap_or_default();
    let upload = upload::parse(content_type, &incoming.body).await;
    let found = route::find(&incoming.method, &incoming.path);
    let operation = found.as_ref().ok().map(|found| found.operation);
    let host = operation.map_or(Host::Main, |operation| operation.host());

    let (number, fault) = {
        let mut state = shared.lock();
        let number =
            state.requests.add_whole(tap.take_up(), log_entry(&incoming, operation, upload.as_ref()));
        let id = operation.map_or("", |operation| operation.id());
        let fault = state.faults.for_request(&incoming.method, &incoming.path, id).unwrap_or_default();
        if let Some(name) = &fault.hold {
            state.hold(name);
        }
        (number, fault)
    };
    if fault.cut_request.is_some() {
        // Of a kind that could not be cut while it arrived.
        return answer::instead(&tap, Raw { reset: fault.cut_by == CutBy::Reset, ..Raw::default() });
    }
    wait_if_held(&shared, &fault, HoldAt::Request).await;

    let mut warnings = Vec::new();
    let answer = {
        let mut state = shared.lock();
        let outcome = if fault.processes() {
            state.current_fault = fault.clone();
            let base_url = asked_base_url(&shared, door, &incoming.headers);
            let outcome = process(&mut state, base_url, &incoming, upload, found, &mut warnings);
            state.current_fault = Fault::default();
            Some(outcome)
        } else {
            None
        };
        let signer = signer_for(&state, host, &incoming.headers);
        let signs_digest = operation.is_some_and(Operation::signs_digest);
        let answer = build(&mut state, outcome, Signing { host, signer, signs_digest }, &fault);
        state.requests.amend(number, "status", json!(answer.status));
        state.requests.amend(number, "code", json!(answer.code));
        if let (false, Content::Bytes(body)) = (answer.code.is_empty(), &answer.content) {
            let told = serde_json::from_slice::<Value>(body).unwrap_or_default();
            state.requests.amend(number, "message", told["message"].clone());
        }
        state.requests.amend(number, "warnings", json!(warnings));
        answer
    };
    for warning in warnings {
        log!("{} {}: {warning}", incoming.method, incoming.path);
    }
    notify::dispatch(&shared);
    wait_if_held(&shared, &fault, HoldAt::Answer).await;
    let held_body = (fault.hold_at == HoldAt::Body).then_some(fault.hold.as_deref()).flatten();
    let held_body = held_body.map(|name| shared.lock().hold(name));
    answer::send(answer, &fault, &tap, held_body).await
}

async fn wait_if_held(shared: &Shared, fault: &Fault, at: HoldAt) {
    if fault.hold_at != at {
        return;
    }
    let Some(name) = &fault.hold else { return };
    let mut released = shared.lock().hold(name);
    // The sender lives as long as the sandbox; when it goes, so does this connection.
    let _ = released.wait_for(|released| *released).await;
}

/// Everything that the platform checks, then the product's own work.
fn process(
    state: &mut State,
    base_url: String,
    incoming: &Incoming,
    upload: Result<Option<Parts>>,
    found: Result<Found>,
    warnings: &mut Vec<String>,
) -> Result<Reply> {
    let found = found?;
    let operation = found.operation;
    check_headers(&incoming.headers)?;
    let upload = upload?;
    let signed = upload.as_ref().map_or(incoming.body.as_ref(), |parts| parts.meta.as_bytes());
    let gateway = state.current_fault.gateway.clone().unwrap_or_default();
    let authorization = Authorization::parse(text(&incoming.headers, "authorization"))?;
    authorization.verify(
        &Expected {
            mchid: &state.keys.mchid,
            serial: &state.keys.merchant_serial,
            key: &state.keys.merchant_public,
            now: state.clock.timestamp(),
        },
        gateway.method.as_deref().unwrap_or(&incoming.method),
        gateway.target.as_deref().unwrap_or(&incoming.path_and_query),
        gateway.body.as_deref().map_or(signed, str::as_bytes),
    )?;
    let mut call = read_call(incoming, &found, upload.as_ref())?;
    call.base_url = base_url;
    if let Some(parts) = upload {
        let (uploaded, params) = upload::check(parts, operation)?;
        (call.upload, call.body) = (Some(uploaded), params);
    } else if matches!(operation.body(), OperationBody::Upload(_)) {
        return Err(Refusal::invalid("应为multipart/form-data，包含meta与file两部分"));
    }
    let strict = state.settings.strict;
    check::check(operation, &call, strict, Stage::Sealed, warnings)?;
    let secret = [(operation.query(), &call.query), (operation.body_fields(), &call.body)]
        .into_iter()
        .any(|(fields, values)| sensitive::present(fields, values));
    if secret {
        let key = sensitive_key(state, operation.host(), &incoming.headers)?;
        sensitive::open(operation.query(), &mut call.query, &key)?;
        sensitive::open(operation.body_fields(), &mut call.body, &key)?;
        // Everything that is not sensitive was looked at before.
        check::check(operation, &call, strict, Stage::Opened, &mut Vec::new())?;
    }
    check_caller(operation, &call, &authorization.mchid)?;
    let reply = carry_out(state, operation, &call)?;
    seal(state, operation, reply)
}

/// Where the table says that the number of the caller stands, no other may.
fn check_caller(operation: Operation, call: &Call, mchid: &str) -> Result<()> {
    let fields = operation.path_params().chain(operation.query()).chain(operation.body_fields());
    for field in fields.filter(|field| field.fill() == Some(Fill::Mchid)) {
        if call.get(field.name()).is_some_and(|named| named != mchid) {
            return Err(call.bad(field.name(), "与Authorization中的mchid不一致"));
        }
    }
    Ok(())
}

/// By the flow that the operation belongs to; by its example where the sandbox plays none.
fn carry_out(state: &mut State, operation: Operation, call: &Call) -> Result<Reply> {
    let reply = match handlers::find(operation.id(), state.settings.by_example) {
        Some(handler) => handler(state, call)?,
        None => by_example::answer(state, operation, call)?,
    };
    match (&reply, operation.reply()) {
        (Reply::Json(Value::Object(values)), operation::Reply::Json(model)) => {
            check::fits(model, values, state.settings.strict).map_err(|misfit| {
                Refusal::bug(operation.id(), &misfit.body.unwrap_or_default()["message"])
            })?;
        }
        (Reply::Json(_), operation::Reply::Untyped) => {}
        (Reply::NoContent, operation::Reply::None) | (Reply::File(_), operation::Reply::File) => {}
        _ => return Err(Refusal::bug(operation.id(), &json!("JSON, a file or nothing at all"))),
    }
    Ok(reply)
}

fn check_headers(headers: &HeaderMap) -> Result<()> {
    let present = |name| text(headers, name).is_some_and(|value| !value.trim().is_empty());
    if present("user-agent") && present("accept") {
        return Ok(());
    }
    Err(Refusal::invalid("Http头缺少Accept或User-Agent"))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// `scheme://authority` as the caller wrote it: whoever reaches this machine under another name is answered with
/// addresses that he can reach as well.
fn asked_base_url(shared: &Shared, door: Door, headers: &HeaderMap) -> String {
    let asked = text(headers, "host").and_then(|host| host.parse::<Authority>().ok());
    match (door, asked) {
        (Door::Own, Some(asked)) => format!("http://{asked}"),
        (Door::Own, None) => shared.base_url.clone(),
        (Door::WechatPay(_), Some(asked)) if door::wechatpay(asked.host()).is_some() => {
            format!("https://{asked}")
        }
        (Door::WechatPay(name), _) => format!("https://{name}"),
    }
}

fn read_call(incoming: &Incoming, found: &Found, upload: Option<&Parts>) -> Result<Call> {
    let query = incoming.path_and_query.split_once('?').map_or("", |(_, query)| query);
    let mut call = Call { path: found.path.clone(), query: route::parse_query(query)?, ..Call::default() };
    for field in found.operation.headers() {
        if let Some(value) = text(&incoming.headers, &field.header_name()) {
            call.headers.insert(field.name().to_owned(), Value::from(value));
        }
    }
    if upload.is_some() || incoming.body.is_empty() {
        return Ok(call);
    }
    if upload::media_type(text(&incoming.headers, "content-type").unwrap_or_default()) != "application/json" {
        return Err(Refusal::invalid("Content-Type应为application/json"));
    }
    let body: Value = serde_json::from_slice(&incoming.body)
        .map_err(|error| Refusal::param("body", "", &Value::Null, format!("不是合法的JSON：{error}")))?;
    check::check_text(&body, "body", "")?;
    call.body = match body {
        Value::Object(body) => body,
        other => return Err(Refusal::param("body", "", &other, "应为JSON对象")),
    };
    Ok(call)
}

/// The platform's private key that opens what the merchant encrypted: the one named by `Wechatpay-Serial`.
fn sensitive_key(
    state: &State,
    host: Host,
    headers: &HeaderMap,
) -> Result<Arc<wechatpay_core::crypto::PrivateKey>> {
    let serial = text(headers, "wechatpay-serial").unwrap_or_default();
    let refuse = |issue: &str| Refusal::param("header", "Wechatpay-Serial", &Value::from(serial), issue);
    if serial.is_empty() {
        return Err(refuse(
            "请求含有敏感字段，必须传Wechatpay-Serial：加密所用的微信支付公钥ID或平台证书序列号",
        ));
    }
    let of_certificates = state.certificates_of(host).iter().map(|certificate| &certificate.key);
    std::iter::once(state.public_key_of(host))
        .chain(of_certificates)
        .find(|key| key.serial.eq_ignore_ascii_case(serial))
        .map(|key| Arc::clone(&key.private))
        .ok_or_else(|| refuse("Wechatpay-Serial有误：不是本商户的微信支付公钥ID，也不是可用的平台证书序列号"))
}

/// Encrypts the sensitive fields of an answer to the merchant's certificate.
fn seal(state: &State, operation: Operation, reply: Reply) -> Result<Reply> {
    match (reply, operation.reply()) {
        (Reply::Json(Value::Object(mut body)), operation::Reply::Json(model)) => {
            // The list of certificates is encrypted in its own way, with the APIv3 key.
            let key = sensitive::sealing_key(state, &state.current_fault)?;
            sensitive::seal(model.fields(), &mut body, &key)?;
            Ok(Reply::Json(Value::Object(body)))
        }
        (reply, _) => Ok(reply),
    }
}

/// Answers follow the request's `Wechatpay-Serial`: a key id gets the public key, everything else the certificate.
fn signer_for(state: &State, host: Host, headers: &HeaderMap) -> Signer {
    let serial = text(headers, "wechatpay-serial").unwrap_or_default();
    if serial.eq_ignore_ascii_case(&state.public_key_of(host).serial) || !state.settings.certificates {
        Signer::PublicKey
    } else {
        Signer::Certificate
    }
}

/// The answer's object with the members that the fault puts over it; `null` takes one away.
fn with_members(mut value: Value, fault: &Fault) -> Value {
    if let Value::Object(object) = &mut value {
        for (name, member) in &fault.members {
            match member {
                Value::Null => drop(object.remove(name)),
                member => drop(object.insert(name.clone(), member.clone())),
            }
        }
    }
    value
}

/// How an answer is signed.
struct Signing {
    host: Host,
    signer: Signer,
    /// Of a file its digest is signed; of most, nothing is.
    signs_digest: bool,
}

impl Signing {
    /// What the signature covers; none when nothing does: of most files, and of rubbish without end.
    fn covers(&self, content: &Content) -> Option<Vec<u8>> {
        match content {
            Content::Bytes(body) => Some(body.clone()),
            Content::File(file) if self.signs_digest => {
                Some(format!("{{\"sha1\":\"{}\"}}", file.sha1).into_bytes())
            }
            Content::File(_) | Content::Huge(_) => None,
        }
    }
}

/// The answer with its headers. `None`: the request was not carried out, and the fault says what to answer.
fn build(state: &mut State, outcome: Option<Result<Reply>>, signing: Signing, fault: &Fault) -> Answer {
    let sign_with = state.sign_with.take();
    let nothing = || Content::Bytes(Vec::new());
    let write = |value| Content::Bytes(crate::json::write(&with_members(value, fault)).into_bytes());
    let (mut status, mut content, mut code) = match outcome {
        None => (200, write(json!({})), String::new()),
        Some(Ok(Reply::Json(value))) => (200, write(value), String::new()),
        Some(Ok(Reply::NoContent)) => (204, nothing(), String::new()),
        Some(Ok(Reply::File(file))) => (200, Content::File(file), String::new()),
        Some(Err(refusal)) => {
            let code = refusal.code().to_owned();
            (refusal.status, refusal.body.map_or_else(nothing, write), code)
        }
    };
    if let Some(made_up) = fault.status {
        status = made_up;
        if made_up == 204 || made_up < 200 {
            content = nothing();
        } else if made_up >= 400 || fault.code.is_some() {
            code = fault.code.clone().unwrap_or_else(|| answer::usual_code(made_up).to_owned());
            let message = fault.message.as_deref().unwrap_or("沙箱按要求制造的错误");
            content = write(json!({ "code": code, "message": message }));
        }
    }
    if let Some(body) = &fault.raw_body {
        content = Content::Bytes(body.clone().into_bytes());
    }
    if let Some(bytes) = fault.huge_body {
        content = Content::Huge(bytes);
    }
    let mut headers = vec![
        ("Request-ID".to_owned(), ids::request_id()),
        ("Keep-Alive".to_owned(), "timeout=8".to_owned()),
        ("Cache-Control".to_owned(), "no-cache, must-revalidate".to_owned()),
    ];
    if let Some(target) = &fault.redirect {
        status = fault.status.unwrap_or(302);
        headers.push(("Location".to_owned(), target.clone()));
    }
    let empty = matches!(&content, Content::Bytes(bytes) if bytes.is_empty());
    let usual_type = match &content {
        Content::File(file) if file.gzip => "application/x-gzip",
        Content::File(_) => "text/plain;charset=utf-8",
        _ => "application/json; charset=utf-8",
    };
    if !empty || fault.content_type.is_some() {
        headers.push((
            header::CONTENT_TYPE.to_string(),
            fault.content_type.clone().unwrap_or_else(|| usual_type.into()),
        ));
    }
    if let Content::File(file) = &content
        && signing.signs_digest
    {
        headers.push(("Wechatpay-Statement-Sha1".to_owned(), file.sha1.clone()));
    }
    let signed = fault.signed.unwrap_or(status < 400 || state.settings.sign_errors);
    if let Some(covered) = signing.covers(&content).filter(|_| signed) {
        let made = match &sign_with {
            Some(key) => crate::signing::headers_with(key, state.clock.timestamp(), &covered, fault),
            None => crate::signing::headers(state, signing.host, signing.signer, &covered, fault),
        };
        match made {
            Ok(signature) => headers.extend(signature),
            Err(refusal) => log!("an answer could not be signed: {:?}", refusal.body),
        }
    }
    crate::signing::edit(&mut headers, fault);
    if fault.alter_body
        && let Content::Bytes(body) = &mut content
    {
        crate::signing::alter(body);
    }
    Answer { status, headers, content, code }
}

fn log_entry(
    incoming: &Incoming,
    operation: Option<Operation>,
    upload: Result<&Option<Parts>, &Refusal>,
) -> Value {
    let headers: Vec<Value> = incoming
        .headers
        .iter()
        .map(|(name, value)| json!([name.as_str(), String::from_utf8_lossy(value.as_bytes())]))
        .collect();
    let (path, query) = incoming.path_and_query.split_once('?').unwrap_or((&incoming.path_and_query, ""));
    let mut entry = json!({
        "complete": true,
        "method": incoming.method,
        "path": path,
        "query": query,
        "operation": operation.map(|operation| operation.id()),
        "headers": headers,
    });
    match upload {
        Ok(Some(parts)) => {
            entry["upload"] = json!({
                "meta": parts.meta,
                "file_name": parts.file_name,
                "file_bytes": parts.file.len(),
            });
        }
        _ => {
            let shown = &incoming.body[..incoming.body.len().min(LOGGED)];
            entry["body"] = json!(String::from_utf8_lossy(shown));
        }
    }
    entry
}
