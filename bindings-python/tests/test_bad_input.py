"""What is refused, with which exception, and what it says."""

from __future__ import annotations

import asyncio
import base64
import copy
import errno
import io
import json
import pickle
from collections import ChainMap
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import IntEnum
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

import wechatpay_rs
from wechatpay_rs import (
    ApiError,
    AsyncClient,
    Client,
    ClosedError,
    ConfigError,
    InvalidRequestError,
    WeChatPayConnectionError,
    WeChatPayError,
    WeChatPayIoError,
    WeChatPayTimeoutError,
    outcome_unknown,
)
from wechatpay_rs.generated.errors import BY_KIND
from wechatpay_rs.testing import Sandbox


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"amount": {"total": 1.5}}, ["amount", "total"]),
        ({"amount": {"total": 100.0}}, ["amount", "total"]),
        ({"amount": {"total": float("nan")}}, ["amount", "total", "fen"]),
        ({"amount": {"total": Decimal("1.00")}}, ["amount.total", "Decimal", "fen"]),
        ({"amount": {"total": True}}, ["amount", "total"]),
        ({"amount": {"total": "100"}}, ["amount", "total"]),
        ({"amount": None}, ["amount"]),
        ({"description": b"Tea"}, ["description", "bytes", "text"]),
        ({"description": "\ud800"}, ["description", "surrogate"]),
        ({"description": "x" * 128}, ["description", "127"]),
        ({"time_expire": datetime(2026, 8, 8)}, ["time_expire", "time zone"]),
        ({"time_expire": date(2026, 8, 8)}, ["time_expire", "RFC 3339"]),
        ({"payer": {"opened": "x"}}, ["opened", "openid"]),
        ({"payer": {1: "x"}}, ["payer: a name is of type int", "names are str"]),
        ({"limit_pay": [None]}, ["limit_pay"]),
        ({"limit_pay": {"no_credit"}}, ["limit_pay", "set"]),
        ({"amount": {"total": 10**30}}, ["amount.total", "64 bits"]),
        ({"detail": {"goods_detail": [{"quantity": b"1"}]}}, ["detail.goods_detail.0.quantity", "bytes"]),
        ({"attach": "🍵"}, ["attach"]),
    ],
    ids=lambda value: json.dumps(value, default=repr) if isinstance(value, dict) else "",
)
def test_wrong_values_name_the_argument(
    wechatpay_client: Client,
    sandbox: Sandbox,
    order: dict[str, Any],
    change: dict[str, Any],
    words: list[str],
) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        wechatpay_client.payments.jsapi.prepay(**{**order, **change})
    for word in words:
        assert word in str(caught.value)
    assert caught.value.operation == "payments.jsapi.prepay"
    assert sandbox.control("GET", "/sandbox/requests")["requests"] == []


def test_a_structure_that_contains_itself(wechatpay_client: Client, order: dict[str, Any]) -> None:
    loop: dict[str, Any] = {}
    loop["goods_detail"] = [loop]
    with pytest.raises(InvalidRequestError, match="detail"):
        wechatpay_client.payments.jsapi.prepay(**order, detail=loop)  # type: ignore[arg-type]


def test_what_only_looks_like_a_dict(
    wechatpay_client: Client, sandbox: Sandbox, order: dict[str, Any]
) -> None:
    """Subclasses of the plain types, and mappings that are none of dict's."""

    class Text(str):
        __slots__ = ()

    order = {
        **order,
        "description": Text("Tea"),
        "amount": ChainMap({"total": Fen.PRICE}),
        "limit_pay": ("no_credit",),
    }
    wechatpay_client.payments.jsapi.prepay(**order)
    (request,) = sandbox.control("GET", "/sandbox/requests")["requests"]
    sent = json.loads(request["body"])
    assert (sent["description"], sent["amount"], sent["limit_pay"]) == ("Tea", {"total": 100}, ["no_credit"])


def test_what_changes_while_it_is_read(
    wechatpay_client: Client, sandbox: Sandbox, order: dict[str, Any]
) -> None:
    """As another thread may: what is sent is how it was when it was looked at, and nothing breaks."""

    class Changing(ChainMap[str, Any]):
        def items(self) -> Any:
            goods[f"later{len(goods)}"] = "x"
            detail.append({})
            return super().items()

    goods: dict[str, Any] = {"merchant_goods_id": "T1", "quantity": 1, "unit_price": 100}
    detail = [goods, Changing(goods.copy())]
    changed = {"goods": detail, "more": goods, "first": Changing({"a": 1}), "last": goods}
    rule = {"match": {"path": "/v3/*"}, "fault": {"raw_body": "{}"}}
    sandbox.control("POST", "/sandbox/faults", rule)
    wechatpay_client.request("POST", "/v3/anything", changed)
    (request,) = sandbox.control("GET", "/sandbox/requests")["requests"]
    assert json.loads(request["body"])["first"] == {"a": 1}


class Fen(IntEnum):
    PRICE = 100


def test_datetime_with_time_zone_is_rfc_3339(
    wechatpay_client: Client, sandbox: Sandbox, order: dict[str, Any]
) -> None:
    moment = datetime(2030, 8, 8, 10, 34, 56, 789, timezone(timedelta(hours=8)))
    wechatpay_client.payments.jsapi.prepay(**order, time_expire=moment)
    (request,) = sandbox.control("GET", "/sandbox/requests")["requests"]
    assert '"time_expire":"2030-08-08T10:34:56+08:00"' in request["body"]


def test_values_with_one_plain_meaning_are_taken(wechatpay_client: Client, order: dict[str, Any]) -> None:
    class Whole:
        """As a whole number of numpy is."""

        def __index__(self) -> int:
            return 100

    unique = UUID("0a8b2f76-7d7b-4f8c-9c53-3a1d4a3a7d11")
    request = wechatpay_client.prepare(
        "payments.jsapi.prepay", {**order, "attach": unique, "amount": {"total": Whole()}}
    )
    assert b'"attach":"0a8b2f76-7d7b-4f8c-9c53-3a1d4a3a7d11"' in request.body
    assert b'"amount":{"total":100' in request.body
    assert (
        "bill_date=2026-08-08"
        in wechatpay_client.prepare("bills.trade_bill", {"bill_date": date(2026, 8, 8)}).url
    )


def test_files_of_web_frameworks_have_their_own_name(wechatpay_client: Client, sandbox: Sandbox) -> None:
    class Received(io.BytesIO):
        """As werkzeug has it: `name` is that of the form's field."""

        filename = "C:\\pictures\\shop.png"
        name = "logo"

    class Awaited:
        """As Starlette has it."""

        filename = "shop.png"

        async def read(self) -> bytes:
            return b"\x89PNG"

    async def upload() -> Any:
        async with AsyncClient(**sandbox.options) as client:
            return await client.media.upload_image(Awaited())  # type: ignore[arg-type]

    assert wechatpay_client.media.upload_image(Received(b"\x89PNG"))["media_id"]
    assert asyncio.run(upload())["media_id"]
    uploads = sandbox.control("GET", "/sandbox/requests?operation=media.upload_image")["requests"]
    assert [request["upload"]["file_name"] for request in uploads] == ["shop.png", "shop.png"]


def test_none_is_left_out(wechatpay_client: Client, sandbox: Sandbox, order: dict[str, Any]) -> None:
    wechatpay_client.payments.jsapi.prepay(**order, attach=None)
    (request,) = sandbox.control("GET", "/sandbox/requests")["requests"]
    assert "attach" not in request["body"]


def test_errors_of_wechat_pay_come_as_they_are(wechatpay_client: Client) -> None:
    with pytest.raises(ApiError) as caught:
        wechatpay_client.payments.query_by_out_trade_no(out_trade_no="NO-SUCH-ORDER")
    error = caught.value
    assert (error.kind, error.status, error.code) == ("api", 404, "ORDER_NOT_EXIST")
    assert error.request_id
    assert str(error).startswith(f"[{error.request_id}] ")
    assert error.operation == "payments.query_by_out_trade_no"
    assert json.loads(error.body or "")["code"] == "ORDER_NOT_EXIST"
    assert not error.authenticated
    assert isinstance(error, WeChatPayError)


def test_exceptions_survive_pickle_and_copy(wechatpay_client: Client) -> None:
    with pytest.raises(ApiError) as caught:
        wechatpay_client.payments.query_by_out_trade_no(out_trade_no="NO-SUCH-ORDER")
    for again in (
        pickle.loads(pickle.dumps(caught.value)),
        copy.copy(caught.value),
        copy.deepcopy(caught.value),
    ):
        assert type(again) is ApiError
        assert str(again) == str(caught.value)
        assert vars(again) == vars(caught.value)


def test_the_outcome_survives_a_queue_that_keeps_json(wechatpay_client: Client) -> None:
    """Celery's default backend writes down the class and `args`, and calls the class with them."""
    with pytest.raises(ApiError) as caught:
        wechatpay_client.payments.query_by_out_trade_no(out_trade_no="NO-SUCH-ORDER")
    for error in (caught.value, WeChatPayTimeoutError("TIMEOUT: x", code="TIMEOUT", outcome_unknown=True)):
        again = type(error)(*json.loads(json.dumps(error.args)))
        assert (str(again), again.args, repr(again)) == (str(error), error.args, repr(error))
        assert again.outcome_unknown is error.outcome_unknown is outcome_unknown(again)
        assert (again.code, again.status, again.request_id) == (error.code, error.status, error.request_id)
    # Where nothing is left but the text, nobody knows.
    for cls in BY_KIND.values():
        assert cls("TIMEOUT: no answer in time").outcome_unknown is True
        assert cls(str(caught.value)).args == (str(caught.value),)
        for again in (
            pickle.loads(pickle.dumps(cls("x", outcome_unknown=False))),
            copy.copy(cls("x", code="X")),
        ):
            assert str(again) == "x"
    assert not wechatpay_rs._errors.invalid_request("X", "x").outcome_unknown


def test_errors_are_what_python_calls_them(sandbox: Sandbox, tmp_path: Path) -> None:
    assert issubclass(WeChatPayTimeoutError, TimeoutError)
    assert issubclass(wechatpay_rs.WeChatPayConnectionError, ConnectionError)
    assert issubclass(wechatpay_rs.NetworkError, ConnectionError)
    missing = tmp_path / "missing"
    keys: dict[str, Any] = {"mchid": "1900000001", "merchant_serial": "AB12"}
    attempts: list[Callable[[], object]] = [
        lambda: Client(**keys, private_key=missing),
        lambda: Client(**keys, private_key_path=missing),
        lambda: wechatpay_rs.trade_bill_rows(missing),
        lambda: Client(**sandbox.options).media.upload_image(missing),
    ]
    for attempt in attempts:
        with pytest.raises(OSError, match="missing") as caught:
            attempt()
        error = caught.value
        assert isinstance(error, WeChatPayIoError)
        assert (error.errno, error.outcome_unknown) == (errno.ENOENT, False)
        assert pickle.loads(pickle.dumps(error)).errno == errno.ENOENT


def test_a_class_for_every_kind() -> None:
    kinds = {cls.kind for cls in BY_KIND.values()}
    assert kinds == set(BY_KIND)
    for cls in BY_KIND.values():
        assert issubclass(cls, WeChatPayError)
        assert getattr(wechatpay_rs, cls.__name__) is cls


def test_nobody_listens(sandbox: Sandbox) -> None:
    with (
        Client(**{**sandbox.options, "base_url": "http://127.0.0.1:1", "retries": 0}) as client,
        pytest.raises(WeChatPayConnectionError) as caught,
    ):
        client.payments.query_by_out_trade_no(out_trade_no="T1")
    assert caught.value.retryable
    assert not caught.value.outcome_unknown


def test_no_answer(sandbox: Sandbox, order: dict[str, Any]) -> None:
    held = {"match": {"operation": "payments.jsapi.prepay"}, "fault": {"hold": "prepay"}}
    sandbox.control("POST", "/sandbox/faults", held)
    try:
        with (
            Client(**{**sandbox.options, "read_timeout": 0.2, "retries": 0}) as client,
            pytest.raises(WeChatPayTimeoutError) as caught,
        ):
            client.payments.jsapi.prepay(**order)
    finally:
        sandbox.control("POST", "/sandbox/release/prepay")
    assert caught.value.outcome_unknown
    assert "payments.query_by_out_trade_no" in str(caught.value)


def test_closed(sandbox: Sandbox) -> None:
    client = Client(**sandbox.options)
    client.close()
    client.close()
    with pytest.raises(ClosedError):
        client.payments.query_by_out_trade_no(out_trade_no="T1")


def test_unknown_operation(wechatpay_client: Client) -> None:
    with pytest.raises(InvalidRequestError, match=r"payments\.jsapi\.prepay"):
        wechatpay_client.call("payments.jsapi.prepya")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"mchid": 1900000001}, ["mchid", "str"]),
        ({"mchid": ""}, ["mchid"]),
        ({"api_v3_key": "x" * 31}, ["31", "32"]),
        ({"api_v3": "x"}, ["api_v3", "api_v3_key"]),
        ({"timeout": "10"}, ["timeout", "number"]),
        ({"timeout": 0}, ["timeout"]),
        ({"retries": True}, ["retries"]),
        ({"private_key_path": None}, ["private key", "missing"]),
        ({"private_key_path": "/nowhere/key.pem"}, ["/nowhere/key.pem"]),
        ({"wechatpay_public_key_id": None}, ["wechatpay_public_key_id"]),
        ({"wechatpay_public_key_path": None, "wechatpay_public_key": 7}, ["wechatpay_public_key"]),
    ],
    ids=lambda value: json.dumps(value, default=repr) if isinstance(value, dict) else "",
)
def test_wrong_options(sandbox: Sandbox, change: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(WeChatPayError) as caught:
        Client(**{**sandbox.options, **change})
    assert caught.value.kind in ("config", "io")
    for word in words:
        assert word in str(caught.value)


def test_a_path_in_place_of_a_key(sandbox: Sandbox) -> None:
    options = sandbox.options
    path = str(options.pop("private_key_path"))
    with pytest.raises(ConfigError, match="looks like a path"):
        Client(**options, private_key=path)


@pytest.mark.parametrize("form", ["text", "bytes", "Path", "der"])
def test_keys_in_every_form(sandbox: Sandbox, form: str) -> None:
    import base64

    options = sandbox.options
    path = Path(options.pop("private_key_path"))
    text = path.read_text()
    der = base64.b64decode("".join(line for line in text.splitlines() if "-----" not in line))
    key: Any = {"text": text, "bytes": text.encode(), "Path": path, "der": der}[form]
    with Client(**options, private_key=key) as client:
        assert client.security.echo(echo_message="hello")["echo_message"] == "hello"


@pytest.mark.parametrize("encryption", ["today's", "the one of older files"])
def test_pkcs12(sandbox: Sandbox, tmp_path: Path, encryption: str) -> None:
    """`apiclient_cert.p12`, whose password is the merchant number unless another one is given."""
    serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA1
    from cryptography.hazmat.primitives.serialization import pkcs12

    options = sandbox.options
    key = serialization.load_pem_private_key(Path(options.pop("private_key_path")).read_bytes(), None)
    certificate = x509.load_pem_x509_certificate((sandbox.folder / "apiclient_cert.pem").read_bytes())

    def file(password: str) -> bytes:
        if encryption == "today's":
            protection: Any = serialization.BestAvailableEncryption(password.encode())
        else:
            builder = serialization.PrivateFormat.PKCS12.encryption_builder().hmac_hash(SHA1())
            builder = builder.key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
            protection = builder.build(password.encode())
        return pkcs12.serialize_key_and_certificates(b"merchant", key, certificate, None, protection)  # type: ignore[arg-type]

    path = tmp_path / "apiclient_cert.p12"
    path.write_bytes(file(sandbox.mchid))
    given: list[dict[str, Any]] = [
        {"private_key_p12": path.read_bytes()},
        {"private_key_p12": path},
        {"private_key_p12": file("sesame"), "private_key_password": "sesame"},
    ]
    for one in given:
        with Client(**options, **one) as client:
            assert client.security.echo(echo_message="hello")["echo_message"] == "hello"
    environ = {"WECHATPAY_MCHID": sandbox.mchid, "WECHATPAY_PRIVATE_KEY_P12_PATH": str(path)}
    with Client.from_env(
        environ, **{name: value for name, value in options.items() if name != "mchid"}
    ) as client:
        assert client.security.echo(echo_message="hello")["echo_message"] == "hello"


def test_pkcs12_that_cannot_be_opened(sandbox: Sandbox, tmp_path: Path) -> None:
    options = sandbox.options
    key = Path(options.pop("private_key_path"))
    with pytest.raises(ConfigError, match="PKCS#12"):
        Client(**options, private_key_p12=key)
    with pytest.raises(WeChatPayIoError, match=r"the private_key_p12 file .*missing\.p12 cannot be read"):
        Client(**options, private_key_p12=tmp_path / "missing.p12")
    with pytest.raises(ConfigError, match=r"private_key_p12 must be bytes or a pathlib\.Path, not str"):
        Client(**options, private_key_p12="apiclient_cert.p12")  # type: ignore[arg-type]


def test_from_env(sandbox: Sandbox) -> None:
    options = sandbox.options
    environ = {
        "WECHATPAY_MCHID": sandbox.mchid,
        "WECHATPAY_PRIVATE_KEY_PATH": str(options["private_key_path"]),
        "WECHATPAY_MERCHANT_SERIAL": options["merchant_serial"],
        "WECHATPAY_WECHATPAY_PUBLIC_KEY": Path(options["wechatpay_public_key_path"])
        .read_text()
        .replace("\n", "\\n"),
        "WECHATPAY_WECHATPAY_PUBLIC_KEY_ID": options["wechatpay_public_key_id"],
        "WECHATPAY_BASE_URL": sandbox.base_url,
        "WECHATPAY_NO_PROXY": "true",
        "WECHATPAY_TIMEOUT": "12.5",
    }
    with Client.from_env(environ) as client:
        assert client.security.echo(echo_message="hello")["echo_message"] == "hello"
    with pytest.raises(ConfigError, match="WECHATPAY_TIMEOUT"):
        Client.from_env({**environ, "WECHATPAY_TIMEOUT": "soon"})
    with pytest.raises(ConfigError, match="WECHATPAY_MCHID"):
        Client.from_env({})
    right = "WECHATPAY_WECHATPAY_PUBLIC_KEY_ID"
    wrong = {**environ, "WECHATPAY_PUBLIC_KEY_ID": environ[right]}
    del wrong[right]
    with pytest.raises(ConfigError, match=f"WECHATPAY_PUBLIC_KEY_ID is not read.*is called {right}"):
        Client.from_env(wrong)
    # What an argument sets, no variable can mean.
    with Client.from_env(wrong, wechatpay_public_key_id=environ[right], timeout=5) as client:
        assert client.mchid == sandbox.mchid


def test_download_hosts(sandbox: Sandbox) -> None:
    options = sandbox.options
    with pytest.raises(ConfigError, match="download_hosts must be a list of str, not str"):
        Client(**options, download_hosts="files.example.com")
    with pytest.raises(ConfigError, match=r"download_hosts must be a str, not int"):
        Client(**options, download_hosts=[1])  # type: ignore[list-item]
    with pytest.raises(ConfigError, match=r"\"\*\.example\.com\".*files\.example\.com:8443"):
        Client(**options, download_hosts=["files.example.com", "*.example.com"])
    environ = {
        "WECHATPAY_MCHID": sandbox.mchid,
        "WECHATPAY_PRIVATE_KEY_PATH": str(options["private_key_path"]),
        "WECHATPAY_MERCHANT_SERIAL": options["merchant_serial"],
        "WECHATPAY_API_V3_KEY": options["api_v3_key"],
    }
    Client.from_env({**environ, "WECHATPAY_DOWNLOAD_HOSTS": "files.example.com, a.example:8443"}).close()
    with pytest.raises(ConfigError, match="b/c"):
        Client.from_env({**environ, "WECHATPAY_DOWNLOAD_HOSTS": "files.example.com,b/c"})


def test_from_env_with_files(sandbox: Sandbox, tmp_path: Path) -> None:
    options = sandbox.options
    p12 = Path(__file__).parents[2] / "core/tests/keys/merchant-modern.p12"
    certificate = sandbox.folder / "apiclient_cert.pem"
    environ = {
        "WECHATPAY_MCHID": sandbox.mchid,
        "WECHATPAY_PRIVATE_KEY_PATH": str(options["private_key_path"]),
        "WECHATPAY_MERCHANT_CERTIFICATE_PATH": str(certificate),
        "WECHATPAY_WECHATPAY_PUBLIC_KEY_PATH": str(options["wechatpay_public_key_path"]),
        "WECHATPAY_WECHATPAY_PUBLIC_KEY_ID": options["wechatpay_public_key_id"],
        "WECHATPAY_BASE_URL": sandbox.base_url,
        "WECHATPAY_NO_PROXY": "yes",
    }
    with Client.from_env(environ) as client:
        assert client.security.echo(echo_message="hello")["echo_message"] == "hello"
    del environ["WECHATPAY_PRIVATE_KEY_PATH"], environ["WECHATPAY_MERCHANT_CERTIFICATE_PATH"]
    environ["WECHATPAY_MERCHANT_SERIAL"] = options["merchant_serial"]
    for variable, value in {
        "WECHATPAY_PRIVATE_KEY_P12_PATH": str(p12),
        "WECHATPAY_PRIVATE_KEY_P12_BASE64": base64.encodebytes(p12.read_bytes()).decode(),
    }.items():
        Client.from_env({**environ, variable: value}, private_key_password="1900000001").close()
        with pytest.raises(ConfigError, match="unless private_key_password says otherwise"):
            Client.from_env({**environ, variable: value}, private_key_password="wrong")
    with pytest.raises(ConfigError, match="WECHATPAY_PRIVATE_KEY_P12_BASE64 is not base64"):
        Client.from_env({**environ, "WECHATPAY_PRIVATE_KEY_P12_BASE64": "x"})


@pytest.mark.parametrize("form", ["UTF-16", "base64", "no END line", "a file with the certificate too"])
def test_a_private_key_as_it_arrives(sandbox: Sandbox, tmp_path: Path, form: str) -> None:
    options = sandbox.options
    pem = Path(options.pop("private_key_path")).read_text()
    given: Any = {
        "UTF-16": pem.encode("utf-16"),
        "base64": base64.b64encode(pem.encode()).decode(),
        "no END line": pem.partition("-----END")[0],
        "a file with the certificate too": tmp_path / "both.pem",
    }[form]
    (tmp_path / "both.pem").write_text((sandbox.folder / "apiclient_cert.pem").read_text() + pem)
    with Client(**options, private_key=given) as client:
        assert client.security.echo(echo_message="hello")["echo_message"] == "hello"


def test_a_p12_file_in_the_place_of_a_private_key(sandbox: Sandbox) -> None:
    options = sandbox.options
    del options["private_key_path"]
    p12 = Path(__file__).parents[2] / "core/tests/keys/merchant-modern.p12"
    for given in (p12, p12.read_bytes()):
        with pytest.raises(ConfigError, match=r"PKCS#12 file \(\.p12\)\. Load it with private_key_p12"):
            Client(**options, private_key=given)
    with pytest.raises(ConfigError, match=r"PKCS#12 file.* private_key_p12"):
        Client(**options, private_key_path=str(p12))
