use std::io::Read;

use proptest::prelude::*;

use super::lines::MAX_LINE;
use super::*;

mod totals;

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
    let paid = rows[0].trade().unwrap();
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
    let refund = rows[1].trade().unwrap();
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
    let flow = row.fund_flow().unwrap();
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
    let (rows, totals) = read("交易时间,新列\n`2026-08-08 00:00:00,`x\n总交易单数,新的总额\n`1,`x\n");
    let row = rows[0].as_ref().unwrap();
    assert_eq!(row.iter().collect::<Vec<_>>(), [("交易时间", "2026-08-08 00:00:00"), ("新列", "x")]);
    assert_eq!((rows.len(), totals.unwrap().get("新的总额")), (1, Some("x")));
}

#[test]
fn bad_row_names_its_line_and_loses_no_other() {
    let (rows, totals) = read("a,b\n`1,`2\n`3\n\n`4,`5,`6\n`7,`8\n总交易单数,x\n`4,`0.00\n");
    let outcome: Vec<_> = rows.iter().map(|row| row.as_ref().map(Row::line).map_err(Error::code)).collect();
    assert_eq!(outcome, [Ok(2), Err("BILL_ROW"), Err("BILL_ROW"), Ok(6)]);
    // Lines that cannot be read are rows all the same: the number of rows fits.
    let error = rows[2].as_ref().unwrap_err();
    assert_eq!(error.detail().unwrap()["line"], 5);
    assert_eq!(error.message(), "line 5 of the bill has 3 values where the bill has 2 columns.");
    assert!(totals.is_some());
}

#[test]
fn what_is_not_a_bill_is_said() {
    let refused = |bytes: &[u8]| BillReader::new(bytes).unwrap_err();
    let utf16: Vec<u8> = TRADE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (bytes, code, said) in [
        (b"" as &[u8], "BILL_EMPTY", "empty"),
        (b"\r\n\r\n", "BILL_EMPTY", "empty"),
        (&[0x1f, 0x8b, 8, 0], "BILL_COMPRESSED", "gzip"),
        (b"PK\x03\x04\x14\0", "BILL_HEADER", "xlsx"),
        (b"%PDF-1.7\n", "BILL_HEADER", "PDF"),
        (&[0xbd, 0xbb, 0xd2, 0xd7, b',', b'x', b'\n'], "BILL_ENCODING", "GBK"),
        (&utf16, "BILL_ENCODING", "UTF-16"),
        (&vec![b'a'; MAX_LINE as usize + 5], "BILL_LINE_TOO_LONG", "megabyte"),
        (
            "{\"code\":\"NO_STATEMENT_EXIST\",\"message\":\"账单文件不存在\"}".as_bytes(),
            "BILL_HEADER",
            "NO_STATEMENT_EXIST 账单文件不存在",
        ),
        (
            b" {\n  \"code\": \"STATEMENT_CREATING\",\n  \"message\": \"wait\"\n}\n",
            "BILL_HEADER",
            "STATEMENT_CREATING wait",
        ),
        (br#"{"hash_type":"SHA1","download_url":"https://x/?token=t"}"#, "BILL_HEADER", "announces a bill"),
        (br#"[{"a":1},{"b":2}]"#, "BILL_HEADER", "JSON"),
        (b"{\xff,", "BILL_ENCODING", "UTF-8"),
        (b"{not, json", "BILL_HEADER", "JSON"),
        (b"<!DOCTYPE html><meta content=\"width=device-width, initial-scale=1\">", "BILL_HEADER", "HTML"),
        (b"<html>\n<body>502, bad gateway</body></html>", "BILL_HEADER", "HTML"),
        (b"<xml><return_code><![CDATA[FAIL]]></return_code></xml>", "BILL_HEADER", "XML"),
        (b"<?xml version=\"1.0\"?>\n<a/>", "BILL_HEADER", "XML"),
        (b"upstream connect error, reset reason=timeout", "BILL_HEADER", "upstream connect error"),
        (b"Not Found", "BILL_HEADER", "Not Found"),
        ("总交易单数,订单总金额\n`2,`12.30\n".as_bytes(), "BILL_HEADER", "totals"),
    ] {
        let error = refused(bytes);
        assert_eq!((error.kind(), error.code()), (ErrorKind::Malformed, code), "{error}");
        assert!(error.message().contains(said), "{said}: {error}");
    }
    // A file whose beginning is missing: said, and nothing of the row is shown.
    let (_, without_header) = TRADE.split_once("\r\n").unwrap();
    let error = refused(without_header.as_bytes());
    assert!(error.message().contains("a row") && !error.message().contains("oUpF8uMuAJO"), "{error}");
    // An address is never shown: it opens the file.
    let error = refused(br#"{"hash_type":"SHA1","download_url":"https://x/?token=secret"}"#);
    assert!(!error.message().contains("secret"), "{error}");
}

#[test]
fn another_bill_is_no_trade_bill() {
    for kind in [BillKind::Trade, BillKind::FundFlow] {
        assert!(BillReader::of_kind(TRADE.as_bytes(), kind).is_ok() == (kind == BillKind::Trade));
        assert!(BillReader::of_kind(FUND.as_bytes(), kind).is_ok() == (kind == BillKind::FundFlow));
    }
    assert_eq!(BillReader::new(TRADE.as_bytes()).unwrap().kind(), Some(BillKind::Trade));
    assert_eq!(BillReader::new(FUND.as_bytes()).unwrap().kind(), Some(BillKind::FundFlow));
    let error = BillReader::trade(FUND.as_bytes()).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Malformed, "BILL_COLUMNS"));
    assert!(error.message().contains("a fund-flow bill (资金账单): read it as one"), "{error}");
    assert!(
        error.message().contains("交易时间, 微信订单号, 商户订单号, 交易状态, 应结订单金额 or 总金额"),
        "{error}"
    );
    let detail = error.detail().unwrap();
    assert_eq!((&detail["found"], &detail["missing"][1]), (&"fund_flow".into(), &"微信订单号".into()));
    let error = BillReader::fund_flow(TRADE.as_bytes()).unwrap_err();
    assert!(error.message().contains("a trade bill (交易账单): read it as one"), "{error}");

    let sharing = "分账时间,分账发起方,微信订单号,分账接收方,分账金额\n`2026-08-08 00:00:00,`1,`2,`3,`0.01\n总条数,总金额\n`1,`0.01\n";
    let error = BillReader::trade(sharing.as_bytes()).unwrap_err();
    assert!(error.message().contains("profit-sharing"), "{error}");
    let (rows, totals) = read(sharing);
    assert_eq!((rows.len(), totals.unwrap().get("总条数")), (1, Some("1")));
    // The reader of any bill hands out the row, but not as one of a trade bill.
    let row = rows[0].as_ref().unwrap();
    assert_eq!(row.trade().unwrap_err().code(), "BILL_COLUMNS");
    assert_eq!(row.fund_flow().unwrap_err().code(), "BILL_COLUMNS");
}

#[test]
fn a_column_that_is_gone_is_named() {
    for column in
        ["交易时间", "微信订单号", "商户订单号", "交易状态", "应结订单金额", "微信退款单号", "退款金额"]
    {
        // Renamed, as a new version of the format might do it.
        let header = format!("{column},");
        let text = TRADE.replacen(&header, "改名的列,", 1);
        let text = if column == "退款金额" {
            TRADE.replacen(",退款金额,", ",改名的列,", 1)
        } else {
            text
        };
        let error = BillReader::trade(text.as_bytes()).unwrap_err();
        assert_eq!(error.code(), "BILL_COLUMNS", "{column}");
        assert!(error.message().contains(&format!("it lacks {column}")), "{error}");
        assert!(BillReader::new(text.as_bytes()).is_ok(), "any bill has its own columns");
    }
}

#[test]
fn the_three_bill_types_and_the_early_format_are_trade_bills() {
    // SUCCESS: no columns of refunds, and four totals.
    let success = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,\
        应结订单金额,代金券金额,商品名称,商户数据包,手续费,费率,订单金额,费率备注\r\n\
        `2026-08-08 10:34:56,`wx1,`1900000109,`0,`,`4200000001,`T1,`o1,`JSAPI,`SUCCESS,`OTHERS,`CNY,`12.30,`0.00,`洗衣,`,`0.07000,`0.60%,`12.30,`\r\n\
        总交易单数,应结订单总金额,手续费总金额,订单总金额\r\n`1,`12.30,`0.07,`12.30\r\n";
    // REFUND: two times more.
    let refund = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,\
        应结订单金额,代金券金额,退款申请时间,退款成功时间,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,\
        手续费,费率,订单金额,申请退款金额,费率备注\r\n\
        `2026-08-08 11:00:00,`wx1,`1900000109,`0,`,`4200000001,`T1,`o1,`JSAPI,`REFUND,`OTHERS,`CNY,`0.00,`0.00,`2026-08-08 11:00:00,`2026-08-08 11:00:05,\
        `5000,`R1,`5.00,`0.20,`ORIGINAL,`SUCCESS,`洗衣,`,`-0.03000,`0.60%,`0.00,`5.10,`\r\n\
        总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n`1,`0.00,`5.00,`0.20,`-0.03,`0.00,`5.10\r\n";
    // As merchants still get it who have not opened coupons of the newer kind.
    let early = "交易时间,公众账号ID,商户号,子商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,总金额,企业红包金额,\
        微信退款单号,商户退款单号,退款金额,企业红包退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率\r\n\
        `2026-08-08 10:34:56,`wx1,`1900000109,`1900000110,`,`4200000001,`T1,`o1,`JSAPI,`SUCCESS,`CFT,`CNY,`32.50,`1.00,`0,`0,`0.00,`0.00,`,`,`洗衣,`,`0.20000,`0.60%\r\n\
        总交易单数,总交易额,总退款金额,总企业红包退款金额,手续费总金额\r\n`1,`32.50,`0.00,`0.00,`0.20000\r\n";
    for (text, settled, total) in [(success, 1230, Some(1230)), (refund, 0, Some(0)), (early, 3250, None)] {
        let mut bill = BillReader::trade(text.as_bytes()).unwrap();
        let rows: Vec<Row> = bill.by_ref().collect::<Result<_>>().unwrap();
        let row = rows[0].trade().unwrap();
        assert_eq!((row.settlement_total().unwrap(), row.total().unwrap()), (Some(settled), total));
        assert_eq!(bill.summary().unwrap().get("总交易单数"), Some("1"));
    }
    let rows = read(early).0;
    let row = rows[0].as_ref().unwrap().trade().unwrap();
    assert_eq!((row.sub_mchid(), row.coupon_amount().unwrap()), (Some("1900000110"), Some(100)));
    assert_eq!(row.to_json().unwrap()["settlement_total"], 3250);
}

#[test]
fn source_that_fails_ends_the_iteration() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("cable pulled"))
        }
    }
    let source = std::io::BufReader::new("列1,列2\n`1,`2\n".as_bytes().chain(Broken));
    let rows: Vec<_> = BillReader::new(source).unwrap().collect();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[1].as_ref().unwrap_err().kind(), ErrorKind::Io);
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
    let (rows, totals) = read(&TRADE.replace("`0.07000", "`0.00600"));
    let row = rows[0].as_ref().unwrap();
    let error = row.trade().unwrap().fee().unwrap_err();
    assert_eq!((error.code(), &error.detail().unwrap()["line"]), ("NOT_WHOLE_FEN", &serde_json::json!(2)));
    assert_eq!(row.get("手续费"), Some("0.00600"));
    assert_eq!(row.trade().unwrap().to_json().unwrap()["fee"], "0.00600");
    assert!(totals.is_some(), "fees are not compared with their total");
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
        prop_assume!(!table.iter().any(|cells| starts_totals(&cells[0])));
        let mut reader = BillReader::without_totals(text.as_bytes()).unwrap();
        let rows: Vec<Row> = reader.by_ref().collect::<Result<_>>().unwrap();
        let got: Vec<Vec<String>> =
            rows.iter().map(|row| row.iter().map(|(_, value)| value.to_owned()).collect()).collect();
        prop_assert_eq!(got, table);
    }

    #[test]
    fn any_bytes_end(bytes: Vec<u8>) {
        if let Ok(reader) = BillReader::new(bytes.as_slice()) {
            prop_assert!(reader.count() <= bytes.len() + 1);
        }
    }
}
