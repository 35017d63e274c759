//! The page for people, and who may use the control plane.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on shall say so and end")]

mod common;

use common::Merchant;
use serde_json::{Value, json};

fn order(merchant: &Merchant, number: &str, description: &str) -> Value {
    json!({
        "appid": merchant.credentials().appid, "mchid": merchant.credentials().mchid, "description": description,
        "out_trade_no": number, "notify_url": "http://127.0.0.1:1/notify", "amount": { "total": 100 },
    })
}

fn get(merchant: &Merchant, path: &str, headers: &[(&str, &str)]) -> (u16, Vec<(String, String)>, String) {
    let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
    let mut request = agent.get(format!("{}{path}", merchant.credentials().base_url));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut answer = request.call().unwrap();
    let headers = answer
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    (answer.status().as_u16(), headers, answer.body_mut().read_to_string().unwrap())
}

#[test]
fn the_page_brings_all_it_needs_and_nothing_from_elsewhere() {
    let merchant = Merchant::new();
    let (status, headers, page) = get(&merchant, "/", &[]);
    assert_eq!(status, 200);
    let policy =
        &headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-security-policy")).unwrap().1;
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert!(!page.contains("http://") && !page.contains("https://") && !page.contains(" style="), "{page}");
    for part in page.split(['"']).filter(|part| part.starts_with("/sandbox/")) {
        assert_eq!(get(&merchant, part, &[]).0, 200, "{part}");
    }
    let script = get(&merchant, "/sandbox/page.js", &[]).2;
    // What a merchant sends must not become markup.
    for risky in
        ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "http://", "https://"]
    {
        assert!(!script.contains(risky), "{risky}");
    }
    // Both languages have every text that the page and its script name.
    for name in page.split("data-text=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(script.contains(&format!("\n  {name}: [")), "{name}");
    }
    let (_, _, usage) = get(&merchant, "/sandbox/usage", &[]);
    assert!(usage.contains(&merchant.credentials().base_url) && !usage.contains("PRIVATE KEY"), "{usage}");
    let requests = serde_json::from_str::<Value>(&get(&merchant, "/sandbox/requests", &[]).2).unwrap();
    assert_eq!(requests["requests"], json!([]), "looking at the page is no request to WeChat Pay");
}

#[test]
fn what_a_merchant_made_is_shown_with_the_code_of_a_native_order() {
    let merchant = Merchant::new();
    let path = "/v3/pay/transactions/native";
    assert_eq!(merchant.post(path, &order(&merchant, "PAGE-1", "<script>alert(1)</script>")).status, 200);
    let shown: Value = serde_json::from_str(&get(&merchant, "/sandbox/objects", &[]).2).unwrap();
    assert_eq!(shown["orders"][0]["description"], "<script>alert(1)</script>");
    assert_eq!(shown["orders"][0]["trade_state"], "NOTPAY");
    let (status, headers, svg) = get(&merchant, "/sandbox/orders/PAGE-1/qr.svg", &[]);
    assert!(status == 200 && svg.starts_with("<svg "), "{status} {svg}");
    assert!(
        headers.contains(&("content-type".to_owned(), "image/svg+xml; charset=utf-8".to_owned())),
        "{headers:?}"
    );
    assert_eq!(get(&merchant, "/sandbox/orders/NONE/qr.svg", &[]).0, 404);

    // A refused request has its reason in the log; the last ones can be asked for.
    assert_eq!(merchant.post(path, &json!({})).status, 400);
    let last: Value = serde_json::from_str(&get(&merchant, "/sandbox/requests?last=1", &[]).2).unwrap();
    let last = last["requests"].as_array().unwrap();
    assert!(
        last.len() == 1 && last[0]["message"].as_str().is_some_and(|why| why.contains("appid")),
        "{last:?}"
    );
}

#[test]
fn pages_of_the_web_do_not_play_the_payer() {
    let merchant = Merchant::new();
    let base_url = merchant.credentials().base_url.clone();
    let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
    let reset = |name: &str, value: &str| {
        agent
            .post(format!("{base_url}/sandbox/reset"))
            .header(name, value)
            .send("")
            .unwrap()
            .status()
            .as_u16()
    };
    assert_eq!(reset("Origin", "https://evil.example"), 403);
    assert_eq!(reset("Origin", "null"), 403);
    assert_eq!(reset("Host", "evil.example"), 403);
    assert_eq!(reset("Origin", &base_url), 200);
    for path in ["/", "/sandbox/credentials", "/sandbox/page.js", "/sandbox/requests"] {
        assert_eq!(get(&merchant, path, &[("Host", "evil.example")]).0, 403, "{path}");
    }
}
