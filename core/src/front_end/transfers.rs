//! Transfers that the payee confirms.

use std::fmt;

use serde::Serialize;

use super::business_view::query;
use super::{FrontEnd, value};
use crate::error::Result;

/// What opens the page on which a payee confirms a transfer. A mini-program and a page in WeChat give `mchId`, `appId` and
/// `package` to `requestMerchantTransfer`; an app gives `businessType` and `query` to `WXOpenBusinessView`.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TransferConfirmation {
    /// The merchant number.
    pub mch_id: String,
    /// The appid with which the transfer was made.
    pub app_id: String,
    /// The `package_info` that making the transfer answered.
    pub package: String,
    /// For an app: always `requestMerchantTransfer`.
    pub business_type: String,
    /// The same as a query string, for an app.
    pub query: String,
}

impl fmt::Debug for TransferConfirmation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransferConfirmation").field("app_id", &self.app_id).finish_non_exhaustive()
    }
}

impl FrontEnd<'_> {
    /// Opens the page on which a payee confirms a transfer, or permits transfers without being asked. `package_info` is what
    /// making the transfer or asking for the permission answered. That the page was shown says nothing about the money: query the
    /// transfer.
    ///
    /// Source: <https://pay.weixin.qq.com/doc/v3/merchant/4012716430>
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) when a text is empty or holds a control character.
    pub fn transfer_confirmation(self, appid: &str, package_info: &str) -> Result<TransferConfirmation> {
        let (appid, package) = (value("appid", appid)?, value("package_info", package_info)?);
        let mchid = self.0.mchid();
        Ok(TransferConfirmation {
            mch_id: mchid.to_owned(),
            app_id: appid.to_owned(),
            package: package.to_owned(),
            business_type: "requestMerchantTransfer".to_owned(),
            query: query(&[("mchId", mchid), ("appId", appid), ("package", package)]),
        })
    }
}
