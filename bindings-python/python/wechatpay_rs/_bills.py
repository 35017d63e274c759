"""Rows of a bill file as dicts, one after the other, so that a bill of any size fits."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Generic, TypeAlias, TypedDict, TypeVar

from ._native import BillRows, fen
from ._types import BinaryReader

__all__ = ["BillReader", "bill_rows", "fen", "fund_flow_bill_rows", "trade_bill_rows"]

BillSource: TypeAlias = str | os.PathLike[str] | BinaryReader
"""The path of a downloaded bill, or a file object opened in binary mode."""

Row = TypeVar("Row")


class TradeBillRow(TypedDict):
    """A row of a trade bill. `None`: the bill has no such column, or nothing stands there. Amounts are in fen."""

    time: str | None
    """When the order was paid, or the refund accepted: `2026-08-08 10:34:56`, Beijing time. Column `交易时间`."""
    appid: str | None
    """AppID of the official account, mini program or app. Column `公众账号ID`."""
    mchid: str | None
    """Merchant number. Column `商户号`."""
    sub_mchid: str | None
    """Sub-merchant number, in a service provider's bill. Column `特约商户号`, early `子商户号`."""
    device_id: str | None
    """The merchant's terminal. Column `设备号`."""
    transaction_id: str | None
    """WeChat Pay's number of the order. Column `微信订单号`."""
    out_trade_no: str | None
    """The merchant's number of the order. Column `商户订单号`."""
    openid: str | None
    """The payer's openid. Column `用户标识`."""
    trade_type: str | None
    """How it was paid: `JSAPI`, `NATIVE`, `APP`, `MWEB`, `MICROPAY`, … Column `交易类型`."""
    trade_state: str | None
    """`SUCCESS` for a payment, `REFUND` for a refund, `REVOKED` for a cancelled one. Column `交易状态`."""
    bank_type: str | None
    """Bank or balance that paid: `OTHERS`, `CMB_DEBIT`, … Column `付款银行`."""
    currency: str | None
    """Currency, `CNY`. Column `货币种类`."""
    settlement_total: int | None
    """What is settled to the merchant for the order, in fen. Column `应结订单金额`, early `总金额`."""
    coupon_amount: int | None
    """Coupons used, in fen. Column `代金券金额`, early `企业红包金额`."""
    refund_id: str | None
    """WeChat Pay's number of the refund; `None` in rows of payments. Column `微信退款单号`."""
    out_refund_no: str | None
    """The merchant's number of the refund; `None` in rows of payments. Column `商户退款单号`."""
    refund_amount: int | None
    """What is taken back from the merchant for the refund, in fen. Column `退款金额`."""
    coupon_refund_amount: int | None
    """The part of the refund that goes back to prepaid coupons, in fen. Column `充值券退款金额`, early `企业红包退款金额`."""
    refund_channel: str | None
    """Where the refund goes: `ORIGINAL`, `BALANCE`, … Column `退款类型`."""
    refund_state: str | None
    """State of the refund when the bill was made; it is not updated later. Column `退款状态`."""
    refund_requested_at: str | None
    """When the refund was asked for (refund bills): Beijing time. Column `退款申请时间`."""
    refund_succeeded_at: str | None
    """When the refund succeeded (refund bills): Beijing time. Column `退款成功时间`."""
    description: str | None
    """What was sold, as given with the order. Column `商品名称`."""
    attach: str | None
    """The merchant's own data, as given with the order (`attach`). Column `商户数据包`."""
    fee: str | None
    """Fee in yuan, as text, for it may have fractions of a fen; negative when it is given back. Column `手续费`."""
    rate: str | None
    """Rate of the fee as text: `0.60%`. Column `费率`."""
    total: int | None
    """Total of the order, in fen. Column `订单金额`."""
    refund_requested: int | None
    """Refund as it was asked for, in fen. Column `申请退款金额`."""
    rate_note: str | None
    """Note on the rate. Column `费率备注`."""


class FundFlowBillRow(TypedDict):
    """A row of a fund-flow bill. `None`: the bill has no such column, or nothing stands there. Amounts are in fen."""

    time: str | None
    """When it was booked: `2026-08-08 10:34:56`, Beijing time. Column `记账时间`."""
    business_id: str | None
    """WeChat Pay's number of the order, refund, withdrawal … Column `微信支付业务单号`."""
    flow_id: str | None
    """Number of this booking. Column `资金流水单号`."""
    business_name: str | None
    """Business: 交易, 退款, 提现, … Column `业务名称`."""
    business_type: str | None
    """Kind within the business: 交易, 扣除交易手续费, 退款, … Column `业务类型`."""
    direction: str | None
    """收入 (money in) or 支出 (money out). Column `收支类型`."""
    amount: int | None
    """Amount in fen, without a sign: `direction` has it. Column `收支金额(元)`."""
    balance: int | None
    """Balance of the account after the booking, in fen. Column `账户结余(元)`."""
    applicant: str | None
    """Who asked for it. Column `资金变更提交申请人`."""
    note: str | None
    """Note. Column `备注`."""
    voucher_id: str | None
    """The merchant's own number: of the order, the refund, the withdrawal. Column `业务凭证号`."""


class BillReader(Generic[Row]):
    """Iterates over the rows of a bill.

    What cannot be read raises `MalformedError`: at once when this is no bill (`BILL_HEADER` and the like) or another than
    was asked for (`BILL_COLUMNS`); at a row that is malformed, and the next call goes on behind it; at the end when the
    totals are missing (`BILL_CUT`) or do not fit the rows (`BILL_TOTALS`). So settle after the loop, not inside.
    """

    def __init__(self, source: BillSource, kind: str) -> None:
        self._rows: Any = BillRows(os.fspath(source) if isinstance(source, os.PathLike) else source, kind)

    def __iter__(self) -> Iterator[Row]:
        return self

    def __next__(self) -> Row:
        row: Row = next(self._rows)
        return row

    @property
    def columns(self) -> list[str]:
        """Names of the columns, as the file has them."""
        columns: list[str] = self._rows.columns
        return columns

    @property
    def summary(self) -> dict[str, str] | None:
        """The totals at the end of the file, under their own names; `None` before all rows were read."""
        summary: dict[str, str] | None = self._rows.summary
        return summary


def trade_bill_rows(source: BillSource) -> BillReader[TradeBillRow]:
    """Read a trade bill, with English names and amounts in fen."""
    return BillReader(source, "trade")


def fund_flow_bill_rows(source: BillSource) -> BillReader[FundFlowBillRow]:
    """Read a fund-flow bill, with English names and amounts in fen."""
    return BillReader(source, "fund_flow")


def bill_rows(source: BillSource, *, totals: bool = True) -> BillReader[dict[str, str]]:
    """Read any bill: the names of its own columns, and the text that stands there.

    With `totals=False` the closing totals are neither demanded nor compared, and a file that was cut is not noticed: for
    files without totals, or to look into one whose totals are wrong. `fen` makes fen of an amount.
    """
    return BillReader(source, "any" if totals else "without_totals")
