//! The main job through the typed Rust API: order, payment parameters, notification, queries, refund, bill.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use serde_json::{Value, json};
use wechatpay_core::api::NotificationResource;
use wechatpay_core::api::bills::{TarType, TradeBillRequest};
use wechatpay_core::api::payments::jsapi::{JsapiPayer, PrepayRequest};
use wechatpay_core::api::payments::{
    Amount, CloseRequest, QueryByOutTradeNoRequest, QueryByTransactionIdRequest, TradeState, Transaction,
    native,
};
use wechatpay_core::api::refunds::{CreateAmount, CreateRequest, QueryRequest, RefundStatus};
use wechatpay_core::api::security::EchoRequest;
use wechatpay_core::bill::BillReader;
use wechatpay_core::http::Headers;
use wechatpay_core::media::File;
use wechatpay_core::{Client, ErrorKind, Notification};
use wechatpay_sandbox::{Options, Running, Sandbox};
use wechatpay_tests::client::{client, default_options};
use wechatpay_tests::control::Control;

const NOTIFY_URL: &str = "http://127.0.0.1:1/notify";

struct World {
    _sandbox: Running,
    control: Control,
    credentials: Value,
    client: Client,
}

impl World {
    fn new() -> Self {
        let sandbox = Sandbox::start(Options::default()).unwrap();
        let control = Control::new(sandbox.base_url());
        let credentials = control.ask("GET /sandbox/credentials", None).unwrap();
        let client = client(&default_options(&credentials)).unwrap();
        Self { _sandbox: sandbox, control, credentials, client }
    }

    fn credential(&self, name: &str) -> &str {
        self.credentials[name].as_str().unwrap()
    }

    fn order(&self, out_trade_no: &str) -> PrepayRequest {
        PrepayRequest::new(
            self.credential("appid"),
            "龙井茶",
            out_trade_no,
            NOTIFY_URL,
            Amount::new(1234),
            JsapiPayer::new(self.credential("openid")),
        )
    }

    /// The newest notification, handed to the client as a web framework would.
    fn notification(&self) -> Notification {
        let sent = self.control.ask("GET /sandbox/notifications?wait=true", None).unwrap();
        let attempt = &sent["notifications"].as_array().unwrap().last().unwrap()["attempts"][0];
        let headers: Headers = attempt["headers"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (name, value.as_str().unwrap()))
            .collect();
        self.client.parse_notification(&headers, attempt["body"].as_str().unwrap().as_bytes()).unwrap()
    }
}

#[test]
fn from_order_to_checked_bill() {
    let world = World::new();
    let payments = world.client.payments();
    let order = payments.jsapi().prepay(&world.order("TYPED-1")).unwrap();
    let prepay_id = order.prepay_id.as_deref().unwrap();
    assert_eq!(order.serial(), world.credential("wechatpay_public_key_id"));
    assert!(order.request_id().is_some());
    let parameters = world.client.jsapi_payment(world.credential("appid"), prepay_id).unwrap();
    assert_eq!(parameters.package, format!("prepay_id={prepay_id}"));

    world.control.ask(&format!("POST /sandbox/pay/{prepay_id}"), Some(&json!({ "coupon": 34 }))).unwrap();
    let NotificationResource::PaymentsTransaction(paid) = world.notification().typed() else {
        panic!("a payment is typed")
    };
    let amount = paid.amount.as_ref().unwrap();
    assert_eq!((amount.total, amount.payer_total), (Some(1234), Some(1200)));
    let same = |found: &Transaction| {
        assert_eq!(found.trade_state, Some(TradeState::Success));
        assert_eq!(found.transaction_id, paid.transaction_id);
    };
    same(&payments.query_by_out_trade_no(&QueryByOutTradeNoRequest::new("TYPED-1")).unwrap());
    let number = paid.transaction_id.clone().unwrap();
    same(&payments.query_by_transaction_id(&QueryByTransactionIdRequest::new(number)).unwrap());

    let refund = CreateRequest::new("T-1-a", CreateAmount::new(34, 1234))
        .out_trade_no("TYPED-1")
        .reason("商品已售完")
        .notify_url(NOTIFY_URL);
    let refund = world.client.refunds().create(&refund).unwrap();
    assert_eq!(refund.status, Some(RefundStatus::Processing));
    world.control.ask("POST /sandbox/refunds/T-1-a/finish", None).unwrap();
    let NotificationResource::RefundsRefund(refunded) = world.notification().typed() else {
        panic!("a refund is typed")
    };
    assert_eq!(refunded.refund_id, refund.refund_id);
    let refund = world.client.refunds().query(&QueryRequest::new("T-1-a")).unwrap();
    assert_eq!(refund.status, Some(RefundStatus::Success));

    let clock = world.control.ask("GET /sandbox/clock", None).unwrap();
    let request = TradeBillRequest::new(&clock["time"].as_str().unwrap()[..10]).tar_type(TarType::Gzip);
    let announced = world.client.bills().trade_bill(&request).unwrap();
    let mut file = Vec::new();
    let downloaded = world.client.bills().download(&announced, &mut file).unwrap();
    assert!(downloaded.verified);
    let mut bill = BillReader::trade(file.as_slice()).unwrap();
    let rows: Vec<_> = bill.by_ref().map(|row| row.unwrap()).collect();
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|row| row.get("商户订单号") == Some("TYPED-1")));
    assert_eq!(bill.summary().unwrap().fen("订单总金额").unwrap(), Some(1234));
}

#[test]
fn close_self_test_and_upload() {
    let world = World::new();
    let request =
        native::PrepayRequest::new(world.credential("appid"), "tea", "TYPED-2", NOTIFY_URL, Amount::new(1));
    assert!(world.client.payments().native().prepay(&request).unwrap().code_url.is_some());
    world.client.payments().close(&CloseRequest::new("TYPED-2")).unwrap();
    let closed =
        world.client.payments().query_by_out_trade_no(&QueryByOutTradeNoRequest::new("TYPED-2")).unwrap();
    assert_eq!(closed.trade_state, Some(TradeState::Closed));

    let secret = "只给你看的话";
    let echo = world
        .client
        .security()
        .echo(&EchoRequest::new("hello").encrypted_echo_message(secret).notify_url(NOTIFY_URL))
        .unwrap();
    assert_eq!(echo.encrypted_echo_message.as_ref().unwrap().expose(), secret);
    assert!(!format!("{echo:?}").contains(secret), "sensitive text is not shown");
    let notification = world.notification();
    let NotificationResource::SecurityEcho(echoed) = notification.typed() else { panic!("an echo is typed") };
    assert_eq!(echoed.encrypt_echo_message.as_ref().unwrap().expose(), secret);
    assert!(!format!("{notification:?} {echoed:?}").contains(secret));

    let uploaded = world.client.media().upload_image(&File::from_bytes("a.jpg", [0xff, 0xd8, 0xff])).unwrap();
    assert!(uploaded.media_id.is_some());
}

#[test]
fn errors_of_typed_calls_say_what_to_do() {
    let world = World::new();
    let error = world.client.payments().jsapi().prepay(&world.order("1".repeat(33).as_str())).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::InvalidRequest, "TOO_LONG"));
    world.control.ask("POST /sandbox/faults", Some(&json!({ "fault": { "signature": "altered" } }))).unwrap();
    let error = world.client.payments().jsapi().prepay(&world.order("TYPED-3")).unwrap_err();
    assert_eq!((error.kind(), error.outcome_unknown()), (ErrorKind::Verification, true));
    assert!(error.message().contains("payments.query_by_out_trade_no"));
    let found =
        world.client.payments().query_by_out_trade_no(&QueryByOutTradeNoRequest::new("TYPED-3")).unwrap();
    assert_eq!(found.trade_state, Some(TradeState::Notpay));
}
