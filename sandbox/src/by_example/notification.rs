//! Notifications that a test asks for: any of the spec from its example, or one that the test makes up.

use serde::Deserialize;
use serde_json::{Map, Value};
use wechatpay_core::operation::{self, Host};

use super::{Maker, Numbers, Times};
use crate::call::Call;
use crate::check;
use crate::examples;
use crate::refusal::{Refusal, Result};
use crate::store::State;
use crate::store::notifications::Event;

/// A notification that is wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// Its id in the spec. What is not said besides is the example's; without it everything is to be said.
    notification: Option<String>,
    event_type: Option<String>,
    original_type: Option<String>,
    summary: Option<String>,
    /// The resource, or the members of it that are not to be the example's.
    resource: Option<Value>,
    notify_url: String,
    /// Which host of WeChat Pay sends it.
    #[serde(default)]
    host: Sender,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Sender {
    #[default]
    Main,
    Hk,
}

/// Takes the notification for sending; gives its id.
pub(crate) fn queue(state: &mut State, wanted: Wanted) -> Result<String> {
    let (event_type, original_type, summary, resource) = match &wanted.notification {
        Some(id) => from_example(state, id, &wanted)?,
        None => made_up(&wanted)?,
    };
    let id = state.notifications.queue(Event {
        event_type: &event_type,
        original_type: &original_type,
        summary: wanted.summary.as_deref().unwrap_or(&summary),
        resource,
        url: wanted.notify_url,
    });
    if let (Sender::Hk, Some(notification)) = (wanted.host, state.notifications.get_mut(&id)) {
        notification.host = Host::Hk;
    }
    Ok(id)
}

/// Event type, original type, summary and resource.
type Parts = (String, String, String, Value);

fn made_up(wanted: &Wanted) -> Result<Parts> {
    match (&wanted.event_type, &wanted.original_type, &wanted.resource) {
        (Some(event_type), Some(original_type), Some(resource)) => {
            Ok((event_type.clone(), original_type.clone(), String::new(), resource.clone()))
        }
        _ => Err(bad(
            "`notification` names one of the spec; without it `event_type`, `original_type` and `resource` are needed",
        )),
    }
}

fn from_example(state: &State, id: &str, wanted: &Wanted) -> Result<Parts> {
    let kind = operation::notification_types().find(|kind| kind.id() == id);
    let (Some(kind), Some(example)) = (kind, examples::of_notification(id)) else {
        let known: Vec<&str> = operation::notification_types().map(|kind| kind.id()).collect();
        return Err(bad(format!("the spec has no notification {id}; it has {}", known.join(", "))));
    };
    let chosen = |wanted: &Option<String>, first: Option<&String>| {
        wanted.as_ref().or(first).cloned().unwrap_or_default()
    };
    let event_type = chosen(&wanted.event_type, example.event_types.first());
    let original_type = chosen(&wanted.original_type, example.original_type.as_ref());

    let no_values = Map::new();
    let values = match &wanted.resource {
        None => &no_values,
        Some(Value::Object(values)) => values,
        Some(_) => return Err(bad("`resource` is an object: the members that are not to be the example's")),
    };
    let call = Call { body: values.clone(), ..Call::default() };
    let mut maker = Maker {
        numbers: Numbers::of(&state.keys, &call),
        times: Times::of(&example.resource, state.clock.now()),
        asked: &no_values,
        offer: None,
    };
    let mut resource =
        maker.object(kind.resource(), example.resource.as_object().unwrap_or(&no_values), None)?;
    put_over(&mut resource, values);

    if let Err(misfit) = check::fits(kind.resource(), &resource, state.settings.strict) {
        let why = misfit.body.unwrap_or_default();
        return Err(bad(format!("{id} has no such resource: {} {}", why["message"], why["detail"]["value"])));
    }
    let resource = Value::Object(resource);
    if operation::notification_type(&event_type, &original_type, &resource)
        .is_none_or(|found| found.id() != id)
    {
        return Err(bad(format!(
            "nobody would take {event_type} ({original_type}) with this resource for {id}: its events are {}, and the \
             resource must have {}",
            kind.events().collect::<Vec<_>>().join(", "),
            kind.has().collect::<Vec<_>>().join(", ")
        )));
    }
    Ok((event_type, original_type, example.summary.clone().unwrap_or_default(), resource))
}

/// Puts values over those of an object, and into the objects in it. `null` takes one away.
fn put_over(object: &mut Map<String, Value>, values: &Map<String, Value>) {
    for (name, value) in values {
        match (object.get_mut(name), value) {
            (_, Value::Null) => drop(object.remove(name)),
            (Some(Value::Object(inner)), Value::Object(values)) => put_over(inner, values),
            _ => drop(object.insert(name.clone(), value.clone())),
        }
    }
}

fn bad(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "PARAM_ERROR", message)
}
