//! Bills that were cut, and totals that do not fit.

use super::*;

/// What reading gives: rows, and the codes of the errors.
fn outcome(reader: Result<BillReader<&[u8]>>) -> (usize, Vec<String>) {
    let (mut rows, mut codes) = (0, Vec::new());
    match reader {
        Err(error) => codes.push(error.code().to_owned()),
        Ok(reader) => {
            for row in reader {
                match row {
                    Ok(_) => rows += 1,
                    Err(error) => codes.push(error.code().to_owned()),
                }
            }
        }
    }
    (rows, codes)
}

fn codes(text: &str) -> Vec<String> {
    outcome(BillReader::new(text.as_bytes())).1
}

fn differences(text: &str) -> Error {
    let error = BillReader::new(text.as_bytes()).unwrap().find_map(Result::err).unwrap();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Malformed, "BILL_TOTALS"), "{error}");
    error
}

#[test]
fn every_cut_is_an_error() {
    for bill in [TRADE.to_owned(), TRADE.replace("\r\n", "\n"), format!("{FUND}\n")] {
        let whole = bill.trim_end().len();
        for end in 0..bill.len() {
            let cut = &bill.as_bytes()[..end];
            let (rows, codes) = outcome(BillReader::new(cut));
            // Without the last line end nothing is missing.
            assert_eq!(codes.is_empty(), end >= whole, "{end}: {codes:?}");
            if end < whole {
                assert!(
                    outcome(BillReader::trade(cut)).1.len() + outcome(BillReader::fund_flow(cut)).1.len()
                        >= 2
                );
                let first = codes[0].as_str();
                assert!(first.starts_with("BILL_") && first != "BILL_TAIL", "{end}: {codes:?}");
            }
            assert!(rows <= 2);
        }
    }
}

#[test]
fn half_a_row_is_not_handed_out() {
    let last_value = TRADE.find("`\r\n总交易单数").unwrap();
    let text = format!("{}`726", &TRADE[..last_value]);
    for end in last_value + 1..=text.len() {
        assert_eq!(outcome(BillReader::new(&text.as_bytes()[..end])), (1, vec!["BILL_CUT".to_owned()]));
    }
    // After a whole row.
    let end = TRADE.find("总交易单数").unwrap();
    assert_eq!(outcome(BillReader::new(&TRADE.as_bytes()[..end])), (2, vec!["BILL_CUT".to_owned()]));
    let error = BillReader::new(&TRADE.as_bytes()[..end]).unwrap().find_map(Result::err).unwrap();
    assert_eq!(error.detail().unwrap()["line"], 3);
    assert!(error.message().contains("totals"), "{error}");
}

#[test]
fn totals_that_are_cut_or_followed_by_more() {
    assert_eq!(codes("列1,列2\n总交易单数,x\n"), ["BILL_CUT"]);
    let (rows, totals) = read("列1,列2\n总交易单数,x\n`0,`0.00\n\n`1,`2\n`3,`4\n");
    assert_eq!(rows.len(), 1, "two files in one are told once");
    assert_eq!(rows[0].as_ref().unwrap_err().code(), "BILL_TAIL");
    assert!(totals.is_some());
    assert_eq!(codes(&format!("{TRADE}{TRADE}")), ["BILL_TAIL"]);
    assert_eq!(codes("列1,列2\n总交易单数,x\n`0\n"), ["BILL_ROW"]);
}

#[test]
fn every_total_that_is_documented_is_compared() {
    for (total, wrong) in [
        ("`2,`12.30,`5.00,`0.00,`0.04000,`12.30,`5.00", "`3,`12.30,`5.00,`0.00,`0.04000,`12.30,`5.00"),
        ("`2,`12.30,", "`2,`12.31,"),
        (",`5.00,`0.00,`0.04000", ",`-5.00,`0.00,`0.04000"),
        ("`0.00,`0.04000", "`0.01,`0.04000"),
        ("`0.04000,`12.30", "`0.04000,`0.00"),
        ("`12.30,`5.00\r\n", "`12.30,`\r\n"),
    ] {
        assert!(TRADE.ends_with("\r\n") && TRADE.contains(total));
        differences(&TRADE.replace(total, wrong));
    }
    for (total, wrong) in [
        ("`1,`0,`0.00,`1,`0.01", "`2,`0,`0.00,`2,`0.01"),
        ("`1,`0,`0.00,`1,`0.01", "`1,`1,`0.00,`0,`0.01"),
        ("`1,`0,`0.00,`1,`0.01", "`1,`0,`0.01,`1,`0.00"),
    ] {
        differences(&FUND.replace(total, wrong));
    }
}

#[test]
fn differences_are_named() {
    let second = TRADE.match_indices("`2026-08-08").nth(1).unwrap().0;
    let end = TRADE.find("总交易单数").unwrap();
    let error = differences(&format!("{}{}", &TRADE[..second], &TRADE[end..]));
    assert!(error.message().contains("总交易单数 announces 2, the rows give 1."), "{error}");
    assert!(error.message().contains("退款总金额 announces 5.00, the rows give 0.00."), "{error}");
    assert!(!error.message().contains("应结订单总金额"), "what fits is not named: {error}");
    let detail = error.detail().unwrap();
    assert_eq!(detail["line"], 4);
    assert_eq!(
        detail["differences"][0],
        serde_json::json!({ "total": "总交易单数", "announced": "2", "counted": "1" })
    );
    // The totals stay readable after the error.
    let text = TRADE.replace("`2,`12.30", "`2,`0.01");
    let mut bill = BillReader::trade(text.as_bytes()).unwrap();
    assert_eq!(bill.by_ref().filter_map(Result::err).count(), 1);
    assert_eq!(bill.summary().unwrap().get("应结订单总金额"), Some("0.01"));
}

#[test]
fn what_cannot_be_added_up_is_said() {
    let error = differences(&TRADE.replace("`12.30,`0.00,`0,`0", "`twelve,`0.00,`0,`0"));
    assert!(error.message().contains("应结订单金额 is not an amount on line 2"), "{error}");
    // A bill of a known kind says how many rows it has.
    let error = differences(&TRADE.replace("总交易单数,", "总笔数,"));
    assert!(error.message().contains("总交易单数 announces nothing, the rows give 2"), "{error}");
}

#[test]
fn totals_of_other_shapes() {
    // A total of a column that the rows do not have, no back-tick in front of the count, counts out of a spreadsheet.
    let success = TRADE
        .replace(",退款金额,充值券退款金额,", ",甲,乙,")
        .replace("`2,`12.30,`5.00,", "2.0,`12.3,`9.99,")
        .replace("微信退款单号,商户退款单号", "丙,丁");
    assert_eq!(codes(&success), Vec::<String>::new());
    // Sums beyond 64 bits neither wrap nor panic.
    let huge =
        format!("列1,订单金额\n{}总交易单数,订单总金额\n`2,`1.00\n", "`1,`92233720368547758.07\n".repeat(2));
    let error = differences(&huge);
    assert!(error.message().contains("the rows give 184467440737095516.14"), "{error}");
}

#[test]
fn a_row_that_cannot_be_read_leaves_the_sums_alone() {
    let text = TRADE.replace("`T1,`oUpF8uMuAJO_M2pxb1Q9zNjWeS6o,`JSAPI,`REFUND", "`T1,`REFUND");
    assert_eq!(codes(&text), ["BILL_ROW"]);
    let text = text.replace("`2,`12.30,`5.00", "`3,`12.30,`5.00");
    assert_eq!(codes(&text), ["BILL_ROW", "BILL_TOTALS"]);
}

#[test]
fn without_totals_nothing_is_demanded() {
    let end = TRADE.find("总交易单数").unwrap();
    for (text, rows) in [(&TRADE[..end], 2), (TRADE, 2), (&TRADE.replace("`2,`12.30", "`7,`1")[..], 2)] {
        assert_eq!(outcome(BillReader::without_totals(text.as_bytes())), (rows, Vec::new()));
    }
    let mut bill = BillReader::without_totals(TRADE.as_bytes()).unwrap();
    assert_eq!(bill.by_ref().count(), 2);
    assert!(bill.summary().is_some(), "taken as they are");
    assert_eq!(outcome(BillReader::without_totals(b"not a bill".as_slice())).1, ["BILL_HEADER"]);
}

proptest! {
    /// Bills of any length and any amounts: whole, they read without an error; cut or with a row less, they do not.
    #[test]
    fn only_whole_bills_end_without_an_error(
        amounts in prop::collection::vec((0_i64..10_000_000, 0_i64..10_000_000, any::<bool>()), 0..20),
        fund in any::<bool>(),
        at: prop::sample::Index,
        gone: prop::sample::Index,
    ) {
        let lines = if fund { fund_lines(&amounts) } else { trade_lines(&amounts) };
        let text = lines.join("\r\n") + "\r\n";
        prop_assert_eq!(outcome(BillReader::new(text.as_bytes())), (amounts.len(), Vec::<String>::new()));
        let end = at.index(text.trim_end().len());
        prop_assert!(!outcome(BillReader::new(&text.as_bytes()[..end])).1.is_empty());
        if !amounts.is_empty() {
            let mut fewer = lines.clone();
            fewer.remove(1 + gone.index(amounts.len()));
            prop_assert!(!outcome(BillReader::new(fewer.join("\r\n").as_bytes())).1.is_empty());
        }
    }
}

fn yuan(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

fn trade_lines(amounts: &[(i64, i64, bool)]) -> Vec<String> {
    let mut lines = vec![
        "交易时间,微信订单号,商户订单号,交易状态,应结订单金额,微信退款单号,商户退款单号,退款金额,订单金额,申请退款金额".to_owned(),
    ];
    let (mut settled, mut refunded) = (0, 0);
    for (number, (paid, back, is_refund)) in amounts.iter().enumerate() {
        let (paid, back) = if *is_refund { (0, *back) } else { (*paid, 0) };
        let (one, other) = (yuan(paid), yuan(back));
        lines.push(format!(
            "`2026-08-08 00:00:00,`42{number},`T{number},`SUCCESS,`{one},`0,`0,`{other},`{one},`{other}"
        ));
        settled += paid;
        refunded += back;
    }
    lines.push("总交易单数,应结订单总金额,退款总金额,订单总金额,申请退款总金额".to_owned());
    let (one, other) = (yuan(settled), yuan(refunded));
    lines.push(format!("`{},`{one},`{other},`{one},`{other}", amounts.len()));
    lines
}

fn fund_lines(amounts: &[(i64, i64, bool)]) -> Vec<String> {
    let mut lines = vec![FUND.lines().next().unwrap().to_owned()];
    let mut sums = [(0, 0); 2];
    for (number, (amount, balance, out)) in amounts.iter().enumerate() {
        let direction = if *out { "支出" } else { "收入" };
        lines.push(format!(
            "`2026-08-08 00:00:00,`50{number},`42{number},`交易,`交易,`{direction},`{},`{},`system,`a,b,`T{number}",
            yuan(*amount),
            yuan(*balance)
        ));
        let sum = &mut sums[usize::from(*out)];
        *sum = (sum.0 + 1, sum.1 + amount);
    }
    let [(ins, earned), (outs, spent)] = sums;
    lines.push("资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额".to_owned());
    lines.push(format!("`{},`{ins},`{},`{outs},`{}", amounts.len(), yuan(earned), yuan(spent)));
    lines
}
