//! WeChat Pay score: the order to confirm, its details, and the permission to order.

use super::{BusinessView, FrontEnd, value};
use crate::clock;
use crate::error::Result;

impl FrontEnd<'_> {
    /// Opens an order of WeChat Pay score for the payer to confirm. `package` is what creating the order answered.
    ///
    /// Source: <https://pay.weixin.qq.com/doc/v3/merchant/4012587949>
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) when it is empty or holds a control character.
    pub fn payscore_order(self, package: &str) -> Result<BusinessView> {
        Ok(BusinessView::new("wxpayScoreUse", &[("package", value("package", package)?)]))
    }

    /// Opens the details of an order of WeChat Pay score. Signed with the APIv2 key.
    ///
    /// Source: <https://pay.weixin.qq.com/doc/v3/merchant/4012587984>
    ///
    /// # Errors
    /// As for [`payscore_order`](Self::payscore_order); [`ErrorKind::Config`](crate::ErrorKind::Config) when the client has no
    /// APIv2 key.
    pub fn payscore_order_detail(self, service_id: &str, out_order_no: &str) -> Result<BusinessView> {
        let key = self.0.api_v2_key()?;
        let (timestamp, nonce) = (self.0.now().to_string(), clock::nonce(self.0.nonces())?);
        let mut data = vec![
            ("mch_id", self.0.mchid()),
            ("service_id", value("service_id", service_id)?),
            ("out_order_no", value("out_order_no", out_order_no)?),
            ("timestamp", &timestamp),
            ("nonce_str", &nonce),
            ("sign_type", "HMAC-SHA256"),
        ];
        let sign = key.sign(&data);
        data.push(("sign", &sign));
        Ok(BusinessView::new("wxpayScoreDetail", &data))
    }

    /// Opens the page on which the payer permits a merchant's orders of WeChat Pay score. The token is what applying for the
    /// permission answered (`payscore.permissions.apply`). The page of this is no longer in the official documentation.
    ///
    /// # Errors
    /// As for [`payscore_order`](Self::payscore_order).
    pub fn payscore_permission(self, apply_permissions_token: &str) -> Result<BusinessView> {
        let token = value("apply_permissions_token", apply_permissions_token)?;
        Ok(BusinessView::new("wxpayScoreEnable", &[("apply_permissions_token", token)]))
    }
}
