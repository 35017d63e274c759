//! The main job through the typed Rust API: order, payment parameters, notification, queries, refund, bill.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use serde_json::{Value, json};
use wechatpay::api::bills::{TarType, TradeBillRequest};
use wechatpay::api::fapiao::applications::{FileType, UploadFileRequest};
use wechatpay::api::global::bills::DownloadStatementRequest;
use wechatpay::api::payments::jsapi::{JsapiPayer, PrepayRequest};
use wechatpay::api::payments::{
    Amount, CloseRequest, QueryByOutTradeNoRequest, QueryByTransactionIdRequest, TradeState, Transaction,
    native,
};
use wechatpay::api::refunds::{CreateAmount, CreateRequest, QueryRequest, RefundStatus};
use wechatpay::api::security::EchoRequest;
use wechatpay::bill::BillReader;
use wechatpay::http::Headers;
use wechatpay::media::File;
use wechatpay::{Api, Client, ErrorKind, Notification, NotificationResource};
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
        PrepayRequest::new()
            .with_appid(self.credential("appid"))
            .with_description("龙井茶")
            .with_out_trade_no(out_trade_no)
            .with_notify_url(NOTIFY_URL)
            .with_amount(Amount::new().with_total(1234))
            .with_payer(JsapiPayer::new().with_openid(self.credential("openid")))
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
    let prepay_id = order.prepay_id().unwrap();
    assert_eq!(order.signed_by(), world.credential("wechatpay_public_key_id"));
    assert!(order.request_id().is_some());
    let parameters = world.client.jsapi_payment(world.credential("appid"), prepay_id).unwrap();
    assert_eq!(parameters.package, format!("prepay_id={prepay_id}"));

    world.control.ask(&format!("POST /sandbox/pay/{prepay_id}"), Some(&json!({ "coupon": 34 }))).unwrap();
    let NotificationResource::PaymentsTransaction(paid) = NotificationResource::of(&world.notification())
    else {
        panic!("a payment is typed")
    };
    let amount = paid.amount().unwrap();
    assert_eq!((amount.total(), amount.payer_total()), (Some(1234), Some(1200)));
    let same = |found: &Transaction| {
        assert_eq!(found.trade_state(), Some(TradeState::Success));
        assert_eq!(found.transaction_id(), paid.transaction_id());
    };
    same(
        &payments
            .query_by_out_trade_no(&QueryByOutTradeNoRequest::new().with_out_trade_no("TYPED-1"))
            .unwrap(),
    );
    let number = paid.transaction_id().unwrap();
    same(
        &payments
            .query_by_transaction_id(&QueryByTransactionIdRequest::new().with_transaction_id(number))
            .unwrap(),
    );

    let refund = CreateRequest::new()
        .with_out_trade_no("TYPED-1")
        .with_out_refund_no("T-1-a")
        .with_amount(CreateAmount::new().with_refund(34).with_total(1234).with_currency("CNY"))
        .with_reason("商品已售完")
        .with_notify_url(NOTIFY_URL);
    let refund = world.client.refunds().create(&refund).unwrap();
    assert_eq!(refund.status(), Some(RefundStatus::Processing));
    world.control.ask("POST /sandbox/refunds/T-1-a/finish", None).unwrap();
    let NotificationResource::RefundsRefund(refunded) = NotificationResource::of(&world.notification())
    else {
        panic!("a refund is typed")
    };
    assert_eq!(refunded.refund_id(), refund.refund_id());
    let refund = world.client.refunds().query(&QueryRequest::new().with_out_refund_no("T-1-a")).unwrap();
    assert_eq!(refund.status(), Some(RefundStatus::Success));

    let clock = world.control.ask("GET /sandbox/clock", None).unwrap();
    let request = TradeBillRequest::new()
        .with_bill_date(&clock["time"].as_str().unwrap()[..10])
        .with_tar_type(TarType::Gzip);
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
    let request = native::PrepayRequest::new()
        .with_appid(world.credential("appid"))
        .with_description("tea")
        .with_out_trade_no("TYPED-2")
        .with_notify_url(NOTIFY_URL)
        .with_amount(Amount::new().with_total(1));
    assert!(world.client.payments().native().prepay(&request).unwrap().code_url().is_some());
    world.client.payments().close(&CloseRequest::new().with_out_trade_no("TYPED-2")).unwrap();
    let closed = world
        .client
        .payments()
        .query_by_out_trade_no(&QueryByOutTradeNoRequest::new().with_out_trade_no("TYPED-2"))
        .unwrap();
    assert_eq!(closed.trade_state(), Some(TradeState::Closed));

    let secret = "只给你看的话";
    let echo = world
        .client
        .security()
        .echo(
            &EchoRequest::new()
                .with_echo_message("hello")
                .with_encrypted_echo_message(secret)
                .with_notify_url(NOTIFY_URL),
        )
        .unwrap();
    assert_eq!(echo.encrypted_echo_message().unwrap().expose(), secret);
    assert!(!format!("{echo:?}").contains(secret), "sensitive text is not shown");
    let notification = world.notification();
    let NotificationResource::SecurityEcho(echoed) = NotificationResource::of(&notification) else {
        panic!("an echo is typed")
    };
    assert_eq!(echoed.encrypt_echo_message().unwrap().expose(), secret);
    assert!(!format!("{notification:?} {echoed:?}").contains(secret));

    let uploaded = world.client.media().upload_image(&File::from_bytes("a.jpg", [0xff, 0xd8, 0xff])).unwrap();
    assert!(uploaded.media_id().is_some());
}

#[test]
fn files_uploads_with_fields_and_undocumented_answers() {
    let world = World::new();
    let (bills, fapiao) = (world.client.global(), world.client.fapiao());
    let request = DownloadStatementRequest::new().with_date("20260808");
    let mut statement = Vec::new();
    let done = bills.bills().download_statement(&request, &mut statement).unwrap();
    assert!(done.verified && done.bytes == statement.len() as u64);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("statement.csv");
    bills.bills().download_statement_to_path(&request, &path).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), statement);
    let rule = json!({ "match": { "operation": "global.bills.download_statement" }, "fault": { "alter_body": true } });
    world.control.ask("POST /sandbox/faults", Some(&rule)).unwrap();
    let error = bills.bills().download_statement(&request, &mut Vec::new()).unwrap_err();
    assert_eq!(
        (error.kind(), error.operation()),
        (ErrorKind::Integrity, Some("global.bills.download_statement"))
    );

    let fields = UploadFileRequest::new().with_sub_mchid("1900000109").with_file_type(FileType::Pdf);
    let invoice = File::from_bytes("a.pdf", *b"%PDF-");
    let uploaded = fapiao.applications().upload_file(&fields, &invoice).unwrap();
    assert!(uploaded.fapiao_media_id().is_some());
    let error = fapiao.applications().upload_file(&UploadFileRequest::new(), &invoice).unwrap_err();
    assert_eq!(error.code(), "MISSING_PARAMETER");

    let request = wechatpay::api::devices::speakers::QueryRequest::new().with_device_sn("7522164923628376");
    let answer = world.client.devices().speakers().query(&request).unwrap();
    assert!(answer.is_object() && answer.request_id().is_some());
    let rule = json!({ "match": { "operation": "devices.speakers.query" }, "fault": { "status": 204 } });
    world.control.ask("POST /sandbox/faults", Some(&rule)).unwrap();
    assert!(world.client.devices().speakers().query(&request).unwrap().json().is_null());
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
    let found = world
        .client
        .payments()
        .query_by_out_trade_no(&QueryByOutTradeNoRequest::new().with_out_trade_no("TYPED-3"))
        .unwrap();
    assert_eq!(found.trade_state(), Some(TradeState::Notpay));
}
