"""Bills that are none, are others, or were cut; and what a `read` of Python may do meanwhile."""

from __future__ import annotations

import io
from typing import Any

import pytest

import wechatpay_rs
from wechatpay_rs import (
    InvalidRequestError,
    MalformedError,
    bill_rows,
    fen,
    fund_flow_bill_rows,
    trade_bill_rows,
)

TRADE = """交易时间,微信订单号,商户订单号,交易状态,应结订单金额,订单金额
`2026-08-08 10:34:56,`4200000001,`T1,`SUCCESS,`12.30,`12.30
`2026-08-08 10:34:57,`4200000002,`T2,`SUCCESS,`0.01,`0.01
总交易单数,应结订单总金额,订单总金额
`2,`12.31,`12.31
"""
FUND = """记账时间,微信支付业务单号,资金流水单号,业务类型,收支类型,收支金额(元),业务凭证号
`2026-08-08 13:54:01,`50,`42,`退款,`支出,`0.01,`R2
资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额
`1,`0,`0.00,`1,`0.01
"""


def source(text: str) -> io.BytesIO:
    return io.BytesIO(text.encode())


def test_a_good_bill() -> None:
    rows = trade_bill_rows(source(TRADE))
    assert rows.columns[:2] == ["交易时间", "微信订单号"]
    assert rows.summary is None
    assert [(row["out_trade_no"], row["total"]) for row in rows] == [("T1", 1230), ("T2", 1)]
    assert rows.summary == {"总交易单数": "2", "应结订单总金额": "12.31", "订单总金额": "12.31"}
    assert [row["amount"] for row in fund_flow_bill_rows(source(FUND))] == [1]


@pytest.mark.parametrize("read", [trade_bill_rows, fund_flow_bill_rows, bill_rows])
@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("", "BILL_EMPTY", "empty"),
        ('{"code":"NO_STATEMENT_EXIST","message":"x"}', "BILL_HEADER", "NO_STATEMENT_EXIST"),
        ("<html><body>502, bad</body></html>", "BILL_HEADER", "HTML"),
        ("<xml><return_code>FAIL</return_code></xml>", "BILL_HEADER", "XML"),
    ],
)
def test_what_is_no_bill(read: Any, text: str, code: str, said: str) -> None:
    with pytest.raises(MalformedError, match=said) as caught:
        read(source(text))
    assert caught.value.code == code


def test_another_bill() -> None:
    with pytest.raises(MalformedError, match="a fund-flow bill") as caught:
        trade_bill_rows(source(FUND))
    assert caught.value.code == "BILL_COLUMNS"
    assert "商户订单号" in caught.value.detail["missing"]
    with pytest.raises(MalformedError, match="a trade bill"):
        fund_flow_bill_rows(source(TRADE))


@pytest.mark.parametrize("read", [trade_bill_rows, bill_rows])
def test_a_bill_that_was_cut_or_altered_ends_with_an_error(read: Any) -> None:
    cut = TRADE[: TRADE.index("总交易单数")]
    seen: list[Any] = []
    with pytest.raises(MalformedError) as caught:
        seen.extend(read(source(cut)))
    assert caught.value.code == "BILL_CUT"
    assert caught.value.detail == {"line": 3}
    rows = read(source(TRADE.replace("`2,`12.31", "`3,`12.31")))
    assert len([next(rows), next(rows)]) == 2
    with pytest.raises(MalformedError, match="总交易单数 announces 3, the rows give 2") as caught:
        next(rows)
    assert caught.value.code == "BILL_TOTALS"
    assert rows.summary is not None
    assert list(rows) == []


def test_without_totals() -> None:
    cut = TRADE[: TRADE.index("总交易单数")]
    assert [row["商户订单号"] for row in bill_rows(source(cut), totals=False)] == ["T1", "T2"]


def test_a_malformed_row_names_its_line_and_the_next_call_goes_on() -> None:
    rows = bill_rows(source(TRADE.replace("`T1,`SUCCESS", "`T1")))
    with pytest.raises(MalformedError) as caught:
        next(rows)
    assert (caught.value.code, caught.value.detail) == ("BILL_ROW", {"line": 2})
    assert next(rows)["商户订单号"] == "T2"


def test_a_read_may_ask_for_the_columns() -> None:
    """It used to wait for itself for ever: the reader was held while Python read."""
    seen: list[Any] = []

    class Curious(io.BytesIO):
        rows: Any = None

        def read(self, size: int | None = -1, /) -> bytes:
            if self.rows is not None:
                seen.append((self.rows.columns, self.rows.summary))
                with pytest.raises(ValueError, match="being read already"):
                    next(self.rows)
            return super().read(20)

    file = Curious(TRADE.encode())
    rows = bill_rows(file)
    file.rows = rows
    assert len(list(rows)) == 2
    assert seen
    assert all(one == (rows.columns, None) for one in seen)


def test_yuan_to_fen() -> None:
    assert [fen(text) for text in ("12.30", "-0.01", "0.07000", "5")] == [1230, -1, 7, 500]
    for wrong in ("1e2", "12.", ".5", "", " 1", "１"):
        with pytest.raises(MalformedError) as caught:
            fen(wrong)
        assert caught.value.code == "NOT_AN_AMOUNT"
    with pytest.raises(MalformedError, match="not a whole number of fen"):
        wechatpay_rs.fen("0.015")
    with pytest.raises(InvalidRequestError):
        wechatpay_rs._bills.BillReader(source(TRADE), "plain")


def test_every_kind_of_bill_has_its_reader_in_the_package() -> None:
    from wechatpay_rs.generated import bill_rows as generated

    readers = {name for name in generated.__all__ if name.endswith("_bill_rows")}
    assert "trade_bill_rows" in readers
    assert readers <= set(wechatpay_rs.__all__)
    assert all(getattr(wechatpay_rs, name) is getattr(generated, name) for name in readers)
