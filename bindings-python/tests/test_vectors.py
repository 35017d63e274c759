"""Vectors that all languages share, and signatures and ciphertexts made and checked by another library."""

from __future__ import annotations

import asyncio
import base64
import json
import keyword
import re
import time
from typing import Any

import pytest

from conftest import load, load_all
from wechatpay_rs import AsyncClient, Client, VerificationError

EXAMPLES = load_all("tests/vectors/examples")
PUBLISHED = load("tests/vectors/published.json")
VECTORS = {vector["id"]: vector for vector in PUBLISHED["vectors"]}
MERCHANT, PLATFORM = PUBLISHED["keys"]["doc.merchant"], PUBLISHED["keys"]["doc.wechatpay"]
KEY_ID = "PUB_KEY_ID_0000000000000024101100397200000006"
API_V3_KEY = "0123456789abcdef0123456789abcdef"


def documented_options(**options: Any) -> dict[str, Any]:
    return {
        "mchid": MERCHANT["mchid"],
        "private_key": MERCHANT["private_key_pem"],
        "merchant_serial": MERCHANT["serial"],
        "wechatpay_public_key": PLATFORM["public_key_pem"],
        "wechatpay_public_key_id": KEY_ID,
        "hk_public_key": PLATFORM["public_key_pem"],
        "hk_public_key_id": KEY_ID,
        "api_v3_key": API_V3_KEY,
        **options,
    }


def documented_client(**options: Any) -> Client:
    """A client with the documentation's test keys."""
    return Client(**documented_options(**options))


class Recorder:
    """Stands in for the caller: remembers what the generated methods ask for."""

    def __init__(self) -> None:
        self.asked: tuple[Any, ...] | None = None

    def call(self, operation: str, params: dict[str, Any], *files: Any) -> None:
        given = {name: value for name, value in params.items() if value is not None}
        self.asked = (operation, given, *files)

    def upload(self, operation: str, file: Any, file_name: str, params: dict[str, Any]) -> None:
        self.call(operation, params, file, file_name)

    call_for_file = call


class AsyncRecorder(Recorder):
    async def call(self, operation: str, params: dict[str, Any], *files: Any) -> None:  # type: ignore[override]
        super().call(operation, params, *files)

    async def upload(  # type: ignore[override]
        self, operation: str, file: Any, file_name: str, params: dict[str, Any]
    ) -> None:
        super().call(operation, params, file, file_name)

    call_for_file = call  # type: ignore[assignment]


OPERATIONS = EXAMPLES["operations"]


@pytest.mark.parametrize("example", OPERATIONS, ids=lambda one: one["id"])
def test_every_operation_has_its_method(example: dict[str, Any]) -> None:
    """Both clients pass on exactly the fields of the example, under the names of the API, and the file."""
    request = example.get("request", {})
    first: tuple[Any, ...] = ()
    more: dict[str, Any] = {}
    if "upload" in example:
        first, more = (b"content",), {"file_name": f"a.{example['upload']}"}
    elif "file" in example:
        first, more = ("to",), {"progress": print}
    for cls, recorder in ((Client, Recorder()), (AsyncClient, AsyncRecorder())):
        target: Any = cls.__new__(cls)
        target._caller = recorder
        for part in example["operation"].split("."):
            target = getattr(target, f"{part}_" if keyword.iskeyword(part) else part)
        assert target.__doc__
        outcome = target(*first, **request, **more)
        if outcome is not None:
            asyncio.run(outcome)
        assert recorder.asked == (example["operation"], request, *first, *more.values())


@pytest.mark.parametrize(
    "example",
    [one for one in OPERATIONS if "request" in one and "upload" not in one],
    ids=lambda one: one["id"],
)
def test_every_example_is_signed(example: dict[str, Any]) -> None:
    """What is signed is what is sent, says another library."""
    hashes = pytest.importorskip("cryptography.hazmat.primitives.hashes")
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import padding

    request = documented_client().prepare(example["operation"], example["request"])
    authorization = dict(request.headers)["Authorization"]
    assert authorization.startswith("WECHATPAY2-SHA256-RSA2048 ")
    parts = dict(re.findall(r'(\w+)="([^"]*)"', authorization))
    assert (parts["mchid"], parts["serial_no"]) == (MERCHANT["mchid"], MERCHANT["serial"])
    path = re.sub(r"^https://[^/]+", "", request.url)
    message = (
        f"{request.method}\n{path}\n{parts['timestamp']}\n{parts['nonce_str']}\n".encode()
        + request.body
        + b"\n"
    )
    key = serialization.load_pem_private_key(MERCHANT["private_key_pem"].encode(), None)
    key.public_key().verify(  # type: ignore[union-attr, call-arg]
        base64.b64decode(parts["signature"]), message, padding.PKCS1v15(), hashes.SHA256()
    )
    if request.body:
        assert b"null" not in request.body
        json.loads(request.body)


def test_the_published_answer_is_old_and_nothing_else_is_wrong() -> None:
    vector = VECTORS["doc.verify_response"]
    with pytest.raises(VerificationError) as caught:
        documented_client().finish(
            "payments.native.prepay",
            200,
            {**vector["headers"], "Wechatpay-Serial": KEY_ID, "Wechatpay-Signature": vector["signature"]},
            vector["body"].encode(),
        )
    assert caught.value.code == "CLOCK_OFF"
    assert caught.value.outcome_unknown


@pytest.mark.parametrize("probe", ["doc.signtest_probe", "x.signtest_probe_production"])
def test_probes_are_recognised(probe: str) -> None:
    headers = {
        "Wechatpay-Timestamp": str(int(time.time())),
        "Wechatpay-Nonce": "n",
        "Wechatpay-Serial": KEY_ID,
        "Wechatpay-Signature": VECTORS[probe]["signature"],
    }
    with pytest.raises(VerificationError) as caught:
        documented_client().notifications.parse(headers, b"{}")
    assert caught.value.code == "SIGNTEST_PROBE"


@pytest.mark.parametrize("example", EXAMPLES["notifications"], ids=lambda one: one["id"])
def test_every_notification(example: dict[str, Any]) -> None:
    """Signed and encrypted by another library, for each type of the spec."""
    pytest.importorskip("cryptography")
    key = platform_key()
    client = documented_client(wechatpay_public_key=public_pem(key))
    headers, body = notification(key, example)
    parsed = client.notifications.parse(headers, body)
    assert parsed["type"] == example["id"]
    assert parsed["resource"] == example["resource"]


def platform_key() -> Any:
    from cryptography.hazmat.primitives.asymmetric import rsa

    if not hasattr(platform_key, "made"):
        platform_key.made = rsa.generate_private_key(65537, 2048)  # type: ignore[attr-defined]
    return platform_key.made  # type: ignore[attr-defined]


def public_pem(key: Any) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    pem: bytes = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem.decode()


def notification(key: Any, example: dict[str, Any]) -> tuple[dict[str, str], bytes]:
    """A notification as WeChat Pay makes it."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    merchant = __import__("cryptography.hazmat.primitives.serialization", fromlist=["x"])
    merchant_key = merchant.load_pem_private_key(MERCHANT["private_key_pem"].encode(), None).public_key()
    oaep = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
    resource = json.loads(json.dumps(example["resource"]))
    for place in example.get("encrypted", []):
        *names, last = place.split("/")[1:]
        part = resource
        for name in names:
            part = part[int(name) if isinstance(part, list) else name]
        last = int(last) if isinstance(part, list) else last
        part[last] = base64.b64encode(merchant_key.encrypt(part[last].encode(), oaep)).decode()
    sealed = AESGCM(API_V3_KEY.encode()).encrypt(
        b"123456789012", json.dumps(resource).encode(), b"transaction"
    )
    body = json.dumps(
        {
            "id": "EV-2018022511223320873",
            "create_time": "2015-05-20T13:29:35+08:00",
            "resource_type": "encrypt-resource",
            "event_type": example["event_type"],
            "summary": "支付成功",
            "resource": {
                "original_type": example["original_type"] or "x",
                "algorithm": "AEAD_AES_256_GCM",
                "ciphertext": base64.b64encode(sealed).decode(),
                "associated_data": "transaction",
                "nonce": "123456789012",
            },
        }
    ).encode()
    timestamp, nonce = str(int(time.time())), "5b4Bq0"
    signature = key.sign(
        f"{timestamp}\n{nonce}\n".encode() + body + b"\n", padding.PKCS1v15(), hashes.SHA256()
    )
    return {
        "Wechatpay-Timestamp": timestamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Serial": KEY_ID,
        "Wechatpay-Signature": base64.b64encode(signature).decode(),
    }, body
