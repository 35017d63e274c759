"""wechatpayv3, synchronous and asynchronous, as its users use it, against the local WeChat Pay."""

from __future__ import annotations

import asyncio
import csv
import gzip
import hashlib
import http.server
import io
import json
import os
import queue
import threading
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpayv3.async_ import AsyncWeChatPay
from wechatpayv3.async_ import WeChatPayType as AsyncWeChatPayType

FOLDER = Path(os.environ["SANDBOX_FOLDER"])
CREDENTIALS = json.loads((FOLDER / "credentials.json").read_text())
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(200) + b"\xff\xd9"
Call = tuple[int, Any]


class Peer:
    """Either client, with one way to call it."""

    def __init__(self, kind: str, **changes: str) -> None:
        self.asynchronous = kind.startswith("async")
        self.certificates = kind.endswith("certificates")
        self.options = {
            "wechatpay_type": AsyncWeChatPayType.NATIVE if self.asynchronous else WeChatPayType.NATIVE,
            "mchid": CREDENTIALS["mchid"],
            "private_key": CREDENTIALS["merchant_private_key"],
            "cert_serial_no": CREDENTIALS["merchant_serial_no"],
            "appid": CREDENTIALS["appid"],
            "apiv3_key": CREDENTIALS["api_v3_key"],
        }
        # Without the public key it downloads the platform certificates and verifies with them.
        if not self.certificates:
            self.options["public_key"] = CREDENTIALS["wechatpay_public_key"]
            self.options["public_key_id"] = CREDENTIALS["wechatpay_public_key_id"]
        self.options.update(changes)

    def do(self, method: str, *args: Any, **kwargs: Any) -> Any:
        if not self.asynchronous:
            return getattr(WeChatPay(**self.options), method)(*args, **kwargs)

        async def run() -> Any:
            async with AsyncWeChatPay(**self.options) as client:
                result = getattr(client, method)(*args, **kwargs)
                return await result if asyncio.iscoroutine(result) else result

        return asyncio.run(run())


def configure(peer: Peer) -> None:
    """The platform signs notifications by what the merchant has configured with it: a setting, not the header."""
    play("settings", {"notification_signer": "certificate" if peer.certificates else "public_key"})


@pytest.fixture(params=["sync_public_key", "sync_certificates", "async_public_key", "async_certificates"])
def peer(request: pytest.FixtureRequest) -> Peer:
    return Peer(request.param)


@pytest.fixture
def receiver() -> Iterator[tuple[str, queue.Queue[tuple[dict[str, str], bytes]]]]:
    """The merchant's own server for notifications."""
    arrived: queue.Queue[tuple[dict[str, str], bytes]] = queue.Queue()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            arrived.put((dict(self.headers.items()), body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/notify", arrived
    server.shutdown()
    server.server_close()


def play(path: str, body: dict[str, Any] | None = None) -> None:
    """Plays the payer, at the control plane."""
    data = json.dumps(body or {}).encode()
    request = urllib.request.Request(
        f"{CREDENTIALS['base_url']}/sandbox/{path}", data, {"Content-Type": "application/json"}
    )
    urllib.request.urlopen(request).close()


def number() -> str:
    return os.urandom(12).hex()


def order(peer: Peer, notify_url: str = "https://shop.example.com/notify") -> str:
    out_trade_no = number()
    code, message = peer.do(
        "pay", description="乌龙茶", out_trade_no=out_trade_no, amount={"total": 100}, notify_url=notify_url
    )
    assert code == 200, message
    assert json.loads(message)["code_url"].startswith("weixin://")
    return out_trade_no


def test_an_order_is_paid_and_its_notification_verified(
    peer: Peer, receiver: tuple[str, queue.Queue[tuple[dict[str, str], bytes]]]
) -> None:
    url, arrived = receiver
    configure(peer)
    out_trade_no = order(peer, url)
    play(f"pay/{out_trade_no}")
    headers, body = arrived.get(timeout=30)
    notification = peer.do("callback", headers, body)
    assert notification["event_type"] == "TRANSACTION.SUCCESS"
    assert notification["resource"]["out_trade_no"] == out_trade_no
    assert notification["resource"]["trade_state"] == "SUCCESS"

    code, message = peer.do("query", out_trade_no=out_trade_no)
    assert (code, json.loads(message)["trade_state"]) == (200, "SUCCESS")


def test_what_was_changed_on_the_way_is_no_notification(
    receiver: tuple[str, queue.Queue[tuple[dict[str, str], bytes]]],
) -> None:
    url, arrived = receiver
    peer = Peer("sync_public_key")
    configure(peer)
    play(f"pay/{order(peer, url)}")
    headers, body = arrived.get(timeout=30)
    assert peer.do("callback", headers, body + b" ") is None


def test_an_old_notification_passes_as_new(
    receiver: tuple[str, queue.Queue[tuple[dict[str, str], bytes]]],
) -> None:
    """A mistake of this SDK: the time that was signed is not looked at."""
    url, arrived = receiver
    peer = Peer("sync_public_key")
    configure(peer)
    out_trade_no = order(peer, url)
    play("faults", {"match": {"notification": "*"}, "fault": {"timestamp_offset": -86400}})
    play(f"pay/{out_trade_no}")
    headers, body = arrived.get(timeout=30)
    age = datetime.now(timezone.utc).timestamp() - int(headers["Wechatpay-Timestamp"])
    assert age > 80_000
    assert peer.do("callback", headers, body)["resource"]["out_trade_no"] == out_trade_no


def test_a_serial_that_is_a_public_keys_id_breaks_the_client_with_certificates(
    receiver: tuple[str, queue.Queue[tuple[dict[str, str], bytes]]],
) -> None:
    """A mistake of this SDK: it reads every serial as a hexadecimal number, instead of saying that it lacks the key."""
    url, arrived = receiver
    configure(Peer("sync_public_key"))
    peer = Peer("sync_certificates")
    play(f"pay/{order(peer, url)}")
    headers, body = arrived.get(timeout=30)
    with pytest.raises(ValueError, match="PUB_KEY_ID"):
        peer.do("callback", headers, body)


def test_a_refund(peer: Peer) -> None:
    out_trade_no, out_refund_no = order(peer), number()
    play(f"pay/{out_trade_no}")
    code, message = peer.do(
        "refund",
        out_refund_no=out_refund_no,
        out_trade_no=out_trade_no,
        amount={"refund": 40, "total": 100, "currency": "CNY"},
    )
    assert (code, json.loads(message)["status"]) == (200, "PROCESSING")
    play(f"refunds/{out_refund_no}/finish")
    code, message = peer.do("query_refund", out_refund_no)
    assert (code, json.loads(message)["status"]) == (200, "SUCCESS")


def test_the_bill_holds_the_orders(peer: Peer) -> None:
    out_trade_no = order(peer)
    play(f"pay/{out_trade_no}")
    today = datetime.now(timezone(timedelta(hours=8))).strftime("%Y-%m-%d")
    code, message = peer.do("trade_bill", today)
    assert code == 200, message
    bill = json.loads(message)
    code, content = peer.do("download_bill", bill["download_url"])
    assert code == 200
    text = gzip.decompress(content)
    assert hashlib.sha1(text).hexdigest() == bill["hash_value"]
    rows = csv.reader(io.StringIO(text.decode("utf-8-sig")))
    assert any(f"`{out_trade_no}" in row for row in rows)


@pytest.mark.parametrize("kind", ["sync_public_key", "sync_certificates"])
def test_an_image_is_uploaded(kind: str, tmp_path: Path) -> None:
    image = tmp_path / "shop.jpg"
    image.write_bytes(JPEG)
    code, message = Peer(kind).do("image_upload", str(image))
    assert code == 200, message
    assert json.loads(message)["media_id"]


def test_the_asynchronous_upload_sends_nothing(tmp_path: Path) -> None:
    """A mistake of this SDK: what is awaited is a coroutine that nobody awaits."""
    image = tmp_path / "shop.jpg"
    image.write_bytes(JPEG)
    unawaited = Peer("async_public_key").do("image_upload", str(image))
    assert asyncio.iscoroutine(unawaited)
    unawaited.close()


def test_what_is_refused(peer: Peer) -> None:
    code, message = peer.do("query", out_trade_no=number())
    assert (code, json.loads(message)["code"]) == (404, "ORDER_NOT_EXIST")
    wrong = Peer("sync_public_key", cert_serial_no="0" * 40)
    code, message = wrong.do("query", out_trade_no=number())
    assert (code, json.loads(message)["code"]) == (401, "SIGN_ERROR")
