"""Signals and panics: what reaches the caller, and what of the process is left."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from wechatpay_rs import AsyncClient, Client, InternalError, codes
from wechatpay_rs._native import Job
from wechatpay_rs.testing import Sandbox

HEAD = """
import json, os, signal
from wechatpay_rs import Client
client = Client(**json.loads(os.environ["OPTIONS"]), retries=0)
def echo(text):
    return client.security.echo(echo_message=text)["echo_message"]
"""


@pytest.fixture
def held(sandbox: Sandbox) -> Iterator[Sandbox]:
    """The answer to the first `security.echo` is held back until the test is over."""
    rule = {"match": {"operation": "security.echo"}, "fault": {"hold": "held"}}
    sandbox.control("POST", "/sandbox/faults", rule)
    yield sandbox
    sandbox.control("POST", "/sandbox/release/held")
    sandbox.control("DELETE", "/sandbox/faults")


def start(sandbox: Sandbox, program: str) -> subprocess.Popen[str]:
    """Start a program whose first call is held back, and return when the sandbox has that call."""
    options = {
        name: str(value) if name.endswith("_path") else value for name, value in sandbox.options.items()
    }
    process = subprocess.Popen(
        [sys.executable, "-c", HEAD + textwrap.dedent(program)],
        env={**os.environ, "OPTIONS": json.dumps(options)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not sandbox.control("GET", "/sandbox/requests")["requests"]:
        assert process.poll() is None, process.communicate()
    return process


def finished(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    # Less than the time-out of a call, which is what an interrupt would wait for otherwise.
    out, err = process.communicate(timeout=8)
    return process.returncode, out, err


@pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")
def test_ctrl_c_ends_a_call(held: Sandbox) -> None:
    """It raises where the call stands, says that the outcome is unknown, and the client works on."""
    process = start(
        held,
        """
        try:
            echo("x")
        except KeyboardInterrupt as error:
            print(error.outcome_unknown, getattr(error, "__notes__", ["may have taken effect"])[0])
            print(echo("after"))
        """,
    )
    process.send_signal(signal.SIGINT)
    status, out, err = finished(process)
    assert status == 0, err
    interrupted, after = out.splitlines()
    assert interrupted.startswith("True ")
    assert "may have taken effect" in interrupted
    assert after == "after"
    assert "security.echo: KeyboardInterrupt, outcome unknown" in err


@pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")
def test_ctrl_c_ends_the_process(held: Sandbox) -> None:
    """Also with the call still under way on its thread."""
    process = start(held, "echo('x')")
    process.send_signal(signal.SIGINT)
    status, _, err = finished(process)
    assert status == -signal.SIGINT
    assert "KeyboardInterrupt" in err
    assert "panicked" not in err


@pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")
def test_a_handler_that_returns_disturbs_nothing(held: Sandbox) -> None:
    process = start(
        held,
        """
        signal.signal(signal.SIGUSR1, lambda *_: print("handled", flush=True))
        os.kill(os.getpid(), signal.SIGUSR1)
        print(echo("x"))
        """,
    )
    process.send_signal(signal.SIGUSR1)
    assert process.stdout is not None
    assert [process.stdout.readline(), process.stdout.readline()] == ["handled\n"] * 2
    held.control("POST", "/sandbox/release/held")
    status, out, err = finished(process)
    assert (status, out) == (0, "x\n"), err


@pytest.mark.skipif(not hasattr(Job, "panic"), reason="a release build has no way to provoke one")
def test_a_panic_is_an_error_like_any_other(sandbox: Sandbox, capfd: pytest.CaptureFixture[str]) -> None:
    """On the main thread, on another, and on an event loop; the process and the client live on."""

    def check(caught: pytest.ExceptionInfo[InternalError]) -> None:
        assert caught.value.code == codes.PANIC
        assert caught.value.outcome_unknown
        assert "provoked by a test" in caught.value.message

    def panic(client: Client) -> Any:
        return client._caller.run("panic", Job.panic())  # type: ignore[attr-defined]

    async def main() -> None:
        async with AsyncClient(**sandbox.options) as client:
            with pytest.raises(InternalError) as caught:
                await client._caller.run("panic", Job.panic())  # type: ignore[attr-defined]
            check(caught)
            assert (await client.security.echo(echo_message="after"))["echo_message"] == "after"

    with Client(**sandbox.options) as client, ThreadPoolExecutor(1) as threads:
        with pytest.raises(InternalError) as caught:
            panic(client)
        check(caught)
        with pytest.raises(InternalError) as caught:
            threads.submit(panic, client).result()
        check(caught)
        assert client.security.echo(echo_message="after")["echo_message"] == "after"
    asyncio.run(main())
    assert capfd.readouterr().err.count("provoked by a test") == 3
