//! Every operation of the spec with the request of its example, through the real client, over HTTP, against the sandbox.
//! Nothing here names an operation: one that is added to the spec is tried by that.
#![expect(clippy::panic, clippy::unwrap_used, reason = "tests fail by panicking")]

use serde_json::{Map, Value, json};
use wechatpay_core::download::Download;
use wechatpay_core::media::File;
use wechatpay_core::operation::{self, Body, Field, Fill, Operation, Reply};
use wechatpay_core::{Client, Error};
use wechatpay_sandbox::{Options, Running, Sandbox};
use wechatpay_tests::client::{client, default_options};
use wechatpay_tests::control::Control;
use wechatpay_tests::examples::examples;

/// A merchant with a sandbox of his own.
struct Merchant {
    sandbox: Running,
    control: Control,
    client: Client,
}

impl Merchant {
    fn new() -> Self {
        let sandbox = Sandbox::start(Options::default()).unwrap();
        let control = Control::new(sandbox.base_url());
        let credentials = control.ask("GET /sandbox/credentials", None).unwrap();
        let client = client(&default_options(&credentials)).unwrap();
        Self { sandbox, control, client }
    }

    /// The answer to the request of the example; null for a file and for nothing.
    fn send(&self, operation: Operation, request: &Map<String, Value>) -> Result<Value, Error> {
        match (operation.body(), operation.reply()) {
            (Body::Upload(limits), _) => {
                let name = format!("a.{}", limits.extensions().next().unwrap());
                let file = File::from_bytes(name, b"content".to_vec()).with(request.clone());
                self.client.upload(operation.id(), &file)
            }
            (_, Reply::File) => {
                let file = Download::answered(operation, Value::Object(request.clone()))?;
                let done = self.client.download(&file, &mut Vec::new())?;
                assert_eq!(done.verified, operation.signs_digest(), "{}", operation.id());
                Ok(Value::Null)
            }
            _ => self.client.call(operation.id(), Value::Object(request.clone())),
        }
    }

    /// Has the notification sent and reads it.
    fn is_told(&self, id: &Value, event_type: &Value, example: &Value) -> Result<(), String> {
        // Nobody listens there: what was sent is taken from the sandbox.
        let wanted = json!({ "notification": id, "event_type": event_type, "notify_url": "http://127.0.0.1:1/notify" });
        let queued = self.control.ask("POST /sandbox/notifications", Some(&wanted))?;
        let queued = queued["id"].as_str().unwrap();
        let sent = self.control.ask(&format!("GET /sandbox/notifications/{queued}?wait=true"), None)?;
        let attempt = &sent["attempts"][0];
        let headers = attempt["headers"].as_object().ok_or_else(|| sent.to_string())?;
        let headers = headers.iter().map(|(name, value)| (name, value.as_str().unwrap())).collect();
        let body = attempt["body"].as_str().unwrap();
        let parsed = self.client.parse_notification(&headers, body.as_bytes());
        let parsed = parsed.map_err(|error| error.to_string())?;
        match parsed.kind {
            Some(kind) if kind.id() == id => differs(example, &parsed.resource, "").map_or(Ok(()), Err),
            kind => Err(format!("it is taken for {:?}", kind.map(|kind| kind.id()))),
        }
    }

    /// The example as this merchant sends it: his own number is filled in by the client, his app is his.
    fn own(&self, operation: Operation, example: &Value) -> Map<String, Value> {
        let mut request = example.as_object().cloned().unwrap_or_default();
        for field in parameters(operation) {
            if field.fill() == Some(Fill::Mchid) {
                request.remove(field.name());
            }
        }
        for name in ["appid", "sp_appid"] {
            if let Some(appid) = request.get_mut(name).filter(|appid| appid.is_string()) {
                *appid = json!(self.sandbox.credentials().appid);
            }
        }
        request
    }
}

fn parameters(operation: Operation) -> impl Iterator<Item = Field> {
    operation.path_params().chain(operation.query()).chain(operation.body_fields())
}

/// Tries every operation and fails with a row for each that is not as it should be.
fn each(mut try_it: impl FnMut(Operation, &Value) -> Result<(), String>) {
    let examples = examples().unwrap();
    let mut tried = 0;
    let mut rows = Vec::new();
    for example in examples["operations"].as_array().unwrap() {
        let id = example["id"].as_str().unwrap();
        let operation = operation::find(id).unwrap_or_else(|| panic!("{id} is not in the table"));
        tried += 1;
        if let Err(why) = try_it(operation, example) {
            rows.push(format!("\n- {id}: {why}"));
        }
    }
    println!("{tried} operations tried");
    assert_eq!(tried, operation::all().count(), "every operation has an example");
    assert!(rows.is_empty(), "{} of {tried} operations:{}", rows.len(), rows.concat());
}

/// Why the answer is not the example's: other members, or another type of one.
fn differs(example: &Value, answer: &Value, at: &str) -> Option<String> {
    match (example, answer) {
        (Value::Object(example), Value::Object(answer)) => example.iter().find_map(|(name, example)| {
            let at = format!("{at}/{name}");
            match answer.get(name) {
                None => Some(format!("the answer has no {at}")),
                Some(answer) => differs(example, answer, &at),
            }
        }),
        (Value::Array(examples), Value::Array(answers)) => {
            let mut pairs = examples.iter().cycle().zip(answers);
            match pairs.find_map(|(example, answer)| differs(example, answer, at)) {
                None if answers.is_empty() != examples.is_empty() => Some(format!("{at} is {answer}")),
                difference => difference,
            }
        }
        (example, answer) => {
            let same = std::mem::discriminant(example) == std::mem::discriminant(answer);
            (!same).then(|| format!("{at} is {answer}, and in the example {example}"))
        }
    }
}

#[test]
fn is_answered_like_its_example() {
    let merchant = Merchant::new();
    merchant.control.ask("POST /sandbox/settings", Some(&json!({ "by_example": true }))).unwrap();
    each(|operation, example| {
        let request = merchant.own(operation, &example["request"]);
        let answer = merchant.send(operation, &request).map_err(|error| error.to_string())?;
        match example.get("response") {
            None if answer.is_null() || operation.reply() == Reply::Untyped => Ok(()),
            None => Err(format!("nothing is to be answered, not {answer}")),
            Some(example) => differs(example, &answer, "").map_or(Ok(()), Err),
        }
    });
}

#[test]
fn answers_each_of_its_documented_errors_when_told_so() {
    let merchant = Merchant::new();
    each(|operation, example| {
        let request = merchant.own(operation, &example["request"]);
        for error in example["errors"].as_array().into_iter().flatten() {
            let fault = json!({
                "match": { "operation": operation.id() }, "fault": { "error": error["code"], "signed": true },
            });
            merchant.control.ask("POST /sandbox/faults", Some(&fault))?;
            let Err(refused) = merchant.send(operation, &request) else { return Err(format!("no {error}")) };
            let status = error["status"].as_u64().unwrap_or(400);
            if refused.code() != error["code"]
                || refused.status().map(u64::from) != Some(status)
                || !refused.authenticated()
            {
                return Err(format!("{error} is wanted, and this came: {refused}"));
            }
        }
        Ok(())
    });
}

/// Not an operation, but told of what became of one.
#[test]
fn every_notification_is_sent_from_its_example_and_understood() {
    let merchant = Merchant::new();
    let mut rows = Vec::new();
    let mut sent = 0;
    for example in examples().unwrap()["notifications"].as_array().unwrap() {
        for event_type in example["event_types"].as_array().unwrap() {
            sent += 1;
            if let Err(why) = merchant.is_told(&example["id"], event_type, &example["resource"]) {
                rows.push(format!("\n- {} {event_type}: {why}", example["id"]));
            }
        }
    }
    assert!(sent >= operation::notification_types().count());
    assert!(rows.is_empty(), "{} of {sent} notifications:{}", rows.len(), rows.concat());
}

#[test]
fn is_answered_or_refused_for_a_reason_of_its_own_where_its_flow_is_played() {
    let merchant = Merchant::new();
    each(|operation, example| {
        let request = merchant.own(operation, &example["request"]);
        let Err(error) = merchant.send(operation, &request) else { return Ok(()) };
        // Nothing of what the example names is there: its order, its coupon. But what the table allows is not refused by
        // the table, and the sandbox never fails.
        let of_the_table =
            error.code() == "PARAM_ERROR" && error.detail().is_some_and(|detail| detail["field"].is_null());
        match error.status() {
            Some(400..500) if error.code() != "SIGN_ERROR" && !of_the_table => Ok(()),
            _ => Err(error.to_string()),
        }
    });
}
