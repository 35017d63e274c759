//! Jumps from a merchant's mini-program to one of WeChat Pay's.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::{FrontEnd, value};
use crate::error::Result;

/// What `wx.navigateToMiniProgram` takes.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct MiniProgram {
    /// The mini-program of WeChat Pay.
    pub app_id: String,
    /// The page in it.
    pub path: String,
    /// What it is told.
    pub extra_data: BTreeMap<String, String>,
}

impl fmt::Debug for MiniProgram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MiniProgram").field("path", &self.path).finish_non_exhaustive()
    }
}

impl FrontEnd<'_> {
    /// Opens the page on which a car owner starts the parking service for a plate. `plate_color` is one of the spec's colours, such
    /// as `BLUE`; a service provider names the sub-merchant. What came of it is asked with `parking.services.find`.
    ///
    /// Source: <https://pay.weixin.qq.com/doc/v3/merchant/4012284186>
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) when a text is empty or holds a control character.
    pub fn parking_service(
        self,
        openid: &str,
        plate_number: &str,
        plate_color: &str,
        sub_mchid: Option<&str>,
    ) -> Result<MiniProgram> {
        let mut data = vec![
            ("mchid", self.0.mchid()),
            ("openid", value("openid", openid)?),
            ("plate_number", value("plate_number", plate_number)?),
            ("plate_color", value("plate_color", plate_color)?),
            ("trade_scene", "PARKING"),
        ];
        if let Some(sub_mchid) = sub_mchid {
            data.push(("sub_mchid", value("sub_mchid", sub_mchid)?));
        }
        Ok(MiniProgram {
            app_id: "wxbcad394b3d99dac9".to_owned(),
            path: "pages/auth-creditpay/auth-creditpay".to_owned(),
            extra_data: data.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        })
    }
}
