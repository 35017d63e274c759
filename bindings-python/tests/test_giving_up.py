"""Calls that nobody waits for any more: they end, nothing is sent again, and what ended them says what they leave."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from test_interrupts import finished, start
from wechatpay_rs import AsyncClient, Client, WeChatPayError, outcome_unknown
from wechatpay_rs._async_caller import _Bridge
from wechatpay_rs.testing import Sandbox

HOURS = {"timeout": 80_000, "read_timeout": 80_000}
"""A test that waits for these times does not end."""

PREPAY, ECHO, QUERY = "payments.jsapi.prepay", "security.echo", "payments.query_by_out_trade_no"


@pytest.fixture
def sandbox(sandbox: Sandbox) -> Any:
    yield sandbox
    sandbox.control("DELETE", "/sandbox/faults")
    for name in (PREPAY, ECHO, QUERY, "download"):
        sandbox.control("POST", f"/sandbox/release/{name}")


def hold(sandbox: Sandbox, operation: str) -> None:
    """Never answer to this operation."""
    rule = {"match": {"operation": operation, "count": None}, "fault": {"hold": operation}}
    sandbox.control("POST", "/sandbox/faults", rule)


def received(sandbox: Sandbox, operation: str) -> list[Any]:
    requests: list[Any] = sandbox.control("GET", f"/sandbox/requests?operation={operation}")["requests"]
    return requests


async def until_received(sandbox: Sandbox, operation: str, count: int) -> None:
    while len(await asyncio.to_thread(received, sandbox, operation)) < count:
        pass


async def given_up(task: asyncio.Task[Any]) -> asyncio.CancelledError:
    task.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    return caught.value


def note_of(error: BaseException) -> str:
    # From Python 3.11.
    return "".join(getattr(error, "__notes__", ["may have taken effect " + QUERY]))


def test_64_calls_given_up_stop_nothing(
    sandbox: Sandbox, order: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Their threads are free at once, and none of them is sent a second time: this operation may be sent again."""
    hold(sandbox, PREPAY)

    async def main() -> None:
        client = AsyncClient(**sandbox.options, **HOURS, threads=64, retries=2)
        calls = [asyncio.create_task(client.payments.jsapi.prepay(**order)) for _ in range(64)]
        await until_received(sandbox, PREPAY, 64)
        # Work that only computes does not stand behind calls, given up or not.
        assert (await client.jsapi_payment(appid=sandbox.appid, prepay_id="wx1"))["paySign"]
        assert (await client.prepare(PREPAY, order)).body
        for error in [await given_up(call) for call in calls]:
            assert outcome_unknown(error)
            assert "may have taken effect" in note_of(error)
            assert QUERY in note_of(error)
        # As many calls as there are threads, all at once: so every thread has come back.
        hold(sandbox, ECHO)
        next_calls = [asyncio.create_task(client.security.echo(echo_message="next")) for _ in range(64)]
        await until_received(sandbox, ECHO, 64)
        assert len(received(sandbox, PREPAY)) == 64
        for call in next_calls:
            await given_up(call)
        client.close()

    with caplog.at_level(logging.INFO, "wechatpay_rs"):
        asyncio.run(main())
    lines = [record for record in caplog.records if record.getMessage().startswith(PREPAY)]
    assert len(lines) == 64
    assert {line.levelno for line in lines} == {logging.WARNING}
    assert all("CancelledError, outcome unknown" in line.getMessage() for line in lines)


@pytest.mark.parametrize("way", ["timeout", "wait_for"])
def test_a_time_out_of_asyncio_says_that_the_outcome_is_unknown(
    sandbox: Sandbox, order: dict[str, Any], way: str
) -> None:
    hold(sandbox, PREPAY)

    async def limited(call: Any, arrived: asyncio.Task[None]) -> None:
        if way == "wait_for":
            # Its time starts when the request is there.
            inner = asyncio.ensure_future(call)
            await arrived
            await asyncio.wait_for(inner, 0.001)
        else:
            async with asyncio.timeout(None) as limit:  # type: ignore[attr-defined, unused-ignore]
                arrived.add_done_callback(lambda _: limit.reschedule(0))
                await call

    async def main() -> None:
        async with AsyncClient(**sandbox.options, **HOURS) as client:
            arrived = asyncio.create_task(until_received(sandbox, PREPAY, 1))
            with pytest.raises(asyncio.TimeoutError) as caught:
                await limited(client.payments.jsapi.prepay(**order), arrived)
            assert outcome_unknown(caught.value)

    if way == "timeout" and not hasattr(asyncio, "timeout"):
        pytest.skip("from Python 3.11")
    asyncio.run(main())
    assert len(received(sandbox, PREPAY)) == 1


def test_what_reads_or_has_not_begun_leaves_nothing_behind(
    sandbox: Sandbox, order: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    hold(sandbox, QUERY)

    async def main() -> None:
        async with AsyncClient(**sandbox.options, **HOURS, threads=1) as client:
            query = asyncio.create_task(client.payments.query_by_out_trade_no(out_trade_no="20260808-0001"))
            await until_received(sandbox, QUERY, 1)
            in_line = asyncio.create_task(client.payments.jsapi.prepay(**order))
            await asyncio.sleep(0)
            error = await given_up(in_line)
            assert not outcome_unknown(error)
            assert not outcome_unknown(await given_up(query))
            assert (await client.security.echo(echo_message="after"))["echo_message"] == "after"

    with caplog.at_level(logging.WARNING, "wechatpay_rs"):
        asyncio.run(main())
    assert received(sandbox, PREPAY) == []
    assert len(received(sandbox, QUERY)) == 1
    assert caplog.records == []


def test_a_call_that_ends_while_it_is_cancelled(sandbox: Sandbox) -> None:
    """Its answer is there and reaches nobody: that it may have taken effect must reach somebody."""

    class Ticket:
        def give_up(self) -> WeChatPayError:
            return WeChatPayError("ABORTED: may have taken effect", outcome_unknown=True)

    class Native:
        def start(self, queue: Any, token: int, job: Any) -> Ticket:
            return Ticket()

    async def main() -> asyncio.CancelledError:
        bridge = _Bridge.of_running_loop()
        native: Any = Native()
        task = asyncio.create_task(bridge.wait(native, None))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        (future,) = bridge._waiting.values()
        bridge._waiting.clear()
        future.set_result(("answer", 200, None))
        return await given_up(task)

    error = asyncio.run(main())
    assert outcome_unknown(error)


def test_errors_beneath_are_looked_at() -> None:
    class Group(Exception):
        """As `ExceptionGroup`, which is new in Python 3.11."""

        exceptions = (ValueError("other"), WeChatPayError("x", outcome_unknown=True))

    assert outcome_unknown(Group())
    assert outcome_unknown(WeChatPayError("x", outcome_unknown=True))
    assert not outcome_unknown(WeChatPayError("x", outcome_unknown=False))
    round_and_round = ValueError("x")
    round_and_round.__cause__, round_and_round.__context__ = KeyError("y"), round_and_round
    round_and_round.__cause__.__cause__ = round_and_round
    assert not outcome_unknown(round_and_round)
    round_and_round.__cause__.__context__ = WeChatPayError("x", outcome_unknown=True)
    assert outcome_unknown(round_and_round)


def held_download(sandbox: Sandbox) -> Any:
    """An application for a bill whose file stops after half of it."""
    with Client(**sandbox.options) as client:
        today = sandbox.control("GET", "/sandbox/clock")["time"][:10]
        sandbox.control("POST", "/sandbox/bills", {"bill_date": today, "rows": 20_000})
        answer = client.bills.trade_bill(bill_date=today)
    rule = {
        "match": {"operation": "bills.download_by_token"},
        "fault": {"hold": "download", "hold_at": "body"},
    }
    sandbox.control("POST", "/sandbox/faults", rule)
    return answer


@pytest.mark.parametrize("target", ["path", "file object"])
def test_a_download_given_up_leaves_nothing(sandbox: Sandbox, tmp_path: Path, target: str) -> None:
    answer = held_download(sandbox)

    class File(io.BytesIO):
        """It must not be written to any more when its owner has gone on."""

        written = 0

        def write(self, data: Any) -> int:
            self.written += 1
            return super().write(data)

    async def main() -> None:
        async with AsyncClient(**sandbox.options, **HOURS, threads=1) as client:
            came = asyncio.Event()
            to: Any = tmp_path / "bill.csv" if target == "path" else File()
            task = asyncio.create_task(
                client.download(answer["download_url"], to, progress=lambda *_: came.set())
            )
            await came.wait()
            error = await given_up(task)
            assert not outcome_unknown(error)
            # There is one thread: it has come back when this is answered.
            await client.security.echo(echo_message="after")
            if target == "file object":
                before = to.written
                to.close()
                await client.security.echo(echo_message="after")
                assert to.written == before

    asyncio.run(main())
    assert list(tmp_path.iterdir()) == []


def test_an_upload_given_up_is_sent_once(sandbox: Sandbox) -> None:
    operation = "media.upload_image"
    rule = {"match": {"operation": operation, "count": None}, "fault": {"hold": "download"}}
    sandbox.control("POST", "/sandbox/faults", rule)
    png = b"\x89PNG\r\n\x1a\n" + bytes(64)

    async def main() -> None:
        async with AsyncClient(**sandbox.options, **HOURS, threads=1, retries=2) as client:
            task = asyncio.create_task(client.media.upload_image(io.BytesIO(png), file_name="shop.png"))
            await until_received(sandbox, operation, 1)
            assert outcome_unknown(await given_up(task))
            await client.security.echo(echo_message="after")

    asyncio.run(main())
    assert len(received(sandbox, operation)) == 1


def test_an_upload_whose_file_stops_is_given_up_unsent(sandbox: Sandbox) -> None:
    class Pipe(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            reading.set()
            assert go_on.wait(30)
            return super().read(size)

    import threading

    reading, go_on = threading.Event(), threading.Event()

    async def main() -> None:
        async with AsyncClient(**sandbox.options, **HOURS) as client:
            task = asyncio.create_task(client.media.upload_image(Pipe(b"x"), file_name="shop.png"))
            await asyncio.to_thread(reading.wait)
            await given_up(task)
            assert (await client.security.echo(echo_message="after"))["echo_message"] == "after"
            go_on.set()

    asyncio.run(main())
    assert received(sandbox, "media.upload_image") == []


@pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")
def test_ctrl_c_is_final(sandbox: Sandbox) -> None:
    """The call is not sent again, its thread is free, and what only reads leaves nothing unknown."""
    hold(sandbox, QUERY)
    process = start(
        sandbox,
        """
        from wechatpay_rs import outcome_unknown
        client = Client(**json.loads(os.environ["OPTIONS"]), retries=2, timeout=80_000, read_timeout=80_000, threads=1)
        try:
            client.payments.query_by_out_trade_no(out_trade_no="20260808-0001")
        except KeyboardInterrupt as error:
            print(error.outcome_unknown, outcome_unknown(error))
            print(echo("after"), client.security.echo(echo_message="same")["echo_message"])
        """,
    )
    process.send_signal(signal.SIGINT)
    status, out, err = finished(process)
    assert status == 0, err
    assert out.split("\n")[:2] == ["False False", "after same"]
    assert len(received(sandbox, QUERY)) == 1


@pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")
def test_ctrl_c_in_a_download_leaves_no_file(sandbox: Sandbox, tmp_path: Path) -> None:
    answer = held_download(sandbox)
    path = tmp_path / "bill.csv"
    process = start(sandbox, f"client.download({answer['download_url']!r}, {str(path)!r})")
    while not list(tmp_path.iterdir()):
        assert process.poll() is None, process.communicate()
    process.send_signal(signal.SIGINT)
    status, _, err = finished(process)
    assert status == -signal.SIGINT
    assert "KeyboardInterrupt" in err
    assert list(tmp_path.iterdir()) == []
