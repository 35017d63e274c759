//! Trade and fund-flow bills, made from the orders and refunds of a day, as long as a test wants them.

mod text;

use serde_json::json;

use crate::call::{Call, Reply};
use crate::clock;
use crate::faults::BillFault;
use crate::file::File;
use crate::ids;
use crate::refusal::{Refusal, Result};
use crate::sealed;
use crate::store::State;
use crate::store::files::{self, Found};

use text::{Bill, Kind, rows_of};

pub(crate) fn trade(state: &mut State, call: &Call) -> Result<Reply> {
    let kind = match call.text("bill_type") {
        "" | "ALL" => Kind::All,
        "SUCCESS" => Kind::Success,
        "REFUND" => Kind::Refund,
        _ => return Err(call.bad("bill_type", "沙箱支持ALL、SUCCESS、REFUND")),
    };
    apply(state, call, kind)
}

pub(crate) fn fund_flow(state: &mut State, call: &Call) -> Result<Reply> {
    if !matches!(call.text("account_type"), "" | "BASIC" | "OPERATION" | "FEES" | "ALL") {
        return Err(call.bad("account_type", "应为BASIC、OPERATION、FEES或ALL"));
    }
    apply(state, call, Kind::FundFlow)
}

/// The bill of sub-merchants: the one that the sandbox has, in one part, encrypted.
pub(crate) fn encrypted_fund_flow(state: &mut State, call: &Call) -> Result<Reply> {
    if call.text("algorithm") != "AEAD_AES_256_GCM" {
        return Err(call.bad("algorithm", "沙箱支持AEAD_AES_256_GCM"));
    }
    let (file, mut hash) = file_of(state, call, Kind::FundFlow)?;
    let mut sealed = sealed::seal(&file, &state.keys.merchant_public)?;
    match state.current_fault.bill {
        Some(BillFault::WrongHash) => hash = ids::hex(40),
        Some(BillFault::WrongKey) => {
            sealed.encrypt_key = sealed::seal(&file, &state.keys.merchant_public)?.encrypt_key
        }
        None => {}
    }
    let token = state.files.offer(sealed.file, state.clock.timestamp());
    Ok(json!({
        "download_bill_count": 1,
        "download_bill_list": [{
            "bill_sequence": 1,
            "hash_type": "SHA1",
            "hash_value": hash,
            "download_url": files::address(&call.base_url, &token, false),
            "encrypt_key": sealed.encrypt_key,
            "nonce": sealed.nonce,
        }],
    })
    .into())
}

fn apply(state: &mut State, call: &Call, kind: Kind) -> Result<Reply> {
    let (file, mut hash) = file_of(state, call, kind)?;
    if state.current_fault.bill == Some(BillFault::WrongHash) {
        hash = ids::hex(40);
    }
    let gzip = file.gzip;
    let token = state.files.offer(file, state.clock.timestamp());
    Ok(json!({
        "hash_type": "SHA1",
        "hash_value": hash,
        "download_url": files::address(&call.base_url, &token, gzip),
    })
    .into())
}

/// The bill that is asked for, and its hash.
fn file_of(state: &mut State, call: &Call, kind: Kind) -> Result<(File, String)> {
    let date = call.need("bill_date")?.to_owned();
    let gzip = match call.text("tar_type") {
        "" => false,
        "GZIP" => true,
        _ => return Err(call.bad("tar_type", "应为GZIP，不填则不压缩")),
    };
    if clock::parse(&format!("{date}T00:00:00+08:00")).is_none() {
        return Err(call.bad("bill_date", "格式应为YYYY-MM-DD"));
    }
    let synthetic = state.synthetic_rows.get(&date).copied().unwrap_or_default();
    let rows = rows_of(state, kind, &date);
    if rows.is_empty() && synthetic == 0 {
        return Err(Refusal::new(400, "NO_STATEMENT_EXIST", "账单文件不存在：该日没有交易"));
    }
    let bill = Bill {
        kind,
        date,
        mchid: state.keys.mchid.clone(),
        appid: state.keys.appid.clone(),
        rows,
        synthetic,
    };
    let file = File::new(bill, gzip)
        .map_err(|error| Refusal::new(500, "SYSTEM_ERROR", format!("the bill could not be made: {error}")))?;
    let hash = file.sha1.clone();
    Ok((file, hash))
}

pub(crate) fn download(state: &mut State, call: &Call) -> Result<Reply> {
    match state.files.get(call.text("token"), state.clock.timestamp()) {
        Found::File(file) => Ok(Reply::File(file.clone())),
        Found::Expired => Err(Refusal::invalid("账单下载地址已失效，有效期为5分钟，请重新申请账单")),
        Found::Unknown => Err(Refusal::invalid("账单下载地址有误，请使用申请账单接口返回的download_url")),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use data_encoding::HEXLOWER;
    use serde_json::{Map, Value};
    use sha1::{Digest as _, Sha1};

    use super::*;
    use crate::products::testing::{call, reply, state};
    use crate::products::{payments, refunds};
    use crate::store::files::ADDRESS_LIFE;

    fn day_with_trade() -> (State, String) {
        let mut state = state();
        for (number, fen) in [("A1", 101), ("A2", 250)] {
            let body = json!({
                "appid": state.keys.appid, "mchid": state.keys.mchid, "description": "茶,水\n`1`", "out_trade_no": number,
                "amount": { "total": fen },
            });
            payments::native(&mut state, &call(body)).unwrap();
            payments::pay(&mut state, number, &Map::new()).unwrap();
        }
        let refund =
            json!({ "out_trade_no": "A1", "out_refund_no": "R1", "amount": { "refund": 1, "total": 101 } });
        refunds::create(&mut state, &call(refund)).unwrap();
        refunds::finish(&mut state, "R1", &Map::new()).unwrap();
        let date = clock::date(state.clock.now());
        (state, date)
    }

    fn download_text(state: &mut State, answer: &Value) -> String {
        let url = answer["download_url"].as_str().unwrap();
        let (_, query) = url.split_once('?').unwrap();
        let query = crate::route::parse_query(query).unwrap();
        let Ok(Reply::File(file)) = download(state, &Call { query, ..Call::default() }) else {
            panic!("a file is expected")
        };
        let mut bytes = Vec::new();
        file.write_to(&mut bytes).unwrap();
        let mut text = String::new();
        if file.gzip {
            flate2::read::GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap();
        } else {
            assert_eq!(bytes.len() as u64, file.plain_bytes);
            text = String::from_utf8(bytes).unwrap();
        }
        let hash = HEXLOWER.encode(&Sha1::digest(text.as_bytes()));
        assert_eq!(hash, answer["hash_value"].as_str().unwrap());
        text
    }

    #[test]
    fn bills_agree_with_the_orders_of_the_day() {
        let (mut state, date) = day_with_trade();
        let all = reply(trade(&mut state, &call(json!({ "bill_date": date }))));
        let text = download_text(&mut state, &all);
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert!(lines[0].starts_with("\u{feff}交易时间,公众账号ID"));
        assert_eq!(lines.len(), 1 + 3 + 2 + 1, "{text}");
        assert_eq!(lines[5], "`3,`3.51,`0.01,`0.00,`0.03000,`3.51,`0.01");
        for line in &lines[1..4] {
            assert_eq!(line.split(",`").count(), lines[0].split(',').count(), "{line}");
        }

        assert!(lines[1].contains(r"`茶\ 水\n\`1\`,"), "{}", lines[1]);

        let success = reply(trade(
            &mut state,
            &call(json!({ "bill_date": date, "bill_type": "SUCCESS", "tar_type": "GZIP" })),
        ));
        let text = download_text(&mut state, &success);
        assert!(text.contains("`A1") && !text.contains("`R1"));
        assert!(
            text.ends_with(
                "总交易单数,应结订单总金额,手续费总金额,订单总金额\r\n`2,`3.51,`0.03000,`3.51\r\n"
            ),
            "{text}"
        );
        let refund = reply(trade(&mut state, &call(json!({ "bill_date": date, "bill_type": "REFUND" }))));
        let text = download_text(&mut state, &refund);
        assert!(text.contains("`R1") && !text.contains("`A2"));
        let flow = reply(fund_flow(&mut state, &call(json!({ "bill_date": date }))));
        let text = download_text(&mut state, &flow);
        // Two payments, two fees (0.01 and 0.02 yuan), one refund.
        assert!(text.ends_with("`5,`2,`3.51,`3,`0.04\r\n"), "{text}");
    }

    #[test]
    fn made_up_rows_are_the_same_each_time() {
        let mut state = state();
        state.synthetic_rows.insert("2020-01-01".to_owned(), 1000);
        let answer = reply(trade(&mut state, &call(json!({ "bill_date": "2020-01-01" }))));
        let text = download_text(&mut state, &answer);
        assert_eq!(text.lines().count(), 1003);
        assert_eq!(text, download_text(&mut state, &answer));
    }

    #[test]
    fn a_day_without_trade_has_no_bill_and_an_address_does_not_last() {
        let (mut state, date) = day_with_trade();
        let none = trade(&mut state, &call(json!({ "bill_date": "2001-01-01" }))).unwrap_err();
        assert_eq!(none.code(), "NO_STATEMENT_EXIST");
        assert_eq!(
            trade(&mut state, &call(json!({ "bill_date": "20010101" }))).unwrap_err().code(),
            "PARAM_ERROR"
        );
        let answer = reply(trade(&mut state, &call(json!({ "bill_date": date }))));
        state.clock.offset_seconds += ADDRESS_LIFE;
        let (_, query) = answer["download_url"].as_str().unwrap().split_once('?').unwrap();
        let query = crate::route::parse_query(query).unwrap();
        assert!(download(&mut state, &Call { query, ..Call::default() }).is_err());
    }
}
