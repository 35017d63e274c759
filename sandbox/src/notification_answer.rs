//! What WeChat Pay makes of the answer to a notification.

use serde_json::Value;
use wechatpay_core::operation;

use crate::authorization::{Authorization, Expected};
use crate::check;
use crate::refusal::{Refusal, Result};
use crate::store::State;
use crate::store::notifications::Notification;

/// What the merchant answered.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    #[serde(default)]
    pub(crate) body: String,
    /// The header of this name; empty when there is none.
    #[serde(default)]
    pub(crate) authorization: String,
}

/// Whether WeChat Pay is content, or else why not.
pub(crate) fn judge(state: &State, notification: &Notification, answered: &Answered) -> Result<(), String> {
    let kind = operation::notification_type(
        &notification.event_type,
        &notification.original_type,
        &notification.resource,
    );
    let Some(model) = kind.and_then(|kind| kind.answer()) else {
        let taken = answered.status == 200 || answered.status == 204;
        return if taken { Ok(()) } else { Err(format!("the merchant answered {}", answered.status)) };
    };
    if answered.status != 200 {
        return Err(format!("this notification is answered with status 200, not {}", answered.status));
    }
    verify(state, answered).map_err(|refusal| format!("the signature of the answer: {}", said(&refusal)))?;
    let Ok(Value::Object(answer)) = serde_json::from_str(&answered.body) else {
        return Err("the answer is no JSON object".to_owned());
    };
    check::fits(model, &answer, true).map_err(|refusal| format!("the answer: {}", said(&refusal)))
}

fn verify(state: &State, answered: &Answered) -> Result<()> {
    let header = (!answered.authorization.is_empty()).then_some(answered.authorization.as_str());
    let expected = Expected {
        mchid: &state.keys.mchid,
        serial: &state.keys.merchant_serial,
        key: &state.keys.merchant_public,
        now: state.clock.timestamp(),
    };
    Authorization::parse(header)?.verify_answer(&expected, answered.body.as_bytes())
}

fn said(refusal: &Refusal) -> String {
    refusal.body.as_ref().map_or_else(String::new, |body| {
        let detail = body.get("detail").map(Value::to_string).unwrap_or_default();
        format!("{} {detail}", body["message"].as_str().unwrap_or_default()).trim_end().to_owned()
    })
}
