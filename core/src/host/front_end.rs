//! What the client side opens WeChat with, by name and with JSON: one crossing serves all functions of [`FrontEnd`](crate::FrontEnd).

use serde_json::{Map, Value, json};

use crate::error::{Error, Result, codes};
use crate::kernel::Kernel;

/// Does what the functions of that name do; the parameters have the names that they have there.
pub(super) fn json(kernel: &Kernel, opens: &str, params: &str) -> Result<String> {
    let Ok(Value::Object(given)) = serde_json::from_str(params) else {
        return Err(Error::invalid_request(codes::WRONG_TYPE, format!("{opens} takes parameters by name.")));
    };
    let mut params = Params(given);
    let front_end = kernel.front_end();
    let made = match opens {
        "jsapi_payment" => {
            json!(kernel.jsapi_payment(&params.text("appid")?, &params.text("prepay_id")?)?)
        }
        "app_payment" => {
            let (appid, prepay_id) = (params.text("appid")?, params.text("prepay_id")?);
            let partnerid = params.option("partnerid")?;
            json!(kernel.app_payment_of(
                partnerid.as_deref().unwrap_or(kernel.mchid()),
                &appid,
                &prepay_id
            )?)
        }
        "h5_redirect" => {
            json!(front_end.h5_redirect(&params.text("h5_url")?, &params.text("redirect_url")?)?)
        }
        "native_qr" => json!(front_end.native_qr(&params.text("code_url")?)?),
        "payscore_order" => json!(front_end.payscore_order(&params.text("package")?)?),
        "payscore_order_detail" => {
            json!(
                front_end
                    .payscore_order_detail(&params.text("service_id")?, &params.text("out_order_no")?)?
            )
        }
        "payscore_permission" => {
            json!(front_end.payscore_permission(&params.text("apply_permissions_token")?)?)
        }
        "coupon_plugin" => {
            let coupons = params.0.remove("coupons").unwrap_or_default();
            let coupons = serde_json::from_value(coupons).map_err(|error| wrong("coupons", &error))?;
            json!(front_end.coupon_plugin(coupons)?)
        }
        "h5_coupon_url" => {
            let (stock_id, number) = (params.text("stock_id")?, params.text("out_request_no")?);
            let (open_id, code) = (params.text("open_id")?, params.option("coupon_code")?);
            json!(front_end.h5_coupon_url(&stock_id, &number, &open_id, code.as_deref())?)
        }
        "product_coupon" => json!(front_end.product_coupon(&params.text("token")?)?),
        "member_card" => json!(front_end.member_card(&params.text("token")?)?),
        "transfer_confirmation" => {
            json!(front_end.transfer_confirmation(&params.text("appid")?, &params.text("package_info")?)?)
        }
        "parking_service" => {
            let (openid, plate) = (params.text("openid")?, params.text("plate_number")?);
            let (color, sub_mchid) = (params.text("plate_color")?, params.option("sub_mchid")?);
            json!(front_end.parking_service(&openid, &plate, &color, sub_mchid.as_deref())?)
        }
        _ => {
            return Err(Error::invalid_request(
                codes::UNKNOWN_OPERATION,
                format!("nothing of the name {opens:?} can be opened."),
            ));
        }
    };
    match params.0.keys().next() {
        None => Ok(made.to_string()),
        Some(name) => {
            Err(Error::invalid_request(codes::UNKNOWN_PARAMETER, format!("{opens} has no parameter {name}.")))
        }
    }
}

/// Parameters that are not used yet.
struct Params(Map<String, Value>);

impl Params {
    fn option(&mut self, name: &str) -> Result<Option<String>> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Error::invalid_request(codes::WRONG_TYPE, format!("{name} must be text."))),
        }
    }

    fn text(&mut self, name: &str) -> Result<String> {
        self.option(name)?
            .ok_or_else(|| Error::invalid_request(codes::MISSING_PARAMETER, format!("{name} is missing.")))
    }
}

fn wrong(name: &str, error: &serde_json::Error) -> Error {
    Error::invalid_request(codes::WRONG_TYPE, format!("{name} is not what the plugin takes: {error}."))
}
