"""A signer of one's own: another process holds the key, here `openssl`, as a KMS or an HSM would."""

from __future__ import annotations

import asyncio
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from wechatpay_rs import AsyncClient, Client, ConfigError, DecryptionError, SigningError

ORDER = {"description": "tea", "notify_url": "https://shop.example/notify", "amount": {"total": 100}}


def openssl(*arguments: str | Path, given: bytes) -> bytes:
    return subprocess.run(["openssl", *arguments], input=given, capture_output=True, check=True).stdout


class OfOpenssl:
    def __init__(self, key: Path) -> None:
        self.key = key
        self.threads: set[str] = set()

    def sign(self, message: bytes) -> bytes:
        self.threads.add(threading.current_thread().name)
        return openssl("dgst", "-sha256", "-sign", self.key, given=message)

    def decrypt(self, ciphertext: bytes) -> bytes:
        return openssl(
            "pkeyutl", "-decrypt", "-inkey", self.key, "-pkeyopt", "rsa_padding_mode:oaep", given=ciphertext
        )


class OfDigests:
    def __init__(self, key: Path) -> None:
        self.key = key

    def sign_digest(self, digest: bytes) -> bytes:
        assert len(digest) == 32
        return openssl("pkeyutl", "-sign", "-inkey", self.key, "-pkeyopt", "digest:sha256", given=digest)


@pytest.fixture
def options(sandbox: Any) -> dict[str, Any]:
    without_key = dict(sandbox.options)
    del without_key["private_key_path"]
    return without_key


@pytest.fixture
def key(sandbox: Any) -> Path:
    return sandbox.folder / "apiclient_key.pem"


def requests(sandbox: Any) -> list[Any]:
    return sandbox.control("GET", "/sandbox/requests")["requests"]


def native(sandbox: Any, number: str) -> dict[str, Any]:
    return {**ORDER, "appid": sandbox.appid, "out_trade_no": number}


def test_a_signer_signs_and_decrypts(sandbox: Any, options: dict[str, Any], key: Path) -> None:
    client = Client(signer=OfOpenssl(key), **options)
    assert client.payments.native.prepay(**native(sandbox, "SIGNER-1"))["code_url"]
    answer = client.security.echo(echo_message="a", encrypted_echo_message="张三")
    assert answer["encrypted_echo_message"] == "张三"
    assert client.jsapi_payment(appid=sandbox.appid, prepay_id="wx201410272009395522657a690389285100")[
        "paySign"
    ]


def test_digests_and_plain_functions_sign(sandbox: Any, options: dict[str, Any], key: Path) -> None:
    for number, signer in enumerate([OfDigests(key), OfOpenssl(key).sign]):
        client = Client(signer=signer, **options)
        assert client.payments.native.prepay(**native(sandbox, f"SIGNER-2{number}"))["code_url"]
        with pytest.raises(DecryptionError, match="the signer cannot decrypt"):
            client.security.echo(echo_message="a", encrypted_echo_message="b")


def test_no_event_loop_waits_for_a_signer(sandbox: Any, options: dict[str, Any], key: Path) -> None:
    signer = OfOpenssl(key)

    async def calls() -> list[Any]:
        async with AsyncClient(signer=signer, **options) as client:
            return await asyncio.gather(
                *(client.payments.native.prepay(**native(sandbox, f"SIGNER-3{n}")) for n in range(8)),
                client.jsapi_payment(appid=sandbox.appid, prepay_id="wx201410272009395522657a690389285100"),
            )

    assert len(asyncio.run(calls())) == 9
    assert signer.threads and "MainThread" not in signer.threads


def test_what_a_signer_raises_is_the_cause_and_nothing_was_sent(
    sandbox: Any, options: dict[str, Any]
) -> None:
    class Closed:
        def sign(self, message: bytes) -> bytes:
            raise PermissionError("the vault is closed")

    before = len(requests(sandbox))
    client = Client(signer=Closed(), **options)
    with pytest.raises(SigningError, match="the vault is closed") as caught:
        client.payments.native.prepay(**native(sandbox, "SIGNER-4"))
    assert isinstance(caught.value.__cause__, PermissionError)
    assert not caught.value.outcome_unknown
    assert len(requests(sandbox)) == before

    async def call() -> None:
        async with AsyncClient(signer=Closed(), **options) as client:
            await client.payments.native.prepay(**native(sandbox, "SIGNER-4"))

    with pytest.raises(SigningError) as caught:
        asyncio.run(call())
    assert isinstance(caught.value.__cause__, PermissionError)


def test_a_signer_that_fails_after_an_answer_was_lost_leaves_the_outcome_unknown(
    sandbox: Any, options: dict[str, Any], key: Path
) -> None:
    class Once(OfOpenssl):
        signed = 0

        def sign(self, message: bytes) -> bytes:
            self.signed += 1
            if self.signed > 1:
                raise OSError("no way to the vault")
            return super().sign(message)

    client = Client(signer=Once(key), **options)
    lost = {"match": {"operation": "payments.native.prepay"}, "fault": {"close": "before_answer"}}
    sandbox.control("POST", "/sandbox/faults", lost)
    with pytest.raises(Exception, match="vault") as caught:
        client.payments.native.prepay(**native(sandbox, "SIGNER-5"))
    assert caught.value.outcome_unknown  # type: ignore[attr-defined]


def test_another_key_than_the_certificates_is_found_before_anything_is_sent(
    sandbox: Any, options: dict[str, Any], tmp_path: Path
) -> None:
    stranger = tmp_path / "stranger.pem"
    openssl("genpkey", "-algorithm", "RSA", "-out", stranger, given=b"")
    before = len(requests(sandbox))
    del options["merchant_serial"]
    client = Client(
        signer=OfOpenssl(stranger), merchant_certificate=sandbox.folder / "apiclient_cert.pem", **options
    )
    with pytest.raises(SigningError, match="another key than that of the merchant certificate"):
        client.payments.native.prepay(**native(sandbox, "SIGNER-6"))
    assert len(requests(sandbox)) == before


@pytest.mark.parametrize(
    ("signer", "says"),
    [
        (object(), "a method sign or sign_digest"),
        (type("Wrong", (), {"sign": 5})(), "must be a method"),
    ],
)
def test_what_is_no_signer_is_refused(options: dict[str, Any], signer: Any, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        Client(signer=signer, **options)


def test_coroutines_and_wrong_results_are_refused(sandbox: Any, options: dict[str, Any], key: Path) -> None:
    async def sign(message: bytes) -> bytes:
        return message

    with pytest.raises(ConfigError, match="coroutine"):
        Client(signer=sign, **options)  # type: ignore[arg-type]
    client = Client(signer=lambda message: "text", **options)  # type: ignore[arg-type, return-value]
    with pytest.raises(SigningError, match="must return bytes, not str"):
        client.payments.native.prepay(**native(sandbox, "SIGNER-7"))
    with pytest.raises(ConfigError, match="Give one"):
        Client(signer=OfOpenssl(key), private_key_path=key, **options)
