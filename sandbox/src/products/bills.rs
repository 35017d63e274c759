//! Trade and fund-flow bills, made from the orders and refunds of a day, as long as a test wants them.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::Arc;

use serde_json::json;
use sha1::{Digest as _, Sha1};

use crate::call::{Call, Reply};
use crate::clock;
use crate::faults::BillFault;
use crate::ids;
use crate::products::payments::Order;
use crate::products::refunds::Refund;
use crate::refusal::{Outcome, Refusal};
use crate::state::State;

/// A download address is good for this many seconds.
const ADDRESS_LIFE: i64 = 300;
/// Fee in ten-thousandths of the amount.
const FEE_RATE: i64 = 60;

const TRADE_START: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额";
const TRADE_REFUND: &str = "微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态";
const TRADE_END: &str = "商品名称,商户数据包,手续费,费率,订单金额";
const TRADE_SUMMARY: &str =
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额";
const FUND_FLOW: &str = "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号";
const FUND_FLOW_SUMMARY: &str = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额";

/// Which rows a bill holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    All,
    Success,
    Refund,
    FundFlow,
}

/// One line: its values, and what it adds to the summary (fen).
#[derive(Debug, Clone, Default)]
struct Row {
    values: Vec<String>,
    settlement: i64,
    refund: i64,
    /// In hundred-thousandths of a yuan.
    fee: i64,
    order: i64,
    income: i64,
    expense: i64,
}

/// A bill that was applied for.
#[derive(Debug)]
pub(crate) struct Bill {
    kind: Kind,
    date: String,
    mchid: String,
    appid: String,
    rows: Vec<Row>,
    /// Rows made up on the fly, after the real ones.
    synthetic: u64,
}

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

fn rows_of(state: &State, kind: Kind, date: &str) -> Vec<Row> {
    let mut rows: Vec<(i64, Row)> = Vec::new();
    for order in state.orders.iter() {
        let Some(paid_at) = order.paid_at.filter(|moment| clock::date(*moment) == date) else { continue };
        let at = paid_at.unix_timestamp();
        match kind {
            Kind::All | Kind::Success => rows.push((at, order_row(order, &clock::bill_time(paid_at), kind))),
            Kind::FundFlow => rows.extend(order_flow(order, &clock::bill_time(paid_at)).map(|row| (at, row))),
            Kind::Refund => {}
        }
    }
    for refund in state.refunds.iter() {
        let Some(order) = state.orders.get(&refund.out_trade_no) else { continue };
        if clock::date(refund.created_at) != date {
            continue;
        }
        let at = refund.created_at.unix_timestamp();
        match kind {
            Kind::All | Kind::Refund => rows.push((at, refund_row(refund, order, kind))),
            Kind::FundFlow if refund.status == "SUCCESS" => rows.push((at, refund_flow(refund))),
            Kind::Success | Kind::FundFlow => {}
        }
    }
    rows.sort_by(|(one, one_row), (other, other_row)| {
        (one, &one_row.values).cmp(&(other, &other_row.values))
    });
    rows.into_iter().map(|(_, row)| row).collect()
}

fn order_row(order: &Order, time: &str, kind: Kind) -> Row {
    let total = order.total();
    trade_row(
        kind,
        &Trade {
            time,
            appid: order.text("appid"),
            mchid: order.text("mchid"),
            transaction_id: order.transaction_id.as_deref().unwrap_or_default(),
            out_trade_no: &order.out_trade_no,
            openid: &order.openid,
            trade_type: order.trade_type,
            bank: &order.bank_type,
            total,
            coupon: order.coupon,
            description: order.text("description"),
            attach: order.text("attach"),
            refund: None,
        },
    )
}

fn refund_row(refund: &Refund, order: &Order, kind: Kind) -> Row {
    trade_row(
        kind,
        &Trade {
            time: &clock::bill_time(refund.created_at),
            appid: order.text("appid"),
            mchid: order.text("mchid"),
            transaction_id: &refund.transaction_id,
            out_trade_no: &refund.out_trade_no,
            openid: &order.openid,
            trade_type: order.trade_type,
            bank: &order.bank_type,
            total: order.total(),
            coupon: order.coupon,
            description: order.text("description"),
            attach: order.text("attach"),
            refund: Some(refund),
        },
    )
}

/// What a line of a trade bill is made of.
struct Trade<'a> {
    time: &'a str,
    appid: &'a str,
    mchid: &'a str,
    transaction_id: &'a str,
    out_trade_no: &'a str,
    openid: &'a str,
    trade_type: &'a str,
    bank: &'a str,
    total: i64,
    coupon: i64,
    description: &'a str,
    attach: &'a str,
    refund: Option<&'a Refund>,
}

fn trade_row(kind: Kind, trade: &Trade<'_>) -> Row {
    let refunded = trade.refund.map_or(0, |refund| refund.refund);
    let (settlement, coupon, state) =
        if trade.refund.is_some() { (0, 0, "REFUND") } else { (trade.total, trade.coupon, "SUCCESS") };
    let order = if trade.refund.is_some() { 0 } else { trade.total };
    let fee = fee(settlement - refunded);
    let mut values: Vec<String> = [
        trade.time,
        trade.appid,
        trade.mchid,
        "0",
        "",
        trade.transaction_id,
        trade.out_trade_no,
        trade.openid,
        trade.trade_type,
        state,
        trade.bank,
        "CNY",
    ]
    .map(str::to_owned)
    .to_vec();
    values.extend([yuan(settlement), yuan(coupon)]);
    if kind == Kind::Refund {
        let moment = |moment| clock::bill_time(moment);
        values.push(trade.refund.map(|refund| moment(refund.created_at)).unwrap_or_default());
        values.push(trade.refund.and_then(|refund| refund.succeeded_at).map(moment).unwrap_or_default());
    }
    if kind != Kind::Success {
        let (refund_id, out_refund_no, status) = trade.refund.map_or(("0", "0", ""), |refund| {
            (refund.refund_id.as_str(), refund.out_refund_no.as_str(), refund.status)
        });
        let kind = if trade.refund.is_some() { "ORIGINAL" } else { "" };
        values.extend([
            refund_id.into(),
            out_refund_no.into(),
            yuan(refunded),
            yuan(0),
            kind.into(),
            status.into(),
        ]);
    }
    values.extend([trade.description.into(), trade.attach.into(), fee_text(fee), rate(), yuan(order)]);
    if kind != Kind::Success {
        values.push(yuan(refunded));
    }
    values.push(String::new());
    Row { values, settlement, refund: refunded, fee, order, ..Row::default() }
}

fn order_flow(order: &Order, time: &str) -> impl Iterator<Item = Row> {
    let transaction_id = order.transaction_id.clone().unwrap_or_default();
    let row = |name: &str, income: i64, expense: i64| Row {
        values: vec![
            time.to_owned(),
            transaction_id.clone(),
            format!("{}{}", transaction_id, if income > 0 { "1" } else { "2" }),
            name.to_owned(),
            name.to_owned(),
            if income > 0 { "收入" } else { "支出" }.to_owned(),
            yuan(income + expense),
            String::new(),
            "system".to_owned(),
            String::new(),
            order.out_trade_no.clone(),
        ],
        income,
        expense,
        ..Row::default()
    };
    // The fee is taken in whole fen.
    let fee = (order.total() * FEE_RATE + 5_000) / 10_000;
    let mut rows = vec![row("交易", order.total(), 0)];
    if fee > 0 {
        rows.push(row("扣除交易手续费", 0, fee));
    }
    rows.into_iter()
}

fn refund_flow(refund: &Refund) -> Row {
    Row {
        values: vec![
            clock::bill_time(refund.succeeded_at.unwrap_or(refund.created_at)),
            refund.transaction_id.clone(),
            refund.refund_id.clone(),
            "退款".to_owned(),
            "退款".to_owned(),
            "支出".to_owned(),
            yuan(refund.refund),
            String::new(),
            "system".to_owned(),
            "退款总金额".to_owned(),
            refund.out_refund_no.clone(),
        ],
        expense: refund.refund,
        ..Row::default()
    }
}

impl Bill {
    fn headings(&self) -> String {
        match self.kind {
            Kind::All => format!("{TRADE_START},{TRADE_REFUND},{TRADE_END},申请退款金额,费率备注"),
            Kind::Success => format!("{TRADE_START},{TRADE_END},费率备注"),
            Kind::Refund => {
                format!(
                    "{TRADE_START},退款申请时间,退款成功时间,{TRADE_REFUND},{TRADE_END},申请退款金额,费率备注"
                )
            }
            Kind::FundFlow => FUND_FLOW.to_owned(),
        }
    }

    /// The made-up row of this number; the same each time the bill is written.
    fn synthetic_row(&self, number: u64) -> Row {
        let fen = i64::try_from(number % 100_000).unwrap_or_default() + 1;
        let day = self.date.replace('-', "");
        let transaction_id = format!("4200009999{day}{number:010}");
        let out_trade_no = format!("SYNTHETIC{number:012}");
        let time =
            format!("{} {:02}:{:02}:{:02}", self.date, number / 3600 % 24, number / 60 % 60, number % 60);
        if self.kind == Kind::FundFlow {
            let values = [
                &time,
                &transaction_id,
                &transaction_id,
                "交易",
                "交易",
                "收入",
                &yuan(fen),
                "",
                "system",
                "",
                &out_trade_no,
            ];
            return Row { values: values.map(str::to_owned).to_vec(), income: fen, ..Row::default() };
        }
        trade_row(
            self.kind,
            &Trade {
                time: &time,
                appid: &self.appid,
                mchid: &self.mchid,
                transaction_id: &transaction_id,
                out_trade_no: &out_trade_no,
                openid: "oSynthetic",
                trade_type: "JSAPI",
                bank: "OTHERS",
                total: fen,
                coupon: 0,
                description: "沙箱, 合成的行",
                attach: "",
                refund: None,
            },
        )
    }

    /// Writes the text of the bill: UTF-8 with a byte order mark, lines ending CRLF.
    fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut sum = Row::default();
        let (mut count, mut incomes, mut expenses) = (0_u64, 0_u64, 0_u64);
        write!(out, "\u{feff}{}\r\n", self.headings())?;
        let synthetic = (0..self.synthetic).map(|number| std::borrow::Cow::Owned(self.synthetic_row(number)));
        let rows = self.rows.iter().map(std::borrow::Cow::Borrowed).chain(synthetic);
        let mut line = String::new();
        for row in rows {
            line.clear();
            push_line(&mut line, row.values.iter().map(String::as_str));
            out.write_all(line.as_bytes())?;
            count += 1;
            sum.settlement += row.settlement;
            sum.refund += row.refund;
            sum.fee += row.fee;
            sum.order += row.order;
            sum.income += row.income;
            sum.expense += row.expense;
            incomes += u64::from(row.income > 0);
            expenses += u64::from(row.expense > 0);
        }
        line.clear();
        if self.kind == Kind::FundFlow {
            write!(out, "{FUND_FLOW_SUMMARY}\r\n")?;
            let values = [
                count.to_string(),
                incomes.to_string(),
                yuan(sum.income),
                expenses.to_string(),
                yuan(sum.expense),
            ];
            push_line(&mut line, values.iter().map(String::as_str));
        } else {
            write!(out, "{TRADE_SUMMARY}\r\n")?;
            let values = [
                count.to_string(),
                yuan(sum.settlement),
                yuan(sum.refund),
                yuan(0),
                fee_text(sum.fee),
                yuan(sum.order),
                yuan(sum.refund),
            ];
            push_line(&mut line, values.iter().map(String::as_str));
        }
        out.write_all(line.as_bytes())
    }
}

/// Every value stands behind a back-tick, so that spreadsheets take it for text.
fn push_line<'a>(line: &mut String, values: impl Iterator<Item = &'a str>) {
    for (index, value) in values.enumerate() {
        if index > 0 {
            line.push(',');
        }
        line.push('`');
        line.push_str(value);
    }
    line.push_str("\r\n");
}

fn yuan(fen: i64) -> String {
    format!("{}{}.{:02}", if fen < 0 { "-" } else { "" }, fen.abs() / 100, fen.abs() % 100)
}

/// In hundred-thousandths of a yuan, exactly.
const fn fee(fen: i64) -> i64 {
    fen * FEE_RATE / 10
}

fn fee_text(fee: i64) -> String {
    format!("{}{}.{:05}", if fee < 0 { "-" } else { "" }, fee.abs() / 100_000, fee.abs() % 100_000)
}

fn rate() -> String {
    format!("{}.{:02}%", FEE_RATE / 100, FEE_RATE % 100)
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
                "appid": state.keys.appid, "mchid": state.keys.mchid, "description": "茶,水", "out_trade_no": number,
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
        assert_eq!(lines[5], "`3,`3.51,`0.01,`0.00,`0.02100,`3.51,`0.01");
        for line in &lines[1..4] {
            assert_eq!(line.split(",`").count(), lines[0].split(',').count(), "{line}");
        }

        let success = reply(trade(
            &mut state,
            &call(json!({ "bill_date": date, "bill_type": "SUCCESS", "tar_type": "GZIP" })),
        ));
        let text = download_text(&mut state, &success);
        assert!(text.contains("`A1") && !text.contains("`R1"));
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
