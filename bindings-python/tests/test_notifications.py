"""Notifications: what is accepted, what is refused and why, and the answers of the adapters."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from conftest import REPOSITORY, newest_notification
from shop import Shop
from wechatpay_rs import AsyncClient, Client, DecryptionError, InvalidRequestError, VerificationError
from wechatpay_rs.testing import Sandbox

Received = tuple[dict[str, str], bytes]
PROBE = "WECHATPAY/SIGNTEST/"


def test_parsed(wechatpay_client: Client, paid: Received) -> None:
    headers, body = paid
    notification = wechatpay_client.notifications.parse(headers, body)
    assert notification["type"] == "payments.transaction"
    assert notification["resource"]["trade_state"] == "SUCCESS"
    assert notification["event_type"] == "TRANSACTION.SUCCESS"
    # What frameworks make of headers.
    wsgi = {"HTTP_" + name.upper().replace("-", "_"): value for name, value in headers.items()}
    for form in (
        wsgi | {"wsgi.multithread": True},
        list(headers.items()),
        [(n.lower().encode(), v.encode()) for n, v in headers.items()],
        # API gateways: a list of all values that a header has.
        {name: [value] for name, value in headers.items()},
        {name: (value.encode(),) for name, value in headers.items()},
        [(name, [value]) for name, value in headers.items()],
    ):
        assert wechatpay_client.notifications.parse(form, bytearray(body)) == notification


@pytest.mark.parametrize("wrong", [str, json.loads, lambda body: None])
def test_only_bytes(wechatpay_client: Client, paid: Received, wrong: Callable[[bytes], Any]) -> None:
    headers, body = paid
    with pytest.raises(InvalidRequestError, match="raw bytes"):
        wechatpay_client.notifications.parse(headers, wrong(body))


@pytest.mark.parametrize("wrong", [None, 7, [("one",)], ["ab", 1]])
def test_headers_that_are_none(wechatpay_client: Client, wrong: Any) -> None:
    with pytest.raises(InvalidRequestError, match=f"headers are {type(wrong).__name__}"):
        wechatpay_client.notifications.parse(wrong, b"{}")


def changed(headers: dict[str, str], **changes: str | None) -> dict[str, str]:
    wanted = {"wechatpay-" + name: value for name, value in changes.items()}
    kept = {name: value for name, value in headers.items() if name.lower() not in wanted}
    return kept | {name: value for name, value in wanted.items() if value is not None}


def attacks(headers: dict[str, str], body: bytes) -> dict[str, tuple[dict[str, str], bytes]]:
    by_name = {name.lower(): value for name, value in headers.items()}
    old = str(int(by_name["wechatpay-timestamp"]) - 1000)
    return {
        "SIGNATURE_MISMATCH": (headers, body.replace(b"encrypt-resource", b"encrypt-resourcf")),
        "CLOCK_OFF": (changed(headers, timestamp=old), body),
        "SIGNTEST_PROBE": (
            changed(headers, signature=PROBE + by_name["wechatpay-signature"][len(PROBE) :]),
            body,
        ),
        "UNKNOWN_SERIAL": (changed(headers, serial="PUB_KEY_ID_0000"), body),
        "MISSING_HEADER": (changed(headers, nonce=None), body),
    }


def test_attacks_are_told_apart(wechatpay_client: Client, paid: Received) -> None:
    for code, (headers, body) in attacks(*paid).items():
        with pytest.raises(VerificationError) as caught:
            wechatpay_client.notifications.parse(headers, body)
        assert caught.value.code == code


@pytest.mark.parametrize(
    "how",
    [{}, {"separators": (",", ":")}, {"ensure_ascii": False}, {"sort_keys": True}, {"indent": 2}],
    ids=str,
)
def test_a_body_written_anew_is_refused(
    wechatpay_client: Client, paid: Received, how: dict[str, Any]
) -> None:
    headers, body = paid
    with pytest.raises(VerificationError, match="re-serialised") as caught:
        wechatpay_client.notifications.parse(headers, json.dumps(json.loads(body), **how).encode())
    assert caught.value.code == "SIGNATURE_MISMATCH"


def test_wrong_api_v3_key(sandbox: Sandbox, paid: Received) -> None:
    with (
        Client(**{**sandbox.options, "api_v3_key": "0" * 32}) as client,
        pytest.raises(DecryptionError, match="APIv3 key"),
    ):
        client.notifications.parse(*paid)


def test_async(sandbox: Sandbox, paid: Received) -> None:
    async def main() -> None:
        async with AsyncClient(**sandbox.options) as client:
            notification = await client.notifications.parse(*paid)
            assert notification["type"] == "payments.transaction"
            with pytest.raises(InvalidRequestError, match="raw bytes"):
                await client.notifications.parse(paid[0], paid[1].decode())  # type: ignore[arg-type]

    asyncio.run(main())


def test_async_with_a_certificate_that_is_not_known_yet(sandbox: Sandbox, order: dict[str, Any]) -> None:
    """It is fetched, once, while the loop goes on."""
    sandbox.control("POST", "/sandbox/settings", {"notification_signer": "certificate"})

    async def main() -> None:
        async with AsyncClient(**sandbox.options) as client:
            await client.payments.jsapi.prepay(**order)
            sandbox.pay(order["out_trade_no"])
            received = newest_notification(sandbox, "TRANSACTION.SUCCESS")
            for _ in range(2):
                notification = await client.notifications.parse(*received)
                assert notification["serial"] == sandbox.credentials["platform_serial_no"]

    asyncio.run(main())
    fetched = sandbox.control("GET", "/sandbox/requests?operation=certificates.list")["requests"]
    assert len(fetched) == 1


Post = Callable[[dict[str, str], bytes], tuple[int, bytes]]


def check_adapter(post: Post, shop: Shop, paid: Received) -> None:
    headers, body = paid
    # No order yet: the handler raises, and WeChat Pay shall come again.
    status, answer = post(headers, body)
    assert status == 500
    assert json.loads(answer)["code"] == "FAIL"
    shop.add("20260808-0001", 100)
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: post(headers, body), range(8)))
    assert answers == [(204, b"")] * 8
    assert shop.order("20260808-0001") == ("PAID", 1)
    for forged in attacks(headers, body).values():
        status, answer = post(*forged)
        assert status == 401
        assert json.loads(answer)["code"] == "FAIL"
    status, answer = post({}, b"")
    assert status == 401


def test_flask(wechatpay_client: Client, paid: Received, tmp_path: Path) -> None:
    pytest.importorskip("flask")
    from flask_app import create_app

    shop = Shop(tmp_path / "shop.sqlite3")
    app = create_app(wechatpay_client, shop)

    def post(headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        answer = app.test_client().post("/wechatpay/notify", data=body, headers=headers)
        return answer.status_code, answer.data

    check_adapter(post, shop, paid)
    assert app.test_client().get("/wechatpay/notify").status_code == 405


def test_fastapi(sandbox: Sandbox, paid: Received, tmp_path: Path) -> None:
    pytest.importorskip("fastapi")
    httpx = pytest.importorskip("httpx")
    from fastapi_app import create_app

    shop = Shop(tmp_path / "shop.sqlite3")
    client = AsyncClient(**sandbox.options)
    app = create_app(client, shop)

    def post(headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        # An event loop each: one client serves them all.
        async def send() -> Any:
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://shop") as http:
                return await http.post("/wechatpay/notify", content=body, headers=headers)

        answer = asyncio.run(send())
        return answer.status_code, answer.content

    check_adapter(post, shop, paid)
    client.close()


@pytest.mark.parametrize("url", ["/wechatpay/notify", "/wechatpay/async-notify"])
def test_django(sandbox: Sandbox, paid: Received, tmp_path: Path, url: str) -> None:
    """In a process of its own: Django can be set up only once."""
    pytest.importorskip("django")
    options = sandbox.options
    environ = {
        **os.environ,
        "WECHATPAY_MCHID": options["mchid"],
        "WECHATPAY_PRIVATE_KEY_PATH": str(options["private_key_path"]),
        "WECHATPAY_MERCHANT_SERIAL": options["merchant_serial"],
        "WECHATPAY_API_V3_KEY": options["api_v3_key"],
        "WECHATPAY_WECHATPAY_PUBLIC_KEY_PATH": str(options["wechatpay_public_key_path"]),
        "WECHATPAY_WECHATPAY_PUBLIC_KEY_ID": options["wechatpay_public_key_id"],
        "WECHATPAY_BASE_URL": sandbox.base_url,
        "SHOP_DATABASE": str(tmp_path / "shop.sqlite3"),
        "DJANGO_SETTINGS_MODULE": "django_app",
        "PYTHONPATH": os.pathsep.join(
            str(REPOSITORY / "bindings-python" / name) for name in ("examples", "tests")
        ),
    }
    material = tmp_path / "paid.json"
    material.write_text(json.dumps([paid[0], paid[1].decode()]))
    command = [sys.executable, "-W", "error", "-m", "django_check", url, str(material)]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
