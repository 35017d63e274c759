//! The handler of the README, word for word, against notifications of the sandbox: what it does not understand it must
//! not acknowledge.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

// With what it imports.
include!("handler.rs");

use std::cell::RefCell;

use serde_json::{Value, json};
use wechatpay_sandbox::{Options, Running, Sandbox};
use wechatpay_tests::client::{client, default_options};
use wechatpay_tests::control::Control;

const NOTIFY_URL: &str = "http://127.0.0.1:1/notify";

/// Knows one order and one refund; notes what was stored.
#[derive(Default)]
struct Till(RefCell<Vec<String>>);

impl Shop for Till {
    fn paid(&self, order: &Transaction) -> bool {
        self.known("ORDER-1", order.out_trade_no())
    }

    fn refunded(&self, refund: &RefundNotice) -> bool {
        self.known("REFUND-1", refund.out_refund_no())
    }
}

impl Till {
    fn known(&self, mine: &str, number: Option<&str>) -> bool {
        let known = number == Some(mine);
        if known {
            self.0.borrow_mut().push(mine.to_owned());
        }
        known
    }
}

struct World {
    _sandbox: Running,
    control: Control,
    client: Client,
    till: Till,
}

impl World {
    fn new() -> Self {
        let sandbox = Sandbox::start(Options::default()).unwrap();
        let control = Control::new(sandbox.base_url());
        let credentials = control.ask("GET /sandbox/credentials", None).unwrap();
        let client = client(&default_options(&credentials)).unwrap();
        Self { _sandbox: sandbox, control, client, till: Till::default() }
    }

    /// What the handler answers to this notification.
    fn answered(&self, event_type: &str, original_type: &str, resource: &Value) -> NotificationReply {
        let notification = json!({
            "event_type": event_type, "original_type": original_type, "resource": resource, "notify_url": NOTIFY_URL,
        });
        self.control.ask("POST /sandbox/notifications", Some(&notification)).unwrap();
        let sent = self.control.ask("GET /sandbox/notifications?wait=true", None).unwrap();
        let attempt = &sent["notifications"].as_array().unwrap().last().unwrap()["attempts"][0];
        let headers = attempt["headers"].as_object().unwrap().iter();
        let headers: Headers = headers.map(|(name, value)| (name, value.as_str().unwrap())).collect();
        notified(&self.client, &self.till, &headers, attempt["body"].as_str().unwrap().as_bytes())
    }
}

fn order(number: &str, state: &str) -> Value {
    json!({ "mchid": "1900000001", "out_trade_no": number, "trade_state": state, "amount": { "total": 1 } })
}

#[test]
fn only_what_is_understood_and_stored_is_acknowledged() {
    let world = World::new();
    let refund = |number: &str| json!({ "out_refund_no": number, "refund_status": "SUCCESS" });
    let combined = json!({ "combine_out_trade_no": "C-1", "sub_orders": [order("ORDER-1", "SUCCESS")] });
    let partners =
        json!({ "sp_mchid": "1", "sub_mchid": "2", "out_trade_no": "ORDER-1", "trade_state": "SUCCESS" });
    for (what, event, original, resource, status) in [
        ("our order", "TRANSACTION.SUCCESS", "transaction", order("ORDER-1", "SUCCESS"), 204),
        ("our refund", "REFUND.SUCCESS", "refund", refund("REFUND-1"), 204),
        ("an order nobody knows", "TRANSACTION.SUCCESS", "transaction", order("ORDER-2", "SUCCESS"), 500),
        ("an order that is not paid", "TRANSACTION.SUCCESS", "transaction", order("ORDER-1", "REVOKED"), 500),
        ("a combined order", "TRANSACTION.SUCCESS", "transaction", combined, 500),
        ("a partner's order with our number", "TRANSACTION.SUCCESS", "transaction", partners, 500),
        ("a refund nobody knows", "REFUND.SUCCESS", "refund", refund("REFUND-2"), 500),
        ("another product", "A.NEW_EVENT", "new", json!({ "out_trade_no": "ORDER-1" }), 500),
    ] {
        assert_eq!(world.answered(event, original, &resource).status, status, "{what}");
    }
    assert_eq!(world.till.0.into_inner(), ["ORDER-1", "REFUND-1"]);
}

#[test]
fn a_stranger_learns_an_error_code() {
    let world = World::new();
    let reply = notified(&world.client, &world.till, &Headers::new(), b"{}");
    assert_eq!((reply.status, reply.body.as_str()), (401, r#"{"code":"FAIL","message":"MISSING_HEADER"}"#));
}

#[test]
fn this_is_the_handler_of_the_readme() {
    let code = include_str!("handler.rs");
    assert!(include_str!("../../../README.md").contains(code), "README.md has another handler");
    // The Chinese one has other words in comments and messages.
    let without_words = |text: &str| -> Vec<String> {
        let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default().trim());
        lines.filter(|line| !line.is_empty() && !line.contains("eprintln")).map(str::to_owned).collect()
    };
    let chinese = without_words(include_str!("../../../README.zh-CN.md")).join("\n");
    assert!(chinese.contains(&without_words(code).join("\n")), "README.zh-CN.md has another handler");
}
