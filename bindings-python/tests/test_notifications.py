"""Notifications: what is accepted, what is refused and why, and the answers of the adapters."""

from __future__ import annotations

import asyncio
import functools
import io
import json
import logging
import os
import re
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import wechatpay_rs
from conftest import REPOSITORY, load, newest_notification
from shop import Shop
from test_vectors import documented_client, documented_options, notification, platform_key, public_pem
from wechatpay_rs import (
    AsyncClient,
    Client,
    DecryptionError,
    InvalidRequestError,
    VerificationError,
    notification_rules,
)
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


def test_async_with_a_certificate_that_is_no_longer_trusted(sandbox: Sandbox, paid: Received) -> None:
    """Held, but expired: the core says that a download may help, so the event loop goes on to it."""
    held = load("tests/scenarios/certificates.json")["let"]
    headers, body = paid
    options = {**sandbox.options, "platform_certificates": [held["expired_certificate"]]}

    async def main() -> None:
        async with AsyncClient(**options) as client:
            with pytest.raises(VerificationError) as caught:
                await client.notifications.parse(changed(headers, serial=held["expired_serial_no"]), body)
            assert caught.value.code == "CERTIFICATE_UNTRUSTED"

    asyncio.run(main())
    fetched = sandbox.control("GET", "/sandbox/requests?operation=certificates.list")["requests"]
    assert len(fetched) == 1


Post = Callable[[dict[str, str], bytes], tuple[int, bytes]]
RULES = notification_rules()


def failed(code: str) -> bytes:
    return json.dumps({"code": "FAIL", "message": code}, separators=(",", ":")).encode()


def unknown_notification(key: Any) -> Received:
    """Event and original type are those of a payment, its members are of none that is known."""
    resource = {"combine_out_trade_no": "C1", "orders": [{"out_trade_no": "20260808-0001"}]}
    example = {"event_type": "TRANSACTION.SUCCESS", "original_type": "transaction", "resource": resource}
    return notification(key, example)


def check_adapter(post: Post, shop: Shop, paid: Received) -> None:
    headers, body = paid
    # No order yet: the handler raises, and WeChat Pay shall come again.
    assert post(headers, body) == (500, failed("HANDLER_FAILED"))
    shop.add("20260808-0001", 100)
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: post(headers, body), range(8)))
    assert answers == [(204, b"")] * 8
    assert shop.order("20260808-0001") == ("PAID", 1)
    for code, forged in attacks(headers, body).items():
        assert post(*forged) == (401, failed(code))
    assert post({}, b"") == (401, failed("MISSING_HEADER"))
    # The limit is the core's, to the byte.
    assert post({}, bytes(RULES["max_bytes"])) == (401, failed("MISSING_HEADER"))
    assert post({}, bytes(RULES["max_bytes"] + 1)) == (413, failed("BODY_TOO_LARGE"))


class Endless(io.RawIOBase):
    """A body without end: whoever reads much more than is allowed fails."""

    given = 0

    def read(self, size: int = -1) -> bytes:
        assert 0 <= size <= RULES["max_bytes"] + 1, "all of it is asked for"
        self.given += size
        assert self.given < 2 * RULES["max_bytes"], "this adapter does not stop reading"
        return bytes(size)

    def readinto(self, buffer: Any) -> int:
        buffer[:] = self.read(len(buffer))
        return len(buffer)


def check_wsgi(app: Any, path: str, paid: Received) -> None:
    """Bodies in chunks, which have no length: the server, as gunicorn, says that it knows where they end."""
    headers, body = paid

    def post(stream: Any, **more: Any) -> tuple[int, bytes]:
        statuses: list[str] = []
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": path,
            "SERVER_NAME": "shop",
            "SERVER_PORT": "80",
            "wsgi.url_scheme": "http",
            "wsgi.version": (1, 0),
            "wsgi.errors": sys.stderr,
            "wsgi.input": stream,
            **{"HTTP_" + name.upper().replace("-", "_"): value for name, value in headers.items()},
            **more,
        }
        answer = app(environ, lambda status, headers, *_: statuses.append(status))
        try:
            return int(statuses[0].split()[0]), b"".join(answer)
        finally:
            getattr(answer, "close", lambda: None)()

    chunked = {"wsgi.input_terminated": True}
    assert post(io.BytesIO(body), **chunked) == (204, b"")
    assert post(Endless(), **chunked) == (413, failed("BODY_TOO_LARGE"))
    unread = Endless()
    assert post(unread, CONTENT_LENGTH=str(RULES["max_bytes"] + 1)) == (413, failed("BODY_TOO_LARGE"))
    assert unread.given == 0


def test_what_could_not_be_parsed_says_what_to_answer(wechatpay_client: Client, paid: Received) -> None:
    for code, forged in attacks(*paid).items():
        with pytest.raises(VerificationError) as caught:
            wechatpay_client.notifications.parse(*forged)
        assert caught.value.notification_reply == {"status": 401, "body": failed(code).decode()}
    # Made by Python, not by the core: the merchant's own fault.
    with pytest.raises(InvalidRequestError) as refused:
        wechatpay_client.notifications.parse(None, b"{}")  # type: ignore[arg-type]
    assert refused.value.notification_reply == RULES["handler_failed"]
    assert RULES["accepted"] == {"status": 204, "body": ""}


@pytest.mark.parametrize("way", ["flask", "fastapi"])
def test_an_unknown_type_is_refused_unless_asked_for(way: str, caplog: pytest.LogCaptureFixture) -> None:
    pytest.importorskip("cryptography")
    pytest.importorskip(way)
    received = unknown_notification(platform_key())
    handled: list[Any] = []
    for wanted in (False, True):
        post = adapter_in(way, public_pem(platform_key()), handled, wanted=wanted)
        assert post(*received) == ((204, b"") if wanted else (500, failed("HANDLER_FAILED")))
        assert len(handled) == (1 if wanted else 0)
    assert handled[0]["resource"]["combine_out_trade_no"] == "C1"
    assert "unknown=" in caplog.text


@pytest.mark.parametrize("way", ["flask", "fastapi"])
def test_a_handler_returns_the_answer_that_is_asked_for(
    way: str, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    pytest.importorskip(way)
    wanted = {"notification": "parking.reminders.fee_asked", "notify_url": "http://127.0.0.1:1/notify"}
    number = sandbox.control("POST", "/sandbox/notifications", wanted)["id"]
    sandbox.control("GET", "/sandbox/notifications?wait=true")
    attempt = sandbox.control("GET", f"/sandbox/notifications/{number}")["attempts"][-1]
    received = (attempt["headers"], attempt["body"].encode())
    fee = {"code": "FAIL", "message": "停车单不存在"}
    for answering in (True, False):
        status, body, authorization = answer_in(way, sandbox, fee if answering else None)(*received)
        if answering:
            reply = {"status": status, "body": body.decode(), "authorization": authorization}
            verdict = sandbox.control("POST", f"/sandbox/notifications/{number}/answer", reply)
            assert verdict == {"taken": True, "why": ""}
        else:
            assert (status, body, authorization) == (500, failed("HANDLER_FAILED"), None)
    assert "notifications.answer" in caplog.text


def test_a_coroutine_that_nobody_would_await_is_refused_and_never_acknowledged(
    paid: Received, wechatpay_client: Client, sandbox: Sandbox
) -> None:
    pytest.importorskip("flask")
    from flask import Flask

    from wechatpay_rs.flask import notification_view

    done: list[Any] = []

    async def coroutine(notification: Any) -> None:
        done.append(notification)

    class Handler:
        async def __call__(self, notification: Any) -> None:
            done.append(notification)

    for handler in (coroutine, Handler(), functools.partial(coroutine)):
        with pytest.raises(TypeError, match="must be a plain function"):
            notification_view(wechatpay_client, handler)
    with pytest.raises(TypeError, match="takes a Client, not an AsyncClient"):
        notification_view(AsyncClient(**sandbox.options), print)  # type: ignore[arg-type]
    # It cannot be seen in advance that this gives a coroutine.
    app = Flask(__name__)
    view = notification_view(wechatpay_client, lambda notification: coroutine(notification))
    app.add_url_rule("/n", view_func=view, methods=["POST"])
    headers, body = paid
    answer = app.test_client().post("/n", data=body, headers=headers)
    assert (answer.status_code, answer.data, done) == (500, failed("HANDLER_FAILED"), [])


def test_plain_functions_handle_notifications_in_fastapi_on_a_thread(
    paid: Received, wechatpay_client: Client, sandbox: Sandbox
) -> None:
    pytest.importorskip("fastapi")
    httpx = pytest.importorskip("httpx")
    from fastapi import FastAPI

    from wechatpay_rs.fastapi import notification_route

    with pytest.raises(TypeError, match="takes an AsyncClient, not a Client"):
        notification_route(wechatpay_client, print)  # type: ignore[arg-type]
    done: list[tuple[str, str]] = []

    def handle(notification: Any) -> None:
        done.append((threading.current_thread().name, notification["type"]))

    app = FastAPI()
    route = notification_route(AsyncClient(**sandbox.options), handle)
    app.add_api_route("/n", route, methods=["POST"])
    assert [one.name for one in app.routes if getattr(one, "path", "") == "/n"] == ["wechatpay_notification"]
    headers, body = paid

    async def send() -> int:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop") as http:
            status: int = (await http.post("/n", content=body, headers=headers)).status_code
            return status

    # Once, and acknowledged: a handler that ran and was answered with 500 would run again.
    assert asyncio.run(send()) == 204
    assert [kind for _, kind in done] == ["payments.transaction"]
    assert done[0][0] != "MainThread"


def answer_in(
    way: str, sandbox: Sandbox, fee: dict[str, str] | None
) -> Callable[..., tuple[int, bytes, Any]]:
    """A web application that tells the fee, or nothing."""
    options = sandbox.options
    if way == "flask":
        from flask import Flask

        from wechatpay_rs.flask import notification_view

        client = Client(**options)
        app = Flask(__name__)
        view = notification_view(client, lambda asked: fee and client.notifications.answer(asked, fee))
        app.add_url_rule("/n", view_func=view, methods=["POST"])

        def post(headers: dict[str, str], body: bytes) -> tuple[int, bytes, Any]:
            answer = app.test_client().post("/n", data=body, headers=headers)
            return answer.status_code, answer.data, answer.headers.get("Authorization")

        return post

    from fastapi import FastAPI

    from wechatpay_rs.fastapi import notification_route

    asgi = FastAPI()
    asynchronous = AsyncClient(**options)

    async def handle(asked: Any) -> Any:
        return fee and await asynchronous.notifications.answer(asked, fee)

    asgi.add_api_route("/n", notification_route(asynchronous, handle), methods=["POST"])
    httpx = pytest.importorskip("httpx")

    def post_async(headers: dict[str, str], body: bytes) -> tuple[int, bytes, Any]:
        async def send() -> Any:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(asgi), base_url="http://shop") as http:
                return await http.post("/n", content=body, headers=headers)

        answer = asyncio.run(send())
        return answer.status_code, answer.content, answer.headers.get("Authorization")

    return post_async


def adapter_in(way: str, key: str, handled: list[Any], *, wanted: bool) -> Post:
    """A web application whose handler must not be called, and one for unknown types if that is wanted."""

    def never(notification: Any) -> None:
        raise AssertionError("not for this handler")

    async def async_never(notification: Any) -> None:
        never(notification)

    async def async_append(notification: Any) -> None:
        handled.append(notification)

    if way == "flask":
        from flask import Flask

        from wechatpay_rs.flask import notification_view

        client = documented_client(wechatpay_public_key=key)
        app = Flask(__name__)
        view = notification_view(client, never, unknown=handled.append if wanted else None)
        app.add_url_rule("/n", view_func=view, methods=["POST"])

        def post(headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
            answer = app.test_client().post("/n", data=body, headers=headers)
            return answer.status_code, answer.data

        return post

    from fastapi import FastAPI

    from wechatpay_rs.fastapi import notification_route

    asgi = FastAPI()
    options: Any = documented_options(wechatpay_public_key=key)
    route = notification_route(AsyncClient(**options), async_never, unknown=async_append if wanted else None)
    asgi.add_api_route("/n", route, methods=["POST"])
    return post_to(asgi, "/n")


def post_to(asgi: Any, path: str) -> Post:
    httpx = pytest.importorskip("httpx")

    def post(headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        # An event loop each: one client serves them all.
        async def send() -> Any:
            transport = httpx.ASGITransport(asgi)
            async with httpx.AsyncClient(transport=transport, base_url="http://shop") as http:
                return await http.post(path, content=body, headers=headers)

        answer = asyncio.run(send())
        return answer.status_code, answer.content

    return post


def test_the_handler_of_the_readme(paid: Received, wechatpay_client: Client) -> None:
    """Word for word; what it does not understand it must not acknowledge."""
    pytest.importorskip("cryptography")
    text = (REPOSITORY / "bindings-python/README.md").read_text("utf-8")
    (code,) = re.findall(r"## Notifications\n\n```python\n(.*?)```", text, re.DOTALL)
    names = vars(wechatpay_rs) | {"WeChatPayError": wechatpay_rs.WeChatPayError}
    names |= {"logger": logging.getLogger("shop"), "notification_rules": notification_rules}
    exec("def handle(client, request, shop):\n" + textwrap.indent(code, "    "), names)

    class Request:
        def __init__(self, received: Received) -> None:
            self.headers, self._body = received

        def get_data(self) -> bytes:
            return self._body

    class Till:
        def paid(self, payment: Any) -> bool:
            return bool(payment["out_trade_no"] == "20260808-0001")

        def refunded(self, refund: Any) -> bool:
            return bool(refund["out_refund_no"] == "R1")

    def answered(client: Client, received: Received) -> int:
        body, status = names["handle"](client, Request(received), Till())
        assert (body == "") == (status == 204)
        return int(status)

    key = platform_key()
    client = documented_client(wechatpay_public_key=public_pem(key))

    def made(event: str, original: str, **resource: Any) -> Received:
        return notification(key, {"event_type": event, "original_type": original, "resource": resource})

    def payment(number: str, state: str, **more: Any) -> Received:
        order = {"mchid": "1900000001", "out_trade_no": number, "trade_state": state, **more}
        return made("TRANSACTION.SUCCESS", "transaction", **order)

    assert answered(wechatpay_client, paid) == 204
    assert answered(wechatpay_client, (paid[0], paid[1] + b" ")) == 401
    assert answered(client, payment("20260808-0001", "SUCCESS")) == 204
    assert answered(client, payment("20260808-0001", "REVOKED")) == 500
    assert answered(client, payment("ANOTHER", "SUCCESS")) == 500
    assert (
        answered(client, made("REFUND.SUCCESS", "refund", out_refund_no="R1", refund_status="SUCCESS")) == 204
    )
    assert (
        answered(client, made("REFUND.SUCCESS", "refund", out_refund_no="R2", refund_status="SUCCESS")) == 500
    )
    assert answered(client, made("A.NEW_EVENT", "new", out_trade_no="20260808-0001")) == 500
    assert answered(client, unknown_notification(key)) == 500


def test_flask(wechatpay_client: Client, paid: Received, tmp_path: Path) -> None:
    pytest.importorskip("flask")
    from flask_app import create_app

    shop = Shop(tmp_path / "shop.sqlite3")
    app = create_app(wechatpay_client, shop)

    def post(headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        answer = app.test_client().post("/wechatpay/notify", data=body, headers=headers)
        return answer.status_code, answer.data

    check_adapter(post, shop, paid)
    check_wsgi(app, "/wechatpay/notify", paid)
    assert app.test_client().get("/wechatpay/notify").status_code == 405


def test_fastapi(sandbox: Sandbox, paid: Received, tmp_path: Path) -> None:
    pytest.importorskip("fastapi")
    from fastapi_app import create_app

    shop = Shop(tmp_path / "shop.sqlite3")
    client = AsyncClient(**sandbox.options)
    app = create_app(client, shop)

    check_adapter(post_to(app, "/wechatpay/notify"), shop, paid)

    # A body that comes in pieces without end, and without a length announced.
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": endless.read(100_000), "more_body": True}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    endless, sent = Endless(), list[dict[str, Any]]()
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/wechatpay/notify",
        "headers": [],
        "query_string": b"",
    }
    asyncio.run(app(scope, receive, send))
    assert (sent[0]["status"], sent[1]["body"]) == (413, failed("BODY_TOO_LARGE"))
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
