//! Who plays the scenarios: the Rust client itself, or the host layer that the other languages' bindings stand on.

use std::fmt::Debug;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value, json};
use wechatpay_core::download::Download;
use wechatpay_core::host::{self, HostClient};
use wechatpay_core::http::{Headers, HttpRequest, HttpResponse, Method};
use wechatpay_core::{CallOptions, Client, Error, Notification, Result, media, operation};

use crate::client;

/// What a scenario can ask of a client.
pub trait Subject {
    /// See `tests/README.md`, as for the other methods.
    fn call(&self, operation: &str, params: Value) -> Result<Value>;
    /// An endpoint without a type.
    fn request(&self, method: &str, path: &str, body: Option<Value>) -> Result<Value>;
    /// First half of a call.
    fn prepare(&self, operation: &str, params: Value) -> Result<HttpRequest>;
    /// Second half of a call.
    fn finish(&self, operation: &str, response: HttpResponse) -> Result<Value>;
    /// Uploads.
    fn upload(&self, operation: &str, params: Value, name: &str, content: Vec<u8>) -> Result<Value>;
    /// An operation that answers with a file, to a path: `{bytes, sha1}`.
    fn call_for_file(&self, operation: &str, params: Value, path: &Path) -> Result<Value>;
    /// Downloads to a path: `{bytes, sha1}`.
    fn download(&self, url: &str, sha1: Option<&str>, path: &Path) -> Result<Value>;
    /// Downloads what an answer announces.
    fn download_announced(&self, answer: &Value, path: &Path) -> Result<Value>;
    /// Verifies and decrypts. With the printed form, as for payment parameters.
    fn parse_notification(&self, headers: &Headers, body: &[u8]) -> Result<(Value, String)>;
    /// The answer to a notification of this type.
    fn answer_notification(&self, kind: Option<&str>, answer: &Value) -> Result<(Value, String)>;
    /// What the client side opens WeChat with, by the name of the function.
    fn front_end(&self, opens: &str, params: &Value) -> Result<(Value, String)>;
    /// Ciphertext and serial.
    fn encrypt_field(&self, text: &str) -> Result<(String, String)>;
    /// Plain text.
    fn decrypt_field(&self, ciphertext: &str) -> Result<String>;
    /// An error as the language shows it.
    fn error(&self, error: &Error) -> Value;
    /// Everything the client prints of itself.
    fn shown(&self) -> String;
    /// This client, for calls that do something otherwise.
    fn with_options(&self, options: &Value) -> Result<Box<dyn Subject>>;
    /// This client, for calls for a sub-merchant.
    fn for_sub_merchant(&self, sub_mchid: &str) -> Result<Box<dyn Subject>>;
}

/// Makes a client from options.
pub type Make = fn(&Map<String, Value>) -> Result<Box<dyn Subject>>;

/// The Rust client.
pub fn rust(options: &Map<String, Value>) -> Result<Box<dyn Subject>> {
    Ok(Box::new(client::client(options)?))
}

/// The host layer: JSON text in, JSON text out.
pub fn host(options: &Map<String, Value>) -> Result<Box<dyn Subject>> {
    Ok(Box::new(HostClient::new(&Value::Object(options.clone()).to_string())?))
}

fn find(id: &str) -> operation::Operation {
    operation::find(id).unwrap_or_else(|| panic!("there is no operation {id}"))
}

impl Subject for Client {
    fn call(&self, operation: &str, params: Value) -> Result<Value> {
        Self::call(self, operation, params)
    }

    fn request(&self, method: &str, path: &str, body: Option<Value>) -> Result<Value> {
        let method = Method::from_name(method).unwrap_or_else(|| panic!("there is no method {method}"));
        Self::request(self, method, path, body).map(|answer| answer.value)
    }

    fn prepare(&self, operation: &str, params: Value) -> Result<HttpRequest> {
        Self::prepare(self, find(operation), params)
    }

    fn finish(&self, operation: &str, response: HttpResponse) -> Result<Value> {
        self.kernel().finish(find(operation), &response).map(|answer| answer.value)
    }

    fn upload(&self, operation: &str, params: Value, name: &str, content: Vec<u8>) -> Result<Value> {
        let params = params.as_object().cloned().unwrap_or_default();
        Self::upload(self, operation, &media::File::from_bytes(name, content).with(params))
    }

    fn call_for_file(&self, operation: &str, params: Value, path: &Path) -> Result<Value> {
        let downloaded = self.download_to_path(&Download::answered(find(operation), params)?, path)?;
        Ok(json!({ "bytes": downloaded.bytes, "sha1": downloaded.sha1 }))
    }

    fn download(&self, url: &str, sha1: Option<&str>, path: &Path) -> Result<Value> {
        let mut download = Download::new(url);
        if let Some(sha1) = sha1 {
            download = download.sha1(sha1);
        }
        let downloaded = self.download_to_path(&download, path)?;
        Ok(json!({ "bytes": downloaded.bytes, "sha1": downloaded.sha1 }))
    }

    fn download_announced(&self, answer: &Value, path: &Path) -> Result<Value> {
        let downloaded = self.download_to_path(&Download::announced(answer)?, path)?;
        Ok(json!({ "bytes": downloaded.bytes, "sha1": downloaded.sha1 }))
    }

    fn parse_notification(&self, headers: &Headers, body: &[u8]) -> Result<(Value, String)> {
        Self::parse_notification(self, headers, body)
            .map(|notification| (notification_json(&notification), format!("{notification:?}")))
    }

    fn answer_notification(&self, kind: Option<&str>, answer: &Value) -> Result<(Value, String)> {
        self.kernel()
            .answer_notification(kind.and_then(operation::notification_named), answer)
            .map(|reply| (json!(reply), format!("{reply:?}")))
    }

    fn front_end(&self, opens: &str, params: &Value) -> Result<(Value, String)> {
        fn seen<T: Serialize + Debug>(made: Result<T>) -> Result<(Value, String)> {
            made.map(|made| (json!(made), format!("{made:?}")))
        }
        let text = |name: &str| params[name].as_str().unwrap_or_default();
        let option = |name: &str| params[name].as_str();
        let front_end = Self::front_end(self);
        match opens {
            "jsapi_payment" => seen(self.jsapi_payment(text("appid"), text("prepay_id"))),
            "app_payment" => {
                let partnerid = option("partnerid").unwrap_or(self.kernel().mchid());
                seen(self.kernel().app_payment_of(partnerid, text("appid"), text("prepay_id")))
            }
            "h5_redirect" => seen(front_end.h5_redirect(text("h5_url"), text("redirect_url"))),
            "native_qr" => seen(front_end.native_qr(text("code_url"))),
            "payscore_order" => seen(front_end.payscore_order(text("package"))),
            "payscore_order_detail" => {
                seen(front_end.payscore_order_detail(text("service_id"), text("out_order_no")))
            }
            "payscore_permission" => seen(front_end.payscore_permission(text("apply_permissions_token"))),
            "coupon_plugin" => {
                let coupons = serde_json::from_value(params["coupons"].clone());
                seen(front_end.coupon_plugin(coupons.unwrap_or_else(|error| panic!("coupons: {error}"))))
            }
            "h5_coupon_url" => seen(front_end.h5_coupon_url(
                text("stock_id"),
                text("out_request_no"),
                text("open_id"),
                option("coupon_code"),
            )),
            "product_coupon" => seen(front_end.product_coupon(text("token"))),
            "member_card" => seen(front_end.member_card(text("token"))),
            "transfer_confirmation" => {
                seen(front_end.transfer_confirmation(text("appid"), text("package_info")))
            }
            "parking_service" => seen(front_end.parking_service(
                text("openid"),
                text("plate_number"),
                text("plate_color"),
                option("sub_mchid"),
            )),
            _ => panic!("nothing of the name {opens} can be opened"),
        }
    }

    fn encrypt_field(&self, text: &str) -> Result<(String, String)> {
        self.kernel().encrypt_field(text)
    }

    fn decrypt_field(&self, ciphertext: &str) -> Result<String> {
        self.kernel().decrypt_field(ciphertext)
    }

    fn error(&self, error: &Error) -> Value {
        client::error_json(error)
    }

    fn shown(&self) -> String {
        format!("{self:?} {:?}", self.kernel())
    }

    fn with_options(&self, options: &Value) -> Result<Box<dyn Subject>> {
        let mut wanted = CallOptions::new();
        for (name, value) in options.as_object().into_iter().flatten() {
            wanted = match name.as_str() {
                "timeout" => wanted.timeout(Duration::from_secs_f64(value.as_f64().unwrap_or_default())),
                "retries" => wanted.retries(value.as_u64().unwrap_or_default() as u32),
                "accept_language" => wanted.accept_language(value.as_str().unwrap_or_default())?,
                "headers" => {
                    value.as_object().into_iter().flatten().try_fold(wanted, |all, (name, value)| {
                        all.header(name.as_str(), value.as_str().unwrap_or_default())
                    })?
                }
                other => panic!("calls have no option {other}"),
            };
        }
        Ok(Box::new(Self::with_options(self, &wanted)))
    }

    fn for_sub_merchant(&self, sub_mchid: &str) -> Result<Box<dyn Subject>> {
        Ok(Box::new(Self::for_sub_merchant(self, sub_mchid)))
    }
}

fn notification_json(notification: &Notification) -> Value {
    json!({
        "id": notification.id,
        "create_time": notification.create_time,
        "event_type": notification.event_type,
        "resource_type": notification.resource_type,
        "summary": notification.summary,
        "original_type": notification.original_type,
        "associated_data": notification.associated_data,
        "serial": notification.serial,
        "type": notification.kind.map(|kind| kind.id()),
        "resource": notification.resource,
    })
}

/// What the host layer gives is JSON.
fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("the host layer gave {text:?}: {error}"))
}

impl Subject for HostClient {
    fn call(&self, operation: &str, params: Value) -> Result<Value> {
        Self::call(self, operation, &params.to_string()).map(|answer| parsed(&answer.json))
    }

    fn request(&self, method: &str, path: &str, body: Option<Value>) -> Result<Value> {
        let body = body.map(|body| body.to_string());
        Self::request(self, method, path, body.as_deref()).map(|answer| parsed(&answer.json))
    }

    fn prepare(&self, operation: &str, params: Value) -> Result<HttpRequest> {
        Self::prepare(self, operation, &params.to_string())
    }

    fn finish(&self, operation: &str, response: HttpResponse) -> Result<Value> {
        let HttpResponse { status, headers, body, .. } = response;
        Self::finish(self, operation, status, headers, body).map(|answer| parsed(&answer.json))
    }

    fn upload(&self, operation: &str, params: Value, name: &str, content: Vec<u8>) -> Result<Value> {
        Self::upload(self, operation, &params.to_string(), name, content).map(|answer| parsed(&answer.json))
    }

    fn call_for_file(&self, operation: &str, params: Value, path: &Path) -> Result<Value> {
        self.call_for_file_to_path(operation, &params.to_string(), path, None).map(|done| parsed(&done))
    }

    fn download(&self, url: &str, sha1: Option<&str>, path: &Path) -> Result<Value> {
        self.download_to_path(url, sha1, path, None).map(|downloaded| parsed(&downloaded))
    }

    fn download_announced(&self, answer: &Value, path: &Path) -> Result<Value> {
        self.download_announced_to_path(&answer.to_string(), path, None).map(|downloaded| parsed(&downloaded))
    }

    fn parse_notification(&self, headers: &Headers, body: &[u8]) -> Result<(Value, String)> {
        Self::parse_notification(self, headers, body)
            .map(|notification| (parsed(&notification), String::new()))
    }

    fn answer_notification(&self, kind: Option<&str>, answer: &Value) -> Result<(Value, String)> {
        Self::answer_notification(self, kind, &answer.to_string())
            .map(|reply| (parsed(&host::reply_json(&reply)), format!("{reply:?}")))
    }

    fn front_end(&self, opens: &str, params: &Value) -> Result<(Value, String)> {
        Self::front_end(self, opens, &params.to_string()).map(|made| (parsed(&made), String::new()))
    }

    fn encrypt_field(&self, text: &str) -> Result<(String, String)> {
        Self::encrypt_field(self, text)
    }

    fn decrypt_field(&self, ciphertext: &str) -> Result<String> {
        Self::decrypt_field(self, ciphertext)
    }

    fn error(&self, error: &Error) -> Value {
        parsed(&host::error_json(error))
    }

    fn shown(&self) -> String {
        format!("{self:?}")
    }

    fn with_options(&self, options: &Value) -> Result<Box<dyn Subject>> {
        Ok(Box::new(Self::with_options(self, &options.to_string())?))
    }

    fn for_sub_merchant(&self, sub_mchid: &str) -> Result<Box<dyn Subject>> {
        Ok(Box::new(Self::with_options(self, &json!({ "sub_mchid": sub_mchid }).to_string())?))
    }
}
