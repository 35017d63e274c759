use proptest::prelude::*;

use super::*;

const TRADE: &str = "\u{feff}交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,\
    应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注\r\n\
    `2026-08-08 10:34:56,`wxd678efh567hg6787,`1900000109,`0,`,`4200000001202608080000000001,`T1,`oUpF8uMuAJO_M2pxb1Q9zNjWeS6o,`JSAPI,`SUCCESS,`OTHERS,`CNY,\
    `12.30,`0.00,`0,`0,`0.00,`0.00,`,`,`洗衣, 加急,`a,b,`0.07000,`0.60%,`12.30,`0.00,`\r\n\
    `2026-08-08 11:00:00,`wxd678efh567hg6787,`1900000109,`0,`,`4200000001202608080000000001,`T1,`oUpF8uMuAJO_M2pxb1Q9zNjWeS6o,`JSAPI,`REFUND,`OTHERS,`CNY,\
    `0.00,`0.00,`50000000012026080800001,`R1,`5.00,`0.00,`ORIGINAL,`SUCCESS,`洗衣, 加急,`a,b,`-0.03000,`0.60%,`0.00,`5.00,`\r\n\
    总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n\
    `2,`12.30,`5.00,`0.00,`0.04000,`12.30,`5.00\r\n";

const FUND: &str = "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额（元）,账户结余(元),资金变更提交申请人,备注,业务凭证号\n\
    `2026-08-08 13:54:01,`50300806962026080805978994968,`4200000920202608087964319284,`退款,`退款,`支出,`0.01,`0.22,`1900000109API,`退款总金额0.01元,`R2\n\
    资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\n\
    `1,`0,`0.00,`1,`0.01";

fn read(text: &str) -> (Vec<Result<Row>>, Option<Row>) {
    let mut reader = BillReader::new(text.as_bytes()).unwrap();
    let rows = reader.by_ref().collect();
    (rows, reader.summary().cloned())
}

#[test]
fn trade_bill() {
    let (rows, totals) = read(TRADE);
    let rows: Vec<Row> = rows.into_iter().collect::<Result<_>>().unwrap();
    assert_eq!(rows.len(), 2);
    let paid = rows[0].trade();
    assert_eq!(paid.time(), Some("2026-08-08 10:34:56"));
    assert_eq!(paid.transaction_id(), Some("4200000001202608080000000001"));
    assert_eq!(paid.out_trade_no(), Some("T1"));
    assert_eq!((paid.trade_type(), paid.trade_state()), (Some("JSAPI"), Some("SUCCESS")));
    assert_eq!((paid.total().unwrap(), paid.fee().unwrap()), (Some(1230), Some(7)));
    assert_eq!(
        (paid.refund_id(), paid.out_refund_no(), paid.sub_mchid(), paid.device_id()),
        (None, None, None, None)
    );
    assert_eq!((paid.description(), paid.attach()), (Some("洗衣, 加急"), Some("a,b")));
    let refund = rows[1].trade();
    assert_eq!((refund.refund_id(), refund.out_refund_no()), (Some("50000000012026080800001"), Some("R1")));
    assert_eq!((refund.refund_amount().unwrap(), refund.fee().unwrap()), (Some(500), Some(-3)));
    assert_eq!(refund.rate(), Some("0.60%"));
    assert_eq!(rows[1].line(), 3);
    let totals = totals.unwrap();
    assert_eq!(totals.get("总交易单数"), Some("2"));
    assert_eq!(totals.fen("手续费总金额").unwrap(), Some(4));
    assert_eq!(totals.line(), 5);
}

#[test]
fn fund_flow_bill_without_final_newline() {
    let (rows, totals) = read(FUND);
    let row = rows[0].as_ref().unwrap();
    let flow = row.fund_flow();
    assert_eq!(
        (flow.direction(), flow.amount().unwrap(), flow.balance().unwrap()),
        (Some("支出"), Some(1), Some(22))
    );
    assert_eq!(flow.voucher_id(), Some("R2"));
    assert_eq!(row.get("收支金额 (元)"), Some("0.01"), "kind of brackets and blanks do not matter");
    assert_eq!(row.get("no such column"), None);
    assert_eq!(totals.unwrap().get("支出笔数"), Some("1"));
}

#[test]
fn unknown_columns_are_kept() {
    let (rows, totals) = read("交易时间,新列\n`2026-08-08 00:00:00,`x\n");
    let row = rows[0].as_ref().unwrap();
    assert_eq!(row.iter().collect::<Vec<_>>(), [("交易时间", "2026-08-08 00:00:00"), ("新列", "x")]);
    assert_eq!(totals, None);
}

#[test]
fn bad_row_names_its_line_and_loses_no_other() {
    let (rows, totals) = read("a,b\n`1,`2\n`3\n\n`4,`5,`6\n`7,`8\n总交易单数,x\n`4,`0.00\n");
    let outcome: Vec<_> = rows.iter().map(|row| row.as_ref().map(Row::line).map_err(Error::code)).collect();
    assert_eq!(outcome, [Ok(2), Err("BILL_ROW"), Err("BILL_ROW"), Ok(6)]);
    let error = rows[2].as_ref().unwrap_err();
    assert_eq!(error.detail().unwrap()["line"], 5);
    assert_eq!(error.message(), "line 5 of the bill has 3 values where the bill has 2 columns.");
    assert!(totals.is_some());
}

#[test]
fn what_is_not_a_bill_is_said() {
    let code = |bytes: &[u8]| BillReader::new(bytes).unwrap_err().code().to_owned();
    assert_eq!(code(b""), "BILL_EMPTY");
    assert_eq!(code(b"\r\n\r\n"), "BILL_EMPTY");
    assert_eq!(code(&[0x1f, 0x8b, 8, 0]), "BILL_COMPRESSED");
    assert_eq!(code(br#"{"code":"NO_STATEMENT_EXIST","message":"x"}"#), "BILL_HEADER");
    assert_eq!(code(&[0xbd, 0xbb, 0xd2, 0xd7, b',', b'x']), "BILL_ENCODING");
    assert_eq!(code(&vec![b'a'; MAX_LINE as usize + 5]), "BILL_LINE_TOO_LONG");
}

#[test]
fn totals_that_are_cut_or_followed_by_more() {
    let (rows, totals) = read("a,b\n总交易单数,x\n");
    assert_eq!(rows[0].as_ref().unwrap_err().code(), "BILL_CUT");
    assert_eq!(totals, None);
    let (rows, totals) = read("a,b\n总交易单数,x\n`0,`0.00\n\n`1,`2\n");
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].as_ref().unwrap_err().code(), "BILL_TAIL");
    assert!(totals.is_some());
}

#[test]
fn source_that_fails_ends_the_iteration() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("cable pulled"))
        }
    }
    let source = std::io::BufReader::new("a,b\n`1,`2\n".as_bytes().chain(Broken));
    let rows: Vec<_> = BillReader::new(source).unwrap().collect();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[1].as_ref().unwrap_err().kind(), crate::ErrorKind::Io);
}

#[test]
fn amounts() {
    for (text, expected) in [
        ("0.01", 1),
        ("0.1", 10),
        ("12", 1200),
        ("-0.01", -1),
        ("0.00000", 0),
        ("0.01000", 1),
        ("92233720368547758.07", i64::MAX),
        ("-92233720368547758.08", i64::MIN),
    ] {
        assert_eq!(fen(text).unwrap(), expected, "{text}");
    }
    for text in [
        "",
        "-",
        ".",
        "1.",
        ".5",
        "1e2",
        "1,000.00",
        "0.60%",
        " 1",
        "--1",
        "NaN",
        "１",
        "92233720368547758.08",
    ] {
        assert_eq!(fen(text).unwrap_err().code(), "NOT_AN_AMOUNT", "{text}");
    }
    assert_eq!(fen("0.015").unwrap_err().code(), "NOT_WHOLE_FEN");
    let (rows, _) = read("手续费,x\n`0.00600,`\n");
    let error = rows[0].as_ref().unwrap().trade().fee().unwrap_err();
    assert_eq!((error.code(), &error.detail().unwrap()["line"]), ("NOT_WHOLE_FEN", &serde_json::json!(2)));
    assert_eq!(rows[0].as_ref().unwrap().get("手续费"), Some("0.00600"));
}

proptest! {
    #[test]
    fn amounts_round_trip(amount: i64) {
        let sign = if amount < 0 { "-" } else { "" };
        let (whole, cents) = (amount.unsigned_abs() / 100, amount.unsigned_abs() % 100);
        prop_assert_eq!(fen(&format!("{sign}{whole}.{cents:02}")).unwrap(), amount);
        prop_assert_eq!(fen(&format!("{sign}{whole}.{cents:02}000")).unwrap(), amount);
    }

    #[test]
    fn any_values_come_back(
        table in (1usize..6).prop_flat_map(|width| {
            prop::collection::vec(prop::collection::vec("[^`\r\n\t ]{0,12}", width + 1), 0..12)
        }),
        crlf: bool,
        bom: bool,
    ) {
        let end = if crlf { "\r\n" } else { "\n" };
        let width = table.first().map_or(2, Vec::len);
        let mut text = String::from(if bom { "\u{feff}" } else { "" });
        text += &(0..width).map(|n| format!("列{n}")).collect::<Vec<_>>().join(",");
        for cells in &table {
            text += end;
            text += &cells.iter().map(|cell| format!("`{cell}")).collect::<Vec<_>>().join(",");
        }
        prop_assume!(!table.iter().any(|cells| starts_summary(&cells[0])));
        let mut reader = BillReader::new(text.as_bytes()).unwrap();
        let rows: Vec<Row> = reader.by_ref().collect::<Result<_>>().unwrap();
        let got: Vec<&Vec<String>> = rows.iter().map(|row| &row.cells).collect();
        prop_assert_eq!(got, table.iter().collect::<Vec<_>>());
    }

    #[test]
    fn any_bytes_end(bytes: Vec<u8>) {
        if let Ok(reader) = BillReader::new(bytes.as_slice()) {
            prop_assert!(reader.count() <= bytes.len() + 1);
        }
    }
}
