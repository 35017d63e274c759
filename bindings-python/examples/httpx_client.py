"""Your own HTTP client: `prepare` signs, you send, `finish` verifies and decodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from wechatpay_rs import Client
    from wechatpay_rs.types import payments


def query(client: Client, http: httpx.Client, out_trade_no: str) -> payments.Transaction:
    """Look up an order through httpx."""
    operation = "payments.query_by_out_trade_no"
    request = client.prepare(operation, {"out_trade_no": out_trade_no})
    # The path is signed as it stands: `httpx` must not encode it again, and follows no redirect by default.
    answer = http.request(request.method, request.url, headers=request.headers, content=request.body)
    transaction: payments.Transaction = client.finish(
        operation, answer.status_code, answer.headers, answer.content
    )
    return transaction
