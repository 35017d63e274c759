//! Three notifications that must be refused. The sandbox sends them for real, to the same listener, and each is a good
//! notification but for one thing.

use serde_json::{Value, json};
use wechatpay_core::ErrorKind;

use crate::show;
use crate::world::{Result, World, demand};

pub(crate) fn run(world: &World) -> Result<()> {
    let attacks = [
        ("the body was altered on the way", json!({ "alter_body": true }), "SIGNATURE_MISMATCH"),
        ("an old notification, 301 seconds", json!({ "timestamp_offset": -301 }), "CLOCK_OFF"),
        ("WeChat Pay's own probe (SIGNTEST)", json!({ "signature": "probe" }), "SIGNTEST_PROBE"),
    ];
    for (what, fault, code) in attacks {
        show::step(&format!("Attack: {what}"));
        send(world, &fault)?;
        match world.next_outcome()? {
            Ok(_) => return Err("the notification was accepted".into()),
            Err(error) => {
                show::fact("refused", &error);
                demand(error.kind() == ErrorKind::Verification, "an error of verification")?;
                demand(error.code() == code, &format!("the code {code}"))?;
            }
        }
    }
    show::step("The same notification unharmed");
    send(world, &Value::Null)?;
    world.notification("TRANSACTION.SUCCESS")?;
    Ok(())
}

/// Has the sandbox send a notification with this fault.
fn send(world: &World, fault: &Value) -> Result<()> {
    if !fault.is_null() {
        world.sandbox(
            "faults",
            &json!({ "match": { "notification": "TRANSACTION.SUCCESS" }, "fault": fault }),
        )?;
    }
    world.sandbox(
        "notifications",
        &json!({
            "event_type": "TRANSACTION.SUCCESS",
            "original_type": "transaction",
            "resource": {
                "mchid": world.mchid,
                "appid": world.appid,
                "out_trade_no": "DEMO-ATTACK",
                "trade_state": "SUCCESS",
                "amount": { "total": 1 },
            },
            "notify_url": world.notify_url,
        }),
    )?;
    Ok(())
}
