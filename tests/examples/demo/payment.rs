//! An order from prepay to bill. The first calls are typed; the others go by the operation's name, with JSON: both
//! ways check, sign and verify the same.

use std::fs::File;
use std::io::BufReader;

use serde_json::json;
use wechatpay::Api;
use wechatpay::api::bills::{TarType, TradeBillRequest};
use wechatpay::api::payments::jsapi::{JsapiPayer, PrepayRequest};
use wechatpay::api::payments::{Amount, QueryByOutTradeNoRequest, TradeState};
use wechatpay::bill::BillReader;

use crate::show;
use crate::world::{Result, World, demand, text_of};

/// Price in fen: 12.34 yuan.
const TOTAL: i64 = 1234;
/// What goes back to the payer, in fen.
const REFUND: i64 = 234;

pub(crate) fn run(world: &World) -> Result<()> {
    let out_trade_no = format!("{}TEA", world.number());
    let out_refund_no = format!("{out_trade_no}R");

    show::step("Place an order");
    let order = world.client.payments().jsapi().prepay(
        &PrepayRequest::new()
            .with_appid(&world.appid)
            .with_description("Two cups of tea / 两杯茶")
            .with_out_trade_no(&out_trade_no)
            .with_notify_url(&world.notify_url)
            .with_amount(Amount::new().with_total(TOTAL))
            .with_payer(JsapiPayer::new().with_openid(&world.openid))
            .with_attach("table 7"),
    )?;
    show::verified(&order);
    let prepay_id = order.prepay_id().ok_or("no prepay_id in the answer")?;
    show::fact("prepay_id", prepay_id);

    show::step("Sign the parameters with which the mini program opens the cashier");
    let parameters = world.client.jsapi_payment(&world.appid, prepay_id)?;
    show::fact("package", &parameters.package);
    show::fact("paySign", format!("{}…", parameters.pay_sign.get(..40).unwrap_or_default()));

    show::step("The payer pays; WeChat Pay notifies us");
    world.sandbox(&format!("pay/{out_trade_no}"), &json!({}))?;
    let paid = world.notification("TRANSACTION.SUCCESS")?;
    demand(paid.resource["out_trade_no"] == *out_trade_no, "the notification to be about our order")?;
    demand(paid.resource["amount"]["total"] == TOTAL, "the notification to carry our price")?;

    show::step("Ask for the order's state: a notification may be lost, the query is what counts");
    let order = world
        .client
        .payments()
        .query_by_out_trade_no(&QueryByOutTradeNoRequest::new().with_out_trade_no(&out_trade_no))?;
    show::verified(&order);
    show::fact("state", order.trade_state().map_or("none".to_owned(), |state| state.to_string()));
    show::fact("transaction", order.transaction_id().unwrap_or("none"));
    demand(order.trade_state() == Some(TradeState::Success), "the order to be SUCCESS")?;

    show::step("Refund a part");
    let refund = world.call(
        "refunds.create",
        json!({
            "out_trade_no": out_trade_no,
            "out_refund_no": out_refund_no,
            "reason": "one cup was cold",
            "notify_url": world.notify_url,
            "amount": { "refund": REFUND, "total": TOTAL, "currency": "CNY" },
        }),
    )?;
    show::fact("state", text_of(&refund, "status")?);
    world.sandbox(&format!("refunds/{out_refund_no}/finish"), &json!({}))?;
    let refunded = world.notification("REFUND.SUCCESS")?;
    demand(refunded.resource["amount"]["refund"] == REFUND, "the refund of our amount")?;
    let refund = world.call("refunds.query", json!({ "out_refund_no": out_refund_no }))?;
    show::fact("state", text_of(&refund, "status")?);
    demand(refund["status"] == "SUCCESS", "the refund to be SUCCESS")?;

    show::step("Download the day's bill and check its hash");
    let day = text_of(order.json(), "success_time")?.get(..10).unwrap_or_default();
    let bills = world.client.bills();
    let announced =
        bills.trade_bill(&TradeBillRequest::new().with_bill_date(day).with_tar_type(TarType::Gzip))?;
    show::verified(&announced);
    show::fact("announced", announced.hash_value().unwrap_or("no hash"));
    let path = world.folder.join(format!("trade-bill-{day}.csv"));
    let file = bills.download_to_path(&announced, &path)?;
    show::fact("file", format!("{} ({} bytes)", path.display(), file.bytes));
    show::fact("SHA-1", &file.sha1);
    demand(file.verified && announced.hash_value() == Some(file.sha1.as_str()), "the announced SHA-1")?;

    let mut reader = BillReader::trade(BufReader::new(File::open(&path)?))?;
    let mut ours = 0;
    for row in &mut reader {
        let row = row?;
        let trade = row.trade()?;
        let [at, number, state] = [row.get("交易时间"), trade.out_trade_no(), trade.trade_state()];
        let [at, number, state] = [at, number, state].map(Option::unwrap_or_default);
        let (total, refund) = (trade.total()?.unwrap_or(0), trade.refund_amount()?.unwrap_or(0));
        show::fact("row", format!("{at} {number} {state}: order {total} fen, refund {refund} fen"));
        if number == out_trade_no && state == "SUCCESS" {
            demand(total == TOTAL, "the bill to have our price")?;
            ours += 1;
        }
    }
    let totals = reader.summary().ok_or("the bill has no totals")?;
    show::fact(
        "totals",
        totals.iter().map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", "),
    );
    demand(ours == 1, "our order in the bill, once")
}
