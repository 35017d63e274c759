//! Coupons that are handed out on the client side: the plugin of mini-programs, the link for pages, and the components that take a
//! token.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::business_view::query;
use super::{BusinessView, FrontEnd, value};
use crate::error::{Error, Result, codes};

/// Most coupons that the plugin hands out at once.
const MOST_COUPONS: usize = 10;

/// A coupon that the plugin shall hand out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PluginCoupon {
    /// Number of the stock.
    pub stock_id: String,
    /// The merchant's number of this handing out: the same number gives the coupon once.
    pub out_request_no: String,
    /// Code of the coupon, of a merchant's stock whose codes are named when they are handed out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coupon_code: Option<String>,
    /// Merchant who made the stock; needed for cash coupons (`favor`), not taken for a merchant's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub create_coupon_merchant: Option<String>,
    /// When the payer got the coupon by the merchant's own books, RFC 3339; of a merchant's stock that counts days from there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customize_send_time: Option<String>,
}

/// What the plugin `send-coupon` takes. The mini-program gives each member to the attribute of the same name.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CouponPlugin {
    /// The coupons.
    pub send_coupon_params: Vec<PluginCoupon>,
    /// The merchant who hands them out.
    pub send_coupon_merchant: String,
    /// Signature over both.
    pub sign: String,
}

impl fmt::Debug for CouponPlugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CouponPlugin")
            .field("send_coupon_params", &self.send_coupon_params)
            .finish_non_exhaustive()
    }
}

impl FrontEnd<'_> {
    /// Hands out one to ten coupons through the plugin of mini-programs. Signed with the APIv2 key.
    ///
    /// Source: <https://pay.weixin.qq.com/doc/v3/merchant/4012285674>
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) when there are no coupons or too many, or a text is empty or
    /// holds a control character; [`ErrorKind::Config`](crate::ErrorKind::Config) when the client has no APIv2 key.
    pub fn coupon_plugin(self, coupons: Vec<PluginCoupon>) -> Result<CouponPlugin> {
        if coupons.is_empty() || coupons.len() > MOST_COUPONS {
            let code = if coupons.is_empty() { codes::EMPTY_PARAMETER } else { codes::TOO_LONG };
            return Err(Error::invalid_request(
                code,
                format!("the plugin hands out 1 to {MOST_COUPONS} coupons at once, not {}.", coupons.len()),
            ));
        }
        let mut signed = vec![("send_coupon_merchant".to_owned(), self.0.mchid())];
        for (index, coupon) in coupons.iter().enumerate() {
            let given = [
                ("stock_id", Some(&coupon.stock_id)),
                ("out_request_no", Some(&coupon.out_request_no)),
                ("coupon_code", coupon.coupon_code.as_ref()),
                ("create_coupon_merchant", coupon.create_coupon_merchant.as_ref()),
                ("customize_send_time", coupon.customize_send_time.as_ref()),
            ];
            for (name, text) in given {
                let Some(text) = text else { continue };
                signed.push((format!("{name}{index}"), value(name, text)?));
            }
        }
        let signed: Vec<_> = signed.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        let sign = self.0.api_v2_key()?.sign(&signed);
        Ok(CouponPlugin {
            send_coupon_params: coupons,
            send_coupon_merchant: self.0.mchid().to_owned(),
            sign,
        })
    }

    /// Address of the page on which a payer takes a merchant's coupon: a page inside WeChat sends the payer there. Nothing comes
    /// back; the user's coupons tell what became of it (`busifavor.coupons.list`). Signed with the APIv2 key.
    ///
    /// Source: <https://pay.weixin.qq.com/doc/v3/merchant/4012285783>
    ///
    /// # Errors
    /// As for [`coupon_plugin`](Self::coupon_plugin).
    pub fn h5_coupon_url(
        self,
        stock_id: &str,
        out_request_no: &str,
        open_id: &str,
        coupon_code: Option<&str>,
    ) -> Result<String> {
        let mut data = vec![
            ("stock_id", value("stock_id", stock_id)?),
            ("out_request_no", value("out_request_no", out_request_no)?),
            ("send_coupon_merchant", self.0.mchid()),
            ("open_id", value("open_id", open_id)?),
        ];
        if let Some(code) = coupon_code {
            data.push(("coupon_code", value("coupon_code", code)?));
        }
        let sign = self.0.api_v2_key()?.sign(&data);
        data.push(("sign", &sign));
        Ok(format!(
            "https://action.weixin.qq.com/busifavor/getcouponinfo?{}#wechat_pay&wechat_redirect",
            query(&data)
        ))
    }

    /// Opens the component in which a payer takes product coupons. The token is what handing them out beforehand answered
    /// (`product_coupons.user_coupons.pre_send`).
    ///
    /// Source: <https://pay.weixin.qq.com/doc/v3/partner/4016434346>
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) when it is empty or holds a control character.
    pub fn product_coupon(self, token: &str) -> Result<BusinessView> {
        let token = value("token", token)?;
        Ok(BusinessView::new("wxpayCouponUse", &[("action", "receiveCoupon"), ("token", token)]))
    }

    /// Opens the component in which a payer becomes a member of a brand. The token is good for an hour.
    ///
    /// Source: <https://pay.weixin.qq.com/doc/v3/partner/4015273633>
    ///
    /// # Errors
    /// As for [`product_coupon`](Self::product_coupon).
    pub fn member_card(self, token: &str) -> Result<BusinessView> {
        let token = value("token", token)?;
        Ok(BusinessView::new("wxpayCardMember", &[("token", token), ("scene", "CARD_MEMBER")]))
    }
}
