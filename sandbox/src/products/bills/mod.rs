//! Trade and fund-flow bills, made from the orders and refunds of a day, as long as a test wants them.

mod text;

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::Arc;

use serde_json::json;
use sha1::{Digest as _, Sha1};

use crate::call::{Call, Reply};
use crate::clock;
use crate::faults::BillFault;
use crate::ids;
use crate::refusal::{Outcome, Refusal};
use crate::state::State;

use text::{Bill, Kind, rows_of};

/// A download address is good for this many seconds.
const ADDRESS_LIFE: i64 = 300;

/// A bill as a file: written again for each download, never held in memory.
#[derive(Debug, Clone)]
pub(crate) struct BillFile {
    bill: Arc<Bill>,
    pub(crate) gzip: bool,
    /// Length of the text in bytes.
    pub(crate) plain_bytes: u64,
}

impl BillFile {
    /// Writes the file as it is downloaded.
    pub(crate) fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.gzip {
            let mut encoder = flate2::write::GzEncoder::new(out, flate2::Compression::fast());
            self.bill.write_to(&mut encoder)?;
            encoder.finish()?;
            return Ok(());
        }
        self.bill.write_to(out)
    }
}

/// Bills that can be downloaded, and how long the bills of a day are.
#[derive(Debug, Default)]
pub(crate) struct Bills {
    by_token: HashMap<String, (BillFile, i64)>,
    synthetic: HashMap<String, u64>,
}

impl Bills {
    /// Adds this many made-up rows to the bills of a day.
    pub(crate) fn set_synthetic(&mut self, date: &str, rows: u64) {
        self.synthetic.insert(date.to_owned(), rows);
    }
}

pub(crate) fn trade(state: &mut State, call: &Call) -> Outcome<Reply> {
    let kind = match call.text("bill_type") {
        "" | "ALL" => Kind::All,
        "SUCCESS" => Kind::Success,
        "REFUND" => Kind::Refund,
        _ => return Err(call.bad("bill_type", "沙箱支持ALL、SUCCESS、REFUND")),
    };
    apply(state, call, kind)
}

pub(crate) fn fund_flow(state: &mut State, call: &Call) -> Outcome<Reply> {
    if !matches!(call.text("account_type"), "" | "BASIC" | "OPERATION" | "FEES" | "ALL") {
        return Err(call.bad("account_type", "应为BASIC、OPERATION、FEES或ALL"));
    }
    apply(state, call, Kind::FundFlow)
}

fn apply(state: &mut State, call: &Call, kind: Kind) -> Outcome<Reply> {
    let date = call.need("bill_date")?.to_owned();
    let gzip = match call.text("tar_type") {
        "" => false,
        "GZIP" => true,
        _ => return Err(call.bad("tar_type", "应为GZIP，不填则不压缩")),
    };
    if clock::parse(&format!("{date}T00:00:00+08:00")).is_none() {
        return Err(call.bad("bill_date", "格式应为YYYY-MM-DD"));
    }
    let synthetic = state.bills.synthetic.get(&date).copied().unwrap_or_default();
    let rows = rows_of(state, kind, &date);
    if rows.is_empty() && synthetic == 0 {
        return Err(Refusal::new(400, "NO_STATEMENT_EXIST", "账单文件不存在：该日没有交易"));
    }
    let bill = Arc::new(Bill {
        kind,
        date,
        mchid: state.keys.mchid.clone(),
        appid: state.keys.appid.clone(),
        rows,
        synthetic,
    });
    let mut measure = Measure::default();
    bill.write_to(&mut measure)
        .map_err(|error| Refusal::new(500, "SYSTEM_ERROR", format!("the bill could not be made: {error}")))?;
    let mut hash = hex(&measure.hash.finalize());
    if state.current_fault.bill == Some(BillFault::WrongHash) {
        hash = hex(&ids::random_bytes::<20>());
    }
    let token = ids::alphanumeric(64);
    let file = BillFile { bill, gzip, plain_bytes: measure.bytes };
    state.bills.by_token.insert(token.clone(), (file, state.clock.timestamp() + ADDRESS_LIFE));
    let tail = if gzip { "&tartype=gzip" } else { "" };
    Ok(json!({
        "hash_type": "SHA1",
        "hash_value": hash,
        "download_url": format!("{}/v3/billdownload/file?token={token}{tail}", call.base_url),
    })
    .into())
}

pub(crate) fn download(state: &mut State, call: &Call) -> Outcome<Reply> {
    let now = state.clock.timestamp();
    match state.bills.by_token.get(call.text("token")) {
        Some((file, expires)) if now < *expires => Ok(Reply::File(file.clone())),
        Some(_) => Err(Refusal::invalid("账单下载地址已失效，有效期为5分钟，请重新申请账单")),
        None => Err(Refusal::invalid("账单下载地址有误，请使用申请账单接口返回的download_url")),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Hash and length of what is written.
#[derive(Default)]
struct Measure {
    hash: Sha1,
    bytes: u64,
}

impl Write for Measure {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use serde_json::{Map, Value};

    use super::*;
    use crate::products::testing::{call, reply, state};
    use crate::products::{payments, refunds};

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
        assert_eq!(hex(&Sha1::digest(text.as_bytes())), answer["hash_value"].as_str().unwrap());
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
        state.bills.set_synthetic("2020-01-01", 1000);
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
