"""Read by type checkers, never run: they must complain about the lines marked `# wrong`, and about no other."""

from __future__ import annotations

from datetime import datetime, timezone

from wechatpay_rs import ApiError, AsyncClient, Client, Options
from wechatpay_rs.types import payments


def prepay(client: Client) -> str:
    amount: payments.Amount = {"total": 100}
    order = client.payments.jsapi.prepay(
        appid="wx1",
        description="Tea",
        out_trade_no="20260808-0001",
        notify_url="https://shop.example/notify",
        amount=amount,
        payer={"openid": "o1"},
        time_expire=datetime.now(timezone.utc),
    )
    order["prepayid"]  # wrong
    return order["prepay_id"]


def misspelt(client: Client) -> None:
    client.payments.close(out_trade_no="20260808-0001")
    client.payments.close(out_trade_nr="1")  # wrong
    client.payments.close()  # wrong
    client.payments.close(out_trade_no=1)  # wrong
    client.payments.jsapi.prepai()  # wrong
    client.payments.native.prepay(
        appid="wx1",
        description="Tea",
        out_trade_no="20260808-0001",
        notify_url="https://shop.example/notify",
        amount={"totl": 100},  # wrong
    )


def options() -> None:
    Client(mchid="1", private_key_path="key.pem")
    Client(mchid=1)  # wrong
    Client()  # wrong
    AsyncClient(private_key_path="key.pem")  # wrong
    Client.from_env()
    given: Options = {"mchid": "1", "timeout": 3}
    Client(**given)
    Client(api_v3key="x")  # wrong


def notified(client: Client, body: str) -> payments.Transaction | None:
    client.notifications.parse({}, body)  # wrong
    notification = client.notifications.parse({}, body.encode())
    if notification["type"] == "payments.transaction":
        return notification["resource"]
    if notification["type"] == "refunds.refund":
        return notification["resource"]  # wrong
    return None


async def awaited(client: AsyncClient) -> str:
    found = await client.payments.query_by_out_trade_no(out_trade_no="20260808-0001")
    client.payments.query_by_out_trade_no(out_trade_no="20260808-0001")["trade_state"]  # wrong
    return found["trade_state"]


def failed(error: ApiError) -> tuple[str, str | None, bool]:
    error.reqest_id  # wrong
    return error.code, error.request_id, error.outcome_unknown
