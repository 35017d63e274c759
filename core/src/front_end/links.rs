//! Addresses of payments: where a browser goes for an H5 order, and the picture of a Native order.

use qrcodegen::{QrCode, QrCodeEcc};

use super::business_view::query;
use super::{FrontEnd, value};
use crate::error::{Error, Result, codes};

/// Modules that stay white around the code, as the standard wants.
const MARGIN: i32 = 4;

impl FrontEnd<'_> {
    /// Address to which a browser is sent to pay an H5 order, and from which it comes back to `redirect_url`. The host of
    /// `redirect_url` must be one of the domains set for H5 payments. That the browser is back says nothing about the money: query the
    /// order.
    ///
    /// Source: <https://pay.weixin.qq.com/doc/v3/merchant/4012791835>
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) when one of them is no address for a browser, or the first
    /// has a `redirect_url` already.
    pub fn h5_redirect(self, h5_url: &str, redirect_url: &str) -> Result<String> {
        let h5_url = value("h5_url", h5_url)?;
        let redirect_url = value("redirect_url", redirect_url)?;
        if !h5_url.starts_with("https://") || h5_url.contains('#') {
            return Err(wrong("h5_url", "must be the address that placing the H5 order answered, unchanged"));
        }
        if !redirect_url.starts_with("https://") && !redirect_url.starts_with("http://") {
            return Err(wrong("redirect_url", "must be a whole address, from https:// on"));
        }
        let (_, asked) = h5_url.split_once('?').unwrap_or((h5_url, ""));
        if asked.split('&').any(|part| part.starts_with("redirect_url=")) {
            return Err(wrong("h5_url", "has a redirect_url already"));
        }
        let between = if h5_url.contains('?') { '&' } else { '?' };
        Ok(format!("{h5_url}{between}{}", query(&[("redirect_url", redirect_url)])))
    }

    /// The QR code of a Native order, as a picture: SVG without size, black on white.
    ///
    /// Source: <https://pay.weixin.qq.com/doc/v3/merchant/4012791878>
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) when it is not the `code_url` of an order.
    pub fn native_qr(self, code_url: &str) -> Result<String> {
        native_qr_code(code_url)
    }
}

/// What [`FrontEnd::native_qr`] makes, which needs no key.
///
/// # Errors
/// As there.
pub fn native_qr_code(code_url: &str) -> Result<String> {
    let code_url = value("code_url", code_url)?;
    if !code_url.starts_with("weixin://") {
        return Err(wrong(
            "code_url",
            "must be what placing the Native order answered; it starts with weixin://",
        ));
    }
    let code = QrCode::encode_text(code_url, QrCodeEcc::Medium)
        .map_err(|error| Error::invalid_request(codes::TOO_LONG, format!("code_url: {error}.")))?;
    let side = code.size() + 2 * MARGIN;
    let mut dark = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            dark.push_str(&format!("M{},{}h1v1h-1z", x + MARGIN, y + MARGIN));
        }
    }
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0,0h{side}v{side}h-{side}z\"/><path d=\"{dark}\"/></svg>"
    ))
}

fn wrong(name: &str, what: &str) -> Error {
    Error::invalid_request(codes::BAD_URL, format!("{name} {what}."))
}
