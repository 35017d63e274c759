"""One SDK, measured in a process of its own: prints JSON. Started by `compare.py`, in the virtual environment of that SDK."""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import process_time
from typing import Any

ORDER = "BENCH-1"
OPERATION = "payments.query_by_out_trade_no"


class Ours:
    def __init__(self, material: dict[str, Any]) -> None:
        from wechatpay_rs import AsyncClient, Client

        self.options = material["options"]
        self.client = Client(**self.options)
        self.appid = material["appid"]
        self.notification = (material["headers"], material["body"].encode())
        self.make_async = lambda: AsyncClient(**self.options)
        self.answer = material["answer"]

    def sign(self) -> None:
        self.client.jsapi_payment(appid=self.appid, prepay_id="wx201410272009395522657a690389285100")

    def verify(self) -> None:
        self.client.finish(OPERATION, 200, self.answer["headers"], self.answer["body"].encode())

    def notify(self) -> None:
        notification = self.client.notifications.parse(*self.notification)
        assert notification["type"] == "payments.transaction"

    def query(self) -> None:
        assert self.client.payments.query_by_out_trade_no(out_trade_no=ORDER)["trade_state"] == "SUCCESS"

    async def query_many(self, calls: int, concurrent: int) -> None:
        client = self.make_async()

        async def some() -> None:
            for _ in range(calls // concurrent):
                answer = await client.payments.query_by_out_trade_no(out_trade_no=ORDER)
                assert answer["trade_state"] == "SUCCESS"

        await asyncio.gather(*(some() for _ in range(concurrent)))
        client.close()


class Theirs:
    def __init__(self, material: dict[str, Any], *, keep_alive: bool) -> None:
        from wechatpayv3 import WeChatPay, WeChatPayType

        options = material["options"]
        self.appid = material["appid"]
        self.arguments = {
            "wechatpay_type": WeChatPayType.JSAPI,
            "mchid": options["mchid"],
            "private_key": Path(options["private_key_path"]).read_text(),
            "cert_serial_no": options["merchant_serial"],
            "appid": self.appid,
            "apiv3_key": options["api_v3_key"],
            "notify_url": "http://127.0.0.1:1/notify",
            "public_key": Path(options["wechatpay_public_key_path"]).read_text(),
            "public_key_id": options["wechatpay_public_key_id"],
        }
        self.base_url = options["base_url"]
        self.client = WeChatPay(**self.arguments)
        self.client._core._gate_way = self.base_url
        self.notification = (material["headers"], material["body"].encode())
        self.answer = material["answer"]
        if keep_alive:
            # As shipped it connects anew for every call. A pool is put in its place, to compare the rest.
            import requests
            from requests.adapters import HTTPAdapter
            from wechatpayv3 import core

            session = requests.Session()
            session.trust_env = False
            session.mount("http://", HTTPAdapter(pool_connections=64, pool_maxsize=64))
            core.requests = session

    def sign(self) -> None:
        self.client.sign(
            [self.appid, "1554208460", "593BEC0C930BF1AFEB40B4A08C8FB242", "prepay_id=wx2014102720"]
        )

    def verify(self) -> None:
        assert self.client._core._verify_signature(self.answer["headers"], self.answer["body"])
        json.loads(self.answer["body"])

    def notify(self) -> None:
        assert self.client.callback(*self.notification)["resource"]["trade_state"] == "SUCCESS"

    def query(self) -> None:
        code, message = self.client.query(out_trade_no=ORDER)
        assert code == 200
        assert json.loads(message)["trade_state"] == "SUCCESS"

    async def query_many(self, calls: int, concurrent: int) -> None:
        from wechatpayv3.async_ import AsyncWeChatPay

        async with AsyncWeChatPay(**self.arguments) as client:
            client._core._gate_way = self.base_url

            async def some() -> None:
                for _ in range(calls // concurrent):
                    code, message = await client.query(out_trade_no=ORDER)
                    assert code == 200
                    assert json.loads(message)["trade_state"] == "SUCCESS"

            await asyncio.gather(*(some() for _ in range(concurrent)))


def micros(call: Callable[[], None], times: int) -> float:
    """Least CPU time of a call over several rounds, in microseconds: what disturbs only ever adds."""
    call()
    rounds = []
    for _ in range(5):
        began = process_time()
        for _ in range(times):
            call()
        rounds.append((process_time() - began) / times * 1e6)
    return min(rounds)


def raw(material: dict[str, Any]) -> dict[str, float]:
    """The floor: one RSA signature and one verification, by OpenSSL."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key: Any = load_pem_private_key(Path(material["options"]["private_key_path"]).read_bytes(), None)
    public, message = key.public_key(), b"x" * 200
    signature = key.sign(message, padding.PKCS1v15(), hashes.SHA256())
    return {
        "raw_sign": micros(lambda: key.sign(message, padding.PKCS1v15(), hashes.SHA256()), 300),
        "raw_verify": micros(
            lambda: public.verify(signature, message, padding.PKCS1v15(), hashes.SHA256()), 3000
        ),
    }


def main(which: str, material_path: str, calls: int) -> None:
    material = json.loads(Path(material_path).read_text("utf-8"))
    sdk: Any = (
        Ours(material) if which == "ours" else Theirs(material, keep_alive=which == "theirs-keep-alive")
    )
    found: dict[str, float] = {"memory_client": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
    times = max(calls // 4, 50)
    found["sign"] = micros(sdk.sign, times)
    found["verify"] = micros(sdk.verify, times)
    found["notification"] = micros(sdk.notify, times)
    if which == "theirs":
        found |= raw(material)
    sdk.query()

    def some(times: int) -> None:
        for _ in range(times):
            sdk.query()

    found["sync_main"] = micros(sdk.query, calls // 5)
    for concurrent in (1, 16, 64):
        # Each thread makes one call after the other, as those of a server do: an executor's work per call is not ours.
        share = calls // concurrent
        with ThreadPoolExecutor(concurrent) as threads:
            list(threads.map(some, [1] * concurrent))
            began = process_time()
            list(threads.map(some, [share] * concurrent))
            found[f"sync_{concurrent}"] = (process_time() - began) / (share * concurrent) * 1e6
    if which != "theirs-keep-alive":
        for concurrent in (1, 16, 64):
            asyncio.run(sdk.query_many(concurrent, concurrent))
            began = process_time()
            rounded = calls // concurrent * concurrent
            asyncio.run(sdk.query_many(rounded, concurrent))
            found[f"async_{concurrent}"] = (process_time() - began) / rounded * 1e6
    found["memory_end"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
