"""The main job through both clients, files, and what people with their own HTTP client use."""

from __future__ import annotations

import asyncio
import copy
import io
import json
import pickle
from pathlib import Path
from typing import Any

import pytest

import wechatpay_rs
from wechatpay_rs import (
    AsyncClient,
    Client,
    IntegrityError,
    InvalidRequestError,
    MalformedError,
    WeChatPayError,
)
from wechatpay_rs.testing import Sandbox

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


def test_prepay_query_refund(wechatpay_client: Client, sandbox: Sandbox, order: dict[str, Any]) -> None:
    placed = wechatpay_client.payments.jsapi.prepay(**order)
    assert placed["prepay_id"]
    sandbox.pay(order["out_trade_no"])
    paid = wechatpay_client.payments.query_by_out_trade_no(out_trade_no=order["out_trade_no"])
    assert (paid["trade_state"], paid["amount"]["total"]) == ("SUCCESS", 100)
    refund = wechatpay_client.refunds.create(
        out_trade_no=order["out_trade_no"],
        out_refund_no="R1",
        amount={"refund": 40, "total": 100, "currency": "CNY"},
    )
    assert refund["amount"]["refund"] == 40


def test_a_204_is_none(wechatpay_client: Client, order: dict[str, Any]) -> None:
    wechatpay_client.payments.jsapi.prepay(**order)
    assert wechatpay_client.payments.close(out_trade_no=order["out_trade_no"]) is None


def test_async_has_the_same_methods(sandbox: Sandbox, order: dict[str, Any]) -> None:
    async def main() -> None:
        async with AsyncClient(**sandbox.options) as client:
            placed = await client.payments.jsapi.prepay(**order)
            payment = await client.jsapi_payment(appid=order["appid"], prepay_id=placed["prepay_id"])
            assert payment["package"] == f"prepay_id={placed['prepay_id']}"
            await asyncio.to_thread(sandbox.pay, order["out_trade_no"])
            many = [
                client.payments.query_by_out_trade_no(out_trade_no=order["out_trade_no"]) for _ in range(100)
            ]
            answers = await asyncio.gather(*many)
            assert {answer["trade_state"] for answer in answers} == {"SUCCESS"}
            ciphertext, serial = await client.encrypt("张三")
            assert len(ciphertext) == 344
            assert serial == sandbox.credentials["wechatpay_public_key_id"]
            echo = await client.security.echo(echo_message="hello", encrypted_echo_message="张三")
            assert echo["encrypted_echo_message"] == "张三"

    asyncio.run(main())
    public = {name for name in dir(Client) if not name.startswith("_")}
    # What asynchronous clients are closed with elsewhere, beside `close`.
    assert public | {"aclose"} == {name for name in dir(AsyncClient) if not name.startswith("_")}


def bill(client: Client, sandbox: Sandbox, order: dict[str, Any]) -> Any:
    client.payments.jsapi.prepay(**order)
    sandbox.pay(order["out_trade_no"])
    today = sandbox.control("GET", "/sandbox/clock")["time"][:10]
    return client.bills.trade_bill(bill_date=today, tar_type="GZIP")


def test_bill_to_path_and_rows(
    wechatpay_client: Client, sandbox: Sandbox, order: dict[str, Any], tmp_path: Path
) -> None:
    answer = bill(wechatpay_client, sandbox, order)
    path = tmp_path / "bill.csv"
    seen: list[tuple[int, int | None]] = []
    done = wechatpay_client.download(answer, path, progress=lambda *at: seen.append(at))
    assert done["verified"]
    assert done["bytes"] == path.stat().st_size
    assert seen
    rows = wechatpay_rs.trade_bill_rows(path)
    (row,) = list(rows)
    assert set(row) == set(wechatpay_rs.generated.bill_rows.TradeBillRow.__annotations__)
    assert (row["out_trade_no"], row["total"], row["trade_state"]) == (order["out_trade_no"], 100, "SUCCESS")
    assert rows.summary is not None
    assert next(wechatpay_rs.bill_rows(str(path)))["商户订单号"] == order["out_trade_no"]
    with path.open("rb") as file:
        assert list(wechatpay_rs.trade_bill_rows(file)) == [row]


def test_bill_into_a_file_object(wechatpay_client: Client, sandbox: Sandbox, order: dict[str, Any]) -> None:
    answer = bill(wechatpay_client, sandbox, order)
    out = io.BytesIO()
    done = wechatpay_client.download(answer, out)
    assert done["verified"]
    assert done["bytes"] == len(out.getvalue()) > 0


def test_a_file_is_downloaded_by_the_answer_that_announces_it(
    wechatpay_client: Client, sandbox: Sandbox, order: dict[str, Any], tmp_path: Path
) -> None:
    answer = bill(wechatpay_client, sandbox, order)
    by_hand = wechatpay_client.download(answer["download_url"], io.BytesIO(), sha1=answer["hash_value"])
    assert by_hand["verified"]
    assert not wechatpay_client.download(answer["download_url"], io.BytesIO())["verified"]
    for to in (tmp_path / "bill.csv", io.BytesIO()):
        with pytest.raises(IntegrityError):
            wechatpay_client.download({**answer, "hash_value": "0" * 40}, to)
        for wrong, code in [
            ({**answer, "hash_type": "SHA256"}, "HASH_TYPE"),
            ({**answer, "hash_type": None}, "FILE_ANNOUNCEMENT"),
            ({"hash_type": "SHA1", "hash_value": answer["hash_value"]}, "FILE_ANNOUNCEMENT"),
        ]:
            with pytest.raises(WeChatPayError) as caught:
                wechatpay_client.download(wrong, to)
            assert caught.value.code == code
    with pytest.raises(InvalidRequestError, match="brings its own hash"):
        wechatpay_client.download(answer, io.BytesIO(), sha1=answer["hash_value"])
    with pytest.raises(InvalidRequestError, match="no object"):
        wechatpay_client.download([answer], io.BytesIO())  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_hash_leaves_no_file(
    wechatpay_client: Client, sandbox: Sandbox, order: dict[str, Any], tmp_path: Path
) -> None:
    answer = bill(wechatpay_client, sandbox, order)
    with pytest.raises(IntegrityError):
        wechatpay_client.download(answer["download_url"], tmp_path / "bill.csv", sha1="0" * 40)
    assert list(tmp_path.iterdir()) == []


def test_an_exception_of_a_callback_comes_out(
    wechatpay_client: Client, sandbox: Sandbox, order: dict[str, Any], tmp_path: Path
) -> None:
    answer = bill(wechatpay_client, sandbox, order)

    def progress(received: int, total: int | None) -> None:
        raise KeyError("a bug in the caller's code")

    class Full:
        def write(self, data: bytes) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(KeyError, match="a bug"):
        wechatpay_client.download(answer["download_url"], tmp_path / "bill.csv", progress=progress)
    answer = bill_again(wechatpay_client, sandbox)
    with pytest.raises(OSError, match="No space left"):
        wechatpay_client.download(answer["download_url"], Full())
    # Nothing of it stays behind for the next call.
    answer = bill_again(wechatpay_client, sandbox)
    assert wechatpay_client.download(answer["download_url"], io.BytesIO())["bytes"] > 0


def bill_again(client: Client, sandbox: Sandbox) -> Any:
    today = sandbox.control("GET", "/sandbox/clock")["time"][:10]
    return client.bills.trade_bill(bill_date=today)


def test_async_download(
    wechatpay_client: Client, sandbox: Sandbox, order: dict[str, Any], tmp_path: Path
) -> None:
    answer = bill(wechatpay_client, sandbox, order)
    seen: list[int] = []

    async def main() -> None:
        async with AsyncClient(**sandbox.options) as client:
            done = await client.download(
                answer, tmp_path / "bill.csv", progress=lambda received, total: seen.append(received)
            )
            assert done["verified"]
            with pytest.raises(MalformedError, match="SHA256"):
                await client.download({**answer, "hash_type": "SHA256"}, io.BytesIO())

    asyncio.run(main())
    assert seen


def test_an_exception_of_an_async_callback_reaches_the_loop(
    wechatpay_client: Client, sandbox: Sandbox, order: dict[str, Any], tmp_path: Path
) -> None:
    answer = bill(wechatpay_client, sandbox, order)
    reported: list[Any] = []

    def progress(received: int, total: int | None) -> None:
        raise KeyError("a bug in the caller's code")

    class Full:
        def write(self, data: bytes) -> int:
            raise OSError(28, "No space left on device")

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(
            lambda _, context: reported.append(context["exception"])
        )
        async with AsyncClient(**sandbox.options) as client:
            # The callback is the loop's; the file is there all the same.
            done = await client.download(answer["download_url"], tmp_path / "bill.csv", progress=progress)
            assert done["bytes"] == (tmp_path / "bill.csv").stat().st_size
            again = await client.bills.trade_bill(
                bill_date=sandbox.control("GET", "/sandbox/clock")["time"][:10]
            )
            with pytest.raises(OSError, match="No space left"):
                await client.download(again["download_url"], Full())

    asyncio.run(main())
    assert reported
    assert {type(one) for one in reported} == {KeyError}


@pytest.mark.parametrize("way", ["bytes", "path", "file"])
def test_uploads(wechatpay_client: Client, sandbox: Sandbox, tmp_path: Path, way: str) -> None:
    path = tmp_path / "门店.png"
    path.write_bytes(PNG)
    if way == "bytes":
        answer = wechatpay_client.media.upload_image(PNG, file_name="门店.png")
    elif way == "path":
        answer = wechatpay_client.media.upload_image(path)
    else:
        with path.open("rb") as file:
            answer = wechatpay_client.media.upload_image(file)
    assert answer["media_id"]

    async def main() -> None:
        async with AsyncClient(**sandbox.options) as client:
            with path.open("rb") as file:
                assert (await client.media.upload_image(file))["media_id"]

    asyncio.run(main())


def test_uploads_that_cannot_be(wechatpay_client: Client, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestError, match="file_name is missing"):
        wechatpay_client.media.upload_image(PNG)
    with pytest.raises(InvalidRequestError, match="mode 'rb'"):
        wechatpay_client.media.upload_image(io.StringIO("text"), file_name="a.png")  # type: ignore[arg-type]
    with pytest.raises(WeChatPayError, match=r"missing\.png"):
        wechatpay_client.media.upload_image(tmp_path / "missing.png")


def test_an_operation_that_answers_with_a_file(
    wechatpay_client: Client, sandbox: Sandbox, tmp_path: Path
) -> None:
    steps: list[tuple[int, int | None]] = []
    statement = tmp_path / "statement.csv"
    done = wechatpay_client.global_.bills.download_statement(
        statement, date="20260808", progress=lambda *step: steps.append(step)
    )
    assert done["verified"]
    assert statement.stat().st_size == done["bytes"] == steps[-1][0]
    image = io.BytesIO()
    done = wechatpay_client.complaints.images.download(image, media_id="a")
    assert not done["verified"]
    assert len(image.getvalue()) == done["bytes"]

    async def main() -> bytes:
        async with AsyncClient(**sandbox.options) as client:
            out = io.BytesIO()
            await client.global_.bills.download_statement(out, date="20260808", progress=lambda *_: None)
            return out.getvalue()

    assert asyncio.run(main()) == statement.read_bytes()
    fault = {"match": {"operation": "global.bills.download_statement"}, "fault": {"alter_body": True}}
    sandbox.control("POST", "/sandbox/faults", fault)
    statement.unlink()
    with pytest.raises(IntegrityError):
        wechatpay_client.global_.bills.download_statement(statement, date="20260808")
    assert not list(tmp_path.iterdir())


def test_an_upload_with_fields_and_an_undocumented_answer(wechatpay_client: Client, sandbox: Sandbox) -> None:
    def upload(client: Any) -> Any:
        return client.fapiao.applications.upload_file(
            b"%PDF-", file_name="a.pdf", sub_mchid="1900000109", file_type="PDF"
        )

    async def main() -> None:
        async with AsyncClient(**sandbox.options) as client:
            assert (await upload(client))["fapiao_media_id"]
            assert await client.devices.speakers.query(device_sn="7522164923628376") == {}

    assert upload(wechatpay_client)["fapiao_media_id"]
    asyncio.run(main())
    seen = sandbox.control("GET", "/sandbox/requests?operation=fapiao.applications.upload_file")["requests"]
    assert [one["upload"]["file_bytes"] for one in seen] == [5, 5]
    with pytest.raises(InvalidRequestError, match="sub_mchid"):
        wechatpay_client.fapiao.applications.upload_file(
            b"%PDF-", file_name="a.pdf", sub_mchid="1" * 33, file_type="PDF"
        )
    fault = {"match": {"operation": "devices.speakers.query"}, "fault": {"status": 204}}
    sandbox.control("POST", "/sandbox/faults", fault)
    assert wechatpay_client.devices.speakers.query(device_sn="7522164923628376") is None


def test_untyped_request(wechatpay_client: Client, sandbox: Sandbox, order: dict[str, Any]) -> None:
    wechatpay_client.payments.jsapi.prepay(**order)
    answer = wechatpay_client.request(
        "GET", f"/v3/pay/transactions/out-trade-no/{order['out_trade_no']}?mchid={sandbox.mchid}"
    )
    assert answer["trade_state"] == "NOTPAY"


def test_a_prepared_request_shows_no_parameter(wechatpay_client: Client, order: dict[str, Any]) -> None:
    for request in (
        wechatpay_client.prepare("payments.jsapi.prepay", order),
        wechatpay_client.prepare("bills.trade_bill", {"bill_date": "2026-08-08"}),
    ):
        shown = repr(request)
        assert request.url.partition("?")[0] in shown
        for secret in (
            "signature",
            "Authorization",
            "2026-08-08",
            order["description"],
            order["payer"]["openid"],
        ):
            assert secret not in shown


def test_own_http_client(wechatpay_client: Client, order: dict[str, Any]) -> None:
    httpx = pytest.importorskip("httpx")
    from httpx_client import query

    wechatpay_client.payments.jsapi.prepay(**order)
    with httpx.Client(trust_env=False) as http:
        assert query(wechatpay_client, http, order["out_trade_no"])["trade_state"] == "NOTPAY"


@pytest.mark.parametrize("library", ["polars", "pandas"])
def test_bill_as_a_data_frame(
    wechatpay_client: Client, sandbox: Sandbox, order: dict[str, Any], tmp_path: Path, library: str
) -> None:
    """The recipe of the documentation."""
    frames = pytest.importorskip(library)
    answer = bill(wechatpay_client, sandbox, order)
    wechatpay_client.download(answer, tmp_path / "bill.csv")
    frame = frames.DataFrame(list(wechatpay_rs.trade_bill_rows(tmp_path / "bill.csv")))
    assert frame["total"].sum() == 100


def test_a_client_made_of_another_shares_everything_with_it(sandbox: Sandbox) -> None:
    class Shop(Client):
        pass

    client = Shop(**sandbox.options)
    patient = client.with_options(timeout=60, retries=0)
    shop = patient.for_sub_merchant("1900000109")
    assert type(shop) is Shop
    assert shop.mchid == client.mchid
    order = shop.partner_payments.native.prepay(
        sp_appid=sandbox.appid,
        description="tea",
        out_trade_no="SHARED-1",
        notify_url="https://shop.example/notify",
        amount={"total": 1},
    )
    assert order["code_url"]
    found = shop.partner_payments.query_by_out_trade_no(out_trade_no="SHARED-1")
    assert found["sub_mchid"] == "1900000109"
    shop.close()
    with pytest.raises(wechatpay_rs.ClosedError):
        client.payments.query_by_out_trade_no(out_trade_no="SHARED-1")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"timeout": -1}, "timeout"),
        ({"retries": "many"}, "option"),
        ({"headers": {"Authorization": "x"}}, "Authorization"),
        ({"headers": {"Wechatpay-Trial": "a\nb"}}, "characters"),
    ],
)
def test_wrong_options_of_calls_are_told_when_the_client_is_made(
    wechatpay_client: Client, options: dict[str, Any], told: str
) -> None:
    with pytest.raises(wechatpay_rs.ConfigError, match=told):
        wechatpay_client.with_options(**options)


def test_what_came_with_an_answer(wechatpay_client: Client, sandbox: Sandbox, order: dict[str, Any]) -> None:
    answer = wechatpay_client.payments.jsapi.prepay(**order)
    info = wechatpay_rs.answer_info(answer)
    assert info is not None
    assert (info.status, info.serial) == (200, sandbox.credentials["wechatpay_public_key_id"])
    assert info.request_id
    assert info.request_id in repr(info)
    # It is the dict that it was.
    assert dict(answer) == answer == {"prepay_id": answer["prepay_id"]}
    assert json.loads(json.dumps(answer)) == answer
    assert repr(answer) == repr(dict(answer))
    for plain in (pickle.loads(pickle.dumps(answer)), copy.copy(answer), copy.deepcopy(answer), dict(answer)):
        assert type(plain) is dict
        assert plain == answer
        assert wechatpay_rs.answer_info(plain) is None

    async def call() -> Any:
        async with AsyncClient(**sandbox.options) as client:
            return await client.payments.query_by_out_trade_no(out_trade_no=order["out_trade_no"])

    found = wechatpay_rs.answer_info(asyncio.run(call()))
    assert found is not None
    assert found.status == 200
