//! Parameters with which a page, a mini-program or an app opens the cashier.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use crate::clock;
use crate::error::Result;
use crate::kernel::Kernel;

use super::value;

/// What `WeixinJSBridge.invoke("getBrandWCPayRequest", …)` and `wx.requestPayment` take. Serialises to exactly the
/// names they expect.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct JsapiPayment {
    /// The appid with which the order was placed.
    pub app_id: String,
    /// Unix seconds, as text: the client side insists on a string.
    pub time_stamp: String,
    /// Random text.
    pub nonce_str: String,
    /// `prepay_id=…`
    pub package: String,
    /// Always `RSA`.
    pub sign_type: String,
    /// Signature in base64.
    pub pay_sign: String,
}

/// What the app SDK's `PayReq` takes.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AppPayment {
    /// The appid with which the order was placed.
    pub appid: String,
    /// The merchant number; of an order that was placed with the appid of a sub-merchant, that of the sub-merchant.
    pub partnerid: String,
    /// The prepay id.
    pub prepayid: String,
    /// Always `Sign=WXPay`.
    pub package: String,
    /// Random text.
    pub noncestr: String,
    /// Unix seconds, as text.
    pub timestamp: String,
    /// Signature in base64.
    pub sign: String,
}

impl fmt::Debug for JsapiPayment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsapiPayment").field("package", &self.package).finish_non_exhaustive()
    }
}

impl fmt::Debug for AppPayment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppPayment").field("prepayid", &self.prepayid).finish_non_exhaustive()
    }
}

impl Kernel {
    /// Signed parameters to open the cashier from a page in WeChat or from a mini-program. They are good for as long
    /// as the prepay id: two hours.
    ///
    /// # Errors
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) when an argument is empty or holds a control character, [`Signing`](crate::ErrorKind::Signing) when the
    /// signer fails.
    pub fn jsapi_payment(&self, appid: &str, prepay_id: &str) -> Result<JsapiPayment> {
        let package = format!("prepay_id={}", value("prepay_id", bare(prepay_id))?);
        let (time_stamp, nonce_str, pay_sign) = self.sign_payment(appid, &package)?;
        Ok(JsapiPayment {
            app_id: appid.to_owned(),
            time_stamp,
            nonce_str,
            package,
            sign_type: "RSA".to_owned(),
            pay_sign,
        })
    }

    /// Signed parameters to open the cashier from an app. They are good for as long as the prepay id: two hours.
    ///
    /// # Errors
    /// As for [`jsapi_payment`](Self::jsapi_payment).
    pub fn app_payment(&self, appid: &str, prepay_id: &str) -> Result<AppPayment> {
        self.app_payment_of(self.mchid(), appid, prepay_id)
    }

    /// As [`app_payment`](Self::app_payment), for an order that a service provider placed: to the sub-merchant's own appid belongs
    /// the sub-merchant's number (<https://pay.weixin.qq.com/doc/v3/partner/4012090168>).
    ///
    /// # Errors
    /// As for [`jsapi_payment`](Self::jsapi_payment).
    pub fn app_payment_of(&self, partnerid: &str, appid: &str, prepay_id: &str) -> Result<AppPayment> {
        let prepay_id = bare(prepay_id);
        let (timestamp, noncestr, sign) = self.sign_payment(appid, prepay_id)?;
        Ok(AppPayment {
            appid: appid.to_owned(),
            partnerid: value("partnerid", partnerid)?.to_owned(),
            prepayid: prepay_id.to_owned(),
            package: "Sign=WXPay".to_owned(),
            noncestr,
            timestamp,
            sign,
        })
    }

    fn sign_payment(&self, appid: &str, last_line: &str) -> Result<(String, String, String)> {
        value("appid", appid)?;
        value("prepay_id", last_line)?;
        let timestamp = self.now().to_string();
        let nonce = clock::nonce(self.nonces())?;
        let message = format!("{appid}\n{timestamp}\n{nonce}\n{last_line}\n");
        let signature = self.sign(message.as_bytes())?;
        Ok((timestamp, nonce, STANDARD.encode(signature)))
    }
}

/// The prepay id, also when it was given with its `prepay_id=` in front.
fn bare(prepay_id: &str) -> &str {
    prepay_id.strip_prefix("prepay_id=").unwrap_or(prepay_id)
}
