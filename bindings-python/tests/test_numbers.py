"""Numbers that do not fit into 64 bits, or into floating point, are never changed on their way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from test_vectors import documented_client, notification, platform_key, public_pem
from wechatpay_rs import ApiError, AsyncClient, Client, InvalidRequestError
from wechatpay_rs.testing import Sandbox

# As JSON, and as it arrives: text where 64 bits are too few.
NUMBERS: dict[str, Any] = {
    "9007199254740993": 2**53 + 1,
    "-9007199254740993": -(2**53) - 1,
    "9223372036854775807": 2**63 - 1,
    "9223372036854775808": 2**63,
    "18446744073709551615": 2**64 - 1,
    "18446744073709551616": "18446744073709551616",
    "-9223372036854775809": "-9223372036854775809",
    "1000000000000000000000000000000": "1000000000000000000000000000000",
    "0.10000000000000000000001": "0.10000000000000000000001",
    "1e400": "1e400",
}
BODY = "{" + ", ".join(f'"n{index}": {number}' for index, number in enumerate(NUMBERS)) + "}"
ARRIVED = {f"n{index}": value for index, value in enumerate(NUMBERS.values())}


def check(found: dict[str, Any]) -> None:
    assert found == ARRIVED
    assert {type(value) for value in found.values()} == {int, str}


def test_in_answers(wechatpay_client: Client, sandbox: Sandbox) -> None:
    rule = {"match": {"path": "/v3/*", "count": None}, "fault": {"raw_body": BODY}}
    sandbox.control("POST", "/sandbox/faults", rule)
    check(wechatpay_client.payments.query_by_out_trade_no(out_trade_no="20260808-0001"))  # type: ignore[arg-type]
    check(wechatpay_client.request("GET", "/v3/anything"))
    check(wechatpay_client.media.upload_image(b"\x89PNG\r\n\x1a\n" + bytes(64), file_name="a.png"))  # type: ignore[arg-type]

    async def main() -> None:
        async with AsyncClient(**sandbox.options) as client:
            check(await client.call("payments.query_by_out_trade_no", {"out_trade_no": "20260808-0001"}))
            check(await client.request("GET", "/v3/anything"))

    asyncio.run(main())
    sandbox.control("DELETE", "/sandbox/faults")


def test_in_the_detail_of_an_error(wechatpay_client: Client, sandbox: Sandbox) -> None:
    body = '{"code": "PARAM_ERROR", "message": "x", "detail": ' + BODY + "}"
    rule = {"match": {"path": "/v3/*"}, "fault": {"raw_body": body, "status": 400}}
    sandbox.control("POST", "/sandbox/faults", rule)
    with pytest.raises(ApiError) as caught:
        wechatpay_client.request("GET", "/v3/anything")
    assert caught.value.detail == ARRIVED


def test_in_notifications() -> None:
    pytest.importorskip("cryptography")
    key = platform_key()
    client = documented_client(wechatpay_public_key=public_pem(key))
    for event_type, original_type in (("TRANSACTION.SUCCESS", "transaction"), ("NEW.EVENT", "new")):
        resource = {"out_trade_no": "20260808-0001", "trade_state": "SUCCESS", "deep": [json.loads(BODY)]}
        example = {"event_type": event_type, "original_type": original_type, "resource": resource}
        # `json` would write one of them as infinity: that is a number of this test's own then.
        resource["deep"][0]["n9"] = 10**400  # type: ignore[index]
        resource["deep"][0]["n8"] = 10**30  # type: ignore[index]
        parsed: Any = client.notifications.parse(*notification(key, example))
        assert parsed["resource"]["deep"] == [ARRIVED | {"n8": str(10**30), "n9": str(10**400)}]


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1, 10**30])
@pytest.mark.parametrize(
    "call",
    [
        lambda client, number: client.payments.query_by_out_trade_no(out_trade_no=number),
        lambda client, number: client.call("payments.jsapi.prepay", {"amount": {"total": number}}),
        lambda client, number: client.request("POST", "/v3/anything", {"amount": {"total": number}}),
        lambda client, number: client.prepare("payments.jsapi.prepay", {"amount": {"total": number}}),
    ],
)
def test_parameters_beyond_64_bits_are_refused(
    wechatpay_client: Client, sandbox: Sandbox, call: Callable[[Client, int], Any], number: int
) -> None:
    with pytest.raises(InvalidRequestError, match=r"(amount\.total|out_trade_no) .*64 bits") as caught:
        call(wechatpay_client, number)
    assert not caught.value.outcome_unknown
    assert sandbox.control("GET", "/sandbox/requests")["requests"] == []


def test_parameters_of_64_bits_are_sent_as_they_are(wechatpay_client: Client, sandbox: Sandbox) -> None:
    rule = {"match": {"path": "/v3/*", "count": None}, "fault": {"raw_body": "{}"}}
    sandbox.control("POST", "/sandbox/faults", rule)
    sent = {"most": 2**64 - 1, "least": -(2**63), "odd": 2**53 + 1}
    wechatpay_client.request("POST", "/v3/anything", sent)
    sandbox.control("DELETE", "/sandbox/faults")
    (request,) = sandbox.control("GET", "/sandbox/requests")["requests"]
    assert json.loads(request["body"]) == sent
