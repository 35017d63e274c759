//! Codes that the merchant uploads for a stock.

use serde_json::{Value, json};

use crate::call::{Call, Reply};
use crate::refusal::{Refusal, Result};
use crate::store::State;
use crate::store::busifavor::Code;

/// No code is longer than this.
const LONGEST_CODE: usize = 32;

pub(crate) fn upload(state: &mut State, call: &Call) -> Result<Reply> {
    let number = call.need("upload_request_no")?;
    if let Some(answer) = state.busifavor.repeated("upload", number, &call.content())? {
        return Ok(answer.into());
    }
    let now = state.now_text();
    let stock = state.busifavor.stock(call.text("stock_id"))?;
    if stock.code_mode() != "MERCHANT_UPLOAD" {
        return Err(Refusal::invalid("仅coupon_code_mode为MERCHANT_UPLOAD的批次可以上传code"));
    }
    let list: Vec<&str> = call
        .get("coupon_code_list")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    if list.is_empty() || list.len() > 200 {
        return Err(call.bad("coupon_code_list", "个数应为1至200"));
    }
    let (mut taken, mut exist, mut duplicate, mut failed) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut seen: Vec<&str> = Vec::new();
    for code in list {
        if seen.contains(&code) {
            duplicate.push(code);
            continue;
        }
        seen.push(code);
        let plain =
            code.chars().all(|character| character.is_ascii_alphanumeric() || "-_\\/=| ".contains(character));
        if code.is_empty() || code.len() > LONGEST_CODE {
            failed.push(
                json!({ "coupon_code": code, "code": "LENGTH_LIMIT", "message": "长度超过最大值32位" }),
            );
        } else if !plain {
            failed.push(json!({ "coupon_code": code, "code": "PARAM_ERROR", "message": "含有不支持的字符" }));
        } else if stock.codes.iter().any(|known| known.code == code) {
            exist.push(code);
        } else {
            taken.push(code);
            stock.codes.push(Code { code: code.to_owned(), upload_time: now.clone(), dispatched: None });
        }
    }
    let mut answer = json!({
        "stock_id": stock.id,
        "total_count": seen.len(),
        "success_count": taken.len(),
        "success_codes": taken,
        "success_time": now,
        "fail_count": failed.len(),
    });
    let lists =
        [("fail_codes", json!(failed)), ("exist_codes", json!(exist)), ("duplicate_codes", json!(duplicate))];
    for (name, list) in lists {
        if list.as_array().is_some_and(|list| !list.is_empty()) {
            answer[name] = list;
        }
    }
    state.busifavor.remember("upload", number, &call.content(), &answer);
    Ok(answer.into())
}

pub(crate) fn list(state: &mut State, call: &Call) -> Result<Reply> {
    let stock = state.busifavor.stock(call.text("stock_id"))?;
    let (offset, limit) =
        (call.int("offset").unwrap_or(0).max(0), call.int("limit").unwrap_or(20).clamp(1, 200));
    let wanted = call.text("status");
    let found: Vec<Value> = stock
        .codes
        .iter()
        .map(Code::to_json)
        .filter(|code| wanted.is_empty() || code["code_status"] == wanted)
        .collect();
    let (skip, take) =
        (usize::try_from(offset).unwrap_or_default(), usize::try_from(limit).unwrap_or_default());
    let page: Vec<&Value> = found.iter().skip(skip).take(take).collect();
    Ok(json!({
        "stock_id": stock.id, "total_count": found.len(), "data": page, "offset": offset, "limit": limit,
    })
    .into())
}

fn not_found() -> Refusal {
    Refusal::not_found("RESOURCE_NOT_EXISTS", "code不存在")
}

pub(crate) fn query(state: &mut State, call: &Call) -> Result<Reply> {
    let now = state.clock.now();
    let busifavor = &mut state.busifavor;
    let stock_id = call.text("stock_id");
    let code = call.text("coupon_code");
    let information = busifavor
        .stock(stock_id)?
        .codes
        .iter()
        .find(|known| known.code == code)
        .map(Code::to_json)
        .ok_or_else(not_found)?;
    let mut answer = json!({ "code_information": information });
    let coupon = busifavor.coupons.iter().find(|coupon| coupon.stock_id == stock_id && coupon.code == code);
    if let Some((coupon, stock)) = coupon.zip(busifavor.stocks.get(stock_id)) {
        answer["coupon_information"] = coupon.to_json(stock, now);
    }
    Ok(answer.into())
}

pub(crate) fn delete(state: &mut State, call: &Call) -> Result<Reply> {
    call.need("delete_request_no")?;
    let now = state.now_text();
    let stock = state.busifavor.stock(call.text("stock_id"))?;
    let index =
        stock.codes.iter().position(|known| known.code == call.text("coupon_code")).ok_or_else(not_found)?;
    if !stock.codes[index].is_available() {
        return Err(Refusal::invalid("code已派发，不能删除"));
    }
    stock.codes.remove(index);
    Ok(json!({ "stock_id": stock.id, "delete_time": now }).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::products::busifavor::coupons;
    use crate::products::busifavor::stocks::tests::stock;
    use crate::products::testing::{call, reply, state};

    #[test]
    fn codes_are_sorted_into_taken_known_doubled_and_refused() {
        let mut state = state();
        let id = stock(&mut state, "MERCHANT_UPLOAD");
        let ask = |number: &str, codes: &[&str]| {
            call(json!({ "stock_id": id, "coupon_code_list": codes, "upload_request_no": number }))
        };
        reply(upload(&mut state, &ask("1", &["A1"])));
        let long = "x".repeat(33);
        let answer = reply(upload(&mut state, &ask("2", &["A1", "A2", "A2", &long])));
        assert_eq!(answer["total_count"], 3);
        assert_eq!(answer["success_codes"], json!(["A2"]));
        assert_eq!(answer["exist_codes"], json!(["A1"]));
        assert_eq!(answer["duplicate_codes"], json!(["A2"]));
        assert_eq!(answer["fail_codes"][0]["code"], "LENGTH_LIMIT");
        let page = reply(list(&mut state, &call(json!({ "stock_id": id, "limit": 1, "offset": 1 }))));
        assert_eq!((page["total_count"].as_i64(), page["data"][0]["code"].as_str()), (Some(2), Some("A2")));
        let automatic = stock(&mut state, "WECHATPAY_MODE");
        let wrong =
            call(json!({ "stock_id": automatic, "coupon_code_list": ["A"], "upload_request_no": "3" }));
        assert_eq!(upload(&mut state, &wrong).unwrap_err().code(), "INVALID_REQUEST");
    }

    #[test]
    fn a_code_that_was_handed_out_stays() {
        let mut state = state();
        let id = stock(&mut state, "MERCHANT_UPLOAD");
        let codes = json!({ "stock_id": id, "coupon_code_list": ["A1", "A2"], "upload_request_no": "1" });
        reply(upload(&mut state, &call(codes)));
        let send = json!({ "openid": "o1", "appid": "wx1", "stock_id": id, "out_request_no": "s1" });
        let sent = reply(coupons::send(&mut state, &call(send)));
        let code = sent["send_coupon_result"]["coupon_code"].as_str().unwrap().to_owned();
        let named =
            |code: &str| call(json!({ "stock_id": id, "coupon_code": code, "delete_request_no": "d" }));
        let shown = reply(query(&mut state, &named(&code)));
        assert_eq!(shown["code_information"]["code_status"], "DISPATCHED");
        assert_eq!(shown["coupon_information"]["coupon_state"], "SENDED");
        assert_eq!(delete(&mut state, &named(&code)).unwrap_err().code(), "INVALID_REQUEST");
        let other = if code == "A1" { "A2" } else { "A1" };
        assert!(reply(delete(&mut state, &named(other)))["delete_time"].is_string());
        assert_eq!(query(&mut state, &named(other)).unwrap_err().code(), "RESOURCE_NOT_EXISTS");
        // No code is left.
        let more = json!({ "openid": "o2", "appid": "wx1", "stock_id": id, "out_request_no": "s2" });
        assert_eq!(coupons::send(&mut state, &call(more)).unwrap_err().code(), "RULE_LIMIT");
    }
}
