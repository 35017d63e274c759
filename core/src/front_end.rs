//! What a merchant's page, mini-program or app opens WeChat with: the cashier, an order of WeChat Pay score, coupons, the
//! confirmation of a transfer. Made and signed here, passed on to the client side as it is.

mod business_view;
mod cashier;
mod coupons;
mod jumps;
mod links;
mod payscore;
mod transfers;

pub use business_view::BusinessView;
pub use cashier::{AppPayment, JsapiPayment};
pub use coupons::{CouponPlugin, PluginCoupon};
pub use jumps::MiniProgram;
pub use links::native_qr_code;
pub use transfers::TransferConfirmation;

use crate::error::{Error, Result, codes};
use crate::kernel::Kernel;

/// Makes what the client side opens WeChat with, other than the cashier; from [`Kernel::front_end`].
#[derive(Debug, Clone, Copy)]
pub struct FrontEnd<'a>(&'a Kernel);

impl Kernel {
    /// What pages, mini-programs and apps open WeChat with, beside the cashier.
    pub fn front_end(&self) -> FrontEnd<'_> {
        FrontEnd(self)
    }
}

/// A text that becomes part of what is signed or opened.
fn value<'a>(name: &str, text: &'a str) -> Result<&'a str> {
    if text.is_empty() {
        return Err(Error::invalid_request(codes::EMPTY_PARAMETER, format!("{name} must not be empty.")));
    }
    if let Some(control) = text.chars().find(|c| c.is_control()) {
        return Err(Error::invalid_request(
            codes::UNSUPPORTED_CHARACTER,
            format!("{name} holds the control character {control:?}."),
        ));
    }
    Ok(text)
}
