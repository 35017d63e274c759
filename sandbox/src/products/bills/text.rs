//! The text of a bill: headings, rows and summary, as WeChat Pay writes them.

use std::borrow::Cow;
use std::io::{self, Write};

use crate::clock;
use crate::file::Content;
use crate::store::State;
use crate::store::orders::Order;
use crate::store::refunds::Refund;

#[path = "../../generated/bill_headings.rs"]
mod headings;

use headings::Heading;

/// Fee in ten-thousandths of the amount.
const FEE_RATE: i64 = 60;

/// Which rows a bill holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    All,
    Success,
    Refund,
    FundFlow,
}

/// One line: its values, and what it adds to the summary (fen).
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
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
pub(super) struct Bill {
    pub(super) kind: Kind,
    pub(super) date: String,
    pub(super) mchid: String,
    pub(super) appid: String,
    pub(super) rows: Vec<Row>,
    /// Rows made up on the fly, after the real ones.
    pub(super) synthetic: u64,
}

/// The rows of a day, in the order of time.
pub(super) fn rows_of(state: &State, kind: Kind, date: &str) -> Vec<Row> {
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
            appid: order.appid(),
            mchid: order.mchid(),
            sub_mchid: order.sub_mchid(),
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
            appid: order.appid(),
            mchid: order.mchid(),
            sub_mchid: order.sub_mchid(),
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
    /// Empty without a partner.
    sub_mchid: &'a str,
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
        if trade.sub_mchid.is_empty() { "0" } else { trade.sub_mchid },
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
    values.extend([escaped(trade.description), escaped(trade.attach), fee_text(fee), rate(), yuan(order)]);
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
    let fee = fee(order.total()) / 1_000;
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
    /// The line of column names, and that of the totals.
    fn headings(&self) -> (String, String) {
        let line = |headings: &[Heading], bill_type: &str| {
            let has = |heading: &&Heading| heading.1.is_empty() || heading.1.contains(&bill_type);
            let names: Vec<&str> = headings.iter().filter(has).map(|heading| heading.0).collect();
            names.join(",")
        };
        let (columns, totals, bill_type) = match self.kind {
            Kind::All => (headings::TRADE, headings::TRADE_TOTALS, "ALL"),
            Kind::Success => (headings::TRADE, headings::TRADE_TOTALS, "SUCCESS"),
            Kind::Refund => (headings::TRADE, headings::TRADE_TOTALS, "REFUND"),
            Kind::FundFlow => (headings::FUND_FLOW, headings::FUND_FLOW_TOTALS, ""),
        };
        (line(columns, bill_type), line(totals, bill_type))
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
                sub_mchid: "",
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
}

/// UTF-8 with a byte order mark, lines ending CRLF.
impl Content for Bill {
    fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut sum = Row::default();
        let (mut count, mut incomes, mut expenses) = (0_u64, 0_u64, 0_u64);
        let (columns, totals) = self.headings();
        write!(out, "\u{feff}{columns}\r\n")?;
        let synthetic = (0..self.synthetic).map(|number| Cow::Owned(self.synthetic_row(number)));
        let rows = self.rows.iter().map(Cow::Borrowed).chain(synthetic);
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
        write!(out, "{totals}\r\n")?;
        if self.kind == Kind::FundFlow {
            let values = [
                count.to_string(),
                incomes.to_string(),
                yuan(sum.income),
                expenses.to_string(),
                yuan(sum.expense),
            ];
            push_line(&mut line, values.iter().map(String::as_str));
        } else if self.kind == Kind::Success {
            let values = [count.to_string(), yuan(sum.settlement), fee_text(sum.fee), yuan(sum.order)];
            push_line(&mut line, values.iter().map(String::as_str));
        } else {
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

/// In whole fen, as it is booked; in hundred-thousandths of a yuan, as bills have it.
const fn fee(fen: i64) -> i64 {
    let half = if fen < 0 { -5_000 } else { 5_000 };
    (fen * FEE_RATE + half) / 10_000 * 1_000
}

/// What a merchant wrote must not look like the end of a value or of a line.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | '\'' | '"' | '`' => out.extend(['\\', character]),
            ',' => out.push_str("\\ "),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            other => out.push(other),
        }
    }
    out
}

fn fee_text(fee: i64) -> String {
    format!("{}{}.{:05}", if fee < 0 { "-" } else { "" }, fee.abs() / 100_000, fee.abs() % 100_000)
}

fn rate() -> String {
    format!("{}.{:02}%", FEE_RATE / 100, FEE_RATE % 100)
}
