//! Scalars of another type than documented, where nothing is lost by changing them.
//!
//! WeChat Pay sometimes sends a number where its documentation has text. A payment must not lose its order number for
//! that, so it becomes text before getters look at it. Whole numbers in text are read by the getters themselves.

use serde_json::Value;
use wechatpay_core::operation::{Kind, Model};

/// Deeper than this nothing is changed.
const MAX_DEPTH: usize = 64;

/// Makes text of numbers and booleans where the model has text.
pub(crate) fn fit(model: Model, json: &mut Value) {
    fit_object(model, json, 0);
}

fn fit_object(model: Model, json: &mut Value, depth: usize) {
    let Value::Object(fields) = json else { return };
    if depth > MAX_DEPTH {
        return;
    }
    for field in model.fields() {
        if let Some(value) = fields.get_mut(field.name()) {
            fit_value(field.kind(), value, depth + 1);
        }
    }
}

fn fit_value(kind: Kind, json: &mut Value, depth: usize) {
    match (kind, json) {
        (Kind::String | Kind::Timestamp | Kind::OpenEnum(_), json @ (Value::Number(_) | Value::Bool(_))) => {
            *json = Value::String(json.to_string());
        }
        (Kind::Object(model), json @ Value::Object(_)) => fit_object(model, json, depth),
        (Kind::List(item), Value::Array(values)) => {
            values.iter_mut().for_each(|value| fit_value(item.kind(), value, depth));
        }
        (Kind::Map(item), Value::Object(values)) => {
            values.values_mut().for_each(|value| fit_value(item.kind(), value, depth));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wechatpay_core::operation::{Reply, find};

    use super::*;

    #[test]
    fn numbers_become_text_where_text_is_documented_and_nowhere_else() {
        let Reply::Json(order) = find("payments.query_by_out_trade_no").unwrap().reply() else {
            panic!("no model")
        };
        let mut json = json!({
            "out_trade_no": 1, "trade_state": true, "success_time": 2, "amount": { "total": "100", "currency": 156 },
            "promotion_detail": [{ "coupon_id": 3, "amount": 4, "goods_detail": [{ "goods_id": 5 }, 6] }, "x"],
            "payer": null, "new": 7,
        });
        fit(order, &mut json);
        let fitted = json!({
            "out_trade_no": "1", "trade_state": "true", "success_time": "2",
            "amount": { "total": "100", "currency": "156" },
            "promotion_detail": [{ "coupon_id": "3", "amount": 4, "goods_detail": [{ "goods_id": "5" }, 6] }, "x"],
            "payer": null, "new": 7,
        });
        assert_eq!(json, fitted);
    }
}
