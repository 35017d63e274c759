//! Permissions to charge a user without asking for each order: UNBINDUSER → AVAILABLE → UNAVAILABLE.

use serde_json::{Map, Value, json};

use crate::call::{Call, Reply};
use crate::clock;
use crate::ids;
use crate::refusal::{Refusal, Result};
use crate::store::State;
use crate::store::notifications::Event;
use crate::store::permissions::Permission;

fn not_found() -> Refusal {
    Refusal::not_found("RESOURCE_NOT_EXISTS", "授权记录不存在")
}

pub(crate) fn apply(state: &mut State, call: &Call) -> Result<Reply> {
    let code = call.need("authorization_code")?;
    match state.permissions.by_code.get(code) {
        Some(permission) if permission.terms != call.body => {
            return Err(Refusal::invalid("授权协议号重复，且请求参数与首次不一致"));
        }
        Some(permission) if permission.state != "UNBINDUSER" => {
            return Err(Refusal::invalid("授权协议号已使用过，请换一个"));
        }
        Some(_) => {}
        None => {
            let permission = Permission {
                terms: call.body.clone(),
                openid: None,
                state: "UNBINDUSER",
                opened: None,
                closed: None,
            };
            state.permissions.by_code.insert(code.to_owned(), permission);
        }
    }
    Ok(json!({ "apply_permissions_token": ids::alphanumeric(40) }).into())
}

fn named<'a>(state: &'a mut State, call: &Call) -> Result<&'a mut Permission> {
    let own = |permission: &Permission, name: &str| {
        call.text(name).is_empty() || permission.terms.get(name).is_some_and(|value| value == call.text(name))
    };
    state
        .permissions
        .by_code
        .get_mut(call.text("authorization_code"))
        .filter(|permission| {
            ["service_id", "sub_mchid", "channel_id"].iter().all(|name| own(permission, name))
        })
        .ok_or_else(not_found)
}

pub(crate) fn query(state: &mut State, call: &Call) -> Result<Reply> {
    let mchid = state.keys.mchid.clone();
    let permission = named(state, call)?;
    let mut shown = permission.terms.clone();
    shown.insert("mchid".to_owned(), json!(mchid));
    shown.insert("authorization_state".to_owned(), json!(permission.state));
    if let Some(openid) = &permission.openid {
        shown.insert("openid".to_owned(), json!(openid));
    }
    if let Some(moment) = &permission.opened {
        shown.insert("authorization_success_time".to_owned(), json!(moment));
    }
    if let Some(moment) = &permission.closed {
        shown.insert("cancel_authorization_time".to_owned(), json!(moment));
    }
    Ok(Value::Object(shown).into())
}

pub(crate) fn terminate(state: &mut State, call: &Call) -> Result<Reply> {
    let permission = named(state, call)?;
    if permission.state == "UNBINDUSER" {
        return Err(Refusal::invalid("用户未授权"));
    }
    if permission.state == "AVAILABLE" {
        let code = call.text("authorization_code").to_owned();
        act(state, &code, "close", &Map::new())?;
    }
    Ok(Reply::NoContent)
}

/// The user gives the permission (`open`) or withdraws it (`close`).
pub(crate) fn act(state: &mut State, code: &str, what: &str, how: &Map<String, Value>) -> Result<Value> {
    let now = state.clock.now();
    let default_openid = state.keys.openid.clone();
    let mchid = state.keys.mchid.clone();
    let permission = state.permissions.by_code.get_mut(code).ok_or_else(|| {
        Refusal::not_found("RESOURCE_NOT_EXISTS", format!("no permission has the authorization_code {code}"))
    })?;
    let (from, to, event_type, status, summary) = match what {
        "open" => {
            ("UNBINDUSER", "AVAILABLE", "PAYSCORE.USER_OPEN_SERVICE", "USER_OPEN_SERVICE", "用户授权服务")
        }
        "close" => {
            ("AVAILABLE", "UNAVAILABLE", "PAYSCORE.USER_CLOSE_SERVICE", "USER_CLOSE_SERVICE", "解除授权服务")
        }
        _ => return Err(Refusal::not_found("NOT_FOUND", "a permission can be opened or closed")),
    };
    if permission.state != from {
        return Err(Refusal::new(
            409,
            "WRONG_STATE",
            format!("permission {code} is {}; {what} needs {from}", permission.state),
        ));
    }
    permission.state = to;
    if what == "open" {
        let openid = how.get("openid").and_then(Value::as_str).map_or(default_openid, str::to_owned);
        permission.openid = Some(openid);
        permission.opened = Some(clock::rfc3339(now));
    } else {
        permission.closed = Some(clock::rfc3339(now));
    }
    let text = |name: &str| permission.terms.get(name).and_then(Value::as_str);
    let mut resource =
        json!({ "mch_id": mchid, "sub_mch_id": text("sub_mchid"), "authorization_code": code });
    for name in ["appid", "sub_appid", "channel_id", "service_id"] {
        if let Some(value) = text(name) {
            resource[name] = json!(value);
        }
    }
    resource["openid"] = json!(permission.openid);
    resource["user_service_status"] = json!(status);
    resource["openorclose_time"] = json!(clock::compact(now));
    let url = text("notify_url").unwrap_or_default().to_owned();
    if how.get("notify").and_then(Value::as_bool).unwrap_or(true) {
        let event = Event { event_type, original_type: "payscore", summary, resource: resource.clone(), url };
        state.notifications.queue(event);
    }
    Ok(resource)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::products::testing::{call, reply, state};

    #[test]
    fn a_permission_is_asked_for_given_and_withdrawn() {
        let mut state = state();
        let asking =
            json!({ "service_id": "5", "appid": "wx1", "sub_mchid": "1", "authorization_code": "c1" });
        reply(apply(&mut state, &call(asking.clone())));
        reply(apply(&mut state, &call(asking.clone())));
        let named = call(json!({ "authorization_code": "c1", "service_id": "5", "sub_mchid": "1" }));
        assert_eq!(reply(query(&mut state, &named))["authorization_state"], "UNBINDUSER");
        assert_eq!(terminate(&mut state, &named).unwrap_err().code(), "INVALID_REQUEST");
        act(&mut state, "c1", "open", &Map::new()).unwrap();
        assert_eq!(apply(&mut state, &call(asking)).unwrap_err().code(), "INVALID_REQUEST");
        assert!(matches!(terminate(&mut state, &named), Ok(Reply::NoContent)));
        assert!(matches!(terminate(&mut state, &named), Ok(Reply::NoContent)), "a repeat is no error");
        let shown = reply(query(&mut state, &named));
        assert_eq!(shown["authorization_state"], "UNAVAILABLE");
        assert!(shown["cancel_authorization_time"].is_string());
        assert_eq!(
            state.notifications.queued(),
            ["PAYSCORE.USER_OPEN_SERVICE", "PAYSCORE.USER_CLOSE_SERVICE"]
        );
        let other = call(json!({ "authorization_code": "c1", "service_id": "6", "sub_mchid": "1" }));
        assert_eq!(query(&mut state, &other).unwrap_err().code(), "RESOURCE_NOT_EXISTS");
    }
}
