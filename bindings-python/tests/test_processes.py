"""Threads, forks, event loops, and the end of the interpreter."""

from __future__ import annotations

import asyncio
import gc
import http.client
import json
import logging
import os
import socket
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from wechatpay_rs import AsyncClient, Client
from wechatpay_rs._async_caller import _Bridge
from wechatpay_rs.testing import Sandbox


def run(sandbox: Sandbox, program: str, status: int = 0) -> str:
    """Run a program in a process of its own; it finds the options of a client in `OPTIONS`."""
    options = {
        name: str(value) if name.endswith("_path") else value for name, value in sandbox.options.items()
    }
    head = "import asyncio, atexit, json, os, sys, threading\nfrom wechatpay_rs import *\nOPTIONS = json.loads(os.environ['OPTIONS'])\n"
    done = subprocess.run(
        [sys.executable, "-c", head + textwrap.dedent(program)],
        env={**os.environ, "OPTIONS": json.dumps(options)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    assert "panicked" not in done.stderr, done.stderr
    return done.stdout


@pytest.fixture
def held(sandbox: Sandbox) -> Any:
    """Answers of `security.echo` are held back until the test is over."""
    rule = {"match": {"operation": "security.echo", "count": None}, "fault": {"hold": "held"}}
    sandbox.control("POST", "/sandbox/faults", rule)
    yield sandbox
    sandbox.control("POST", "/sandbox/release/held")
    sandbox.control("DELETE", "/sandbox/faults")


def test_threads_share_a_client(wechatpay_client: Client, sandbox: Sandbox) -> None:
    def echo(number: int) -> str:
        return wechatpay_client.security.echo(echo_message=str(number))["echo_message"]

    with ThreadPoolExecutor(16) as threads:
        assert list(threads.map(echo, range(200))) == [str(number) for number in range(200)]


def test_many_merchants_in_one_process(sandbox: Sandbox) -> None:
    clients = [Client(**sandbox.options) for _ in range(20)]
    assert {client.security.echo(echo_message="hello")["echo_message"] for client in clients} == {"hello"}
    for client in clients:
        client.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_fork(sandbox: Sandbox) -> None:
    out = run(
        sandbox,
        """
        client, other = Client(**OPTIONS), AsyncClient(**OPTIONS)
        async def ask(text):
            return (await other.security.echo(echo_message=text))["echo_message"]
        assert client.security.echo(echo_message="parent")["echo_message"] == "parent"
        assert asyncio.run(ask("loop")) == "loop"
        children = []
        for number in range(3):
            child = os.fork()
            if child == 0:
                ok = all(client.security.echo(echo_message=f"{number}.{i}")["echo_message"] == f"{number}.{i}" for i in range(20))
                ok = ok and asyncio.run(ask(str(number))) == str(number)
                os._exit(0 if ok else 1)
            children.append(child)
        for i in range(20):
            assert client.security.echo(echo_message=str(i))["echo_message"] == str(i)
        print([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children])
        """,
    )
    assert out.strip() == "[0, 0, 0]"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.parametrize(("end", "forks"), [("os._exit(0)", 50), ("sys.exit(0)", 10)])
def test_fork_while_other_threads_sign(sandbox: Sandbox, end: str, forks: int) -> None:
    """The child inherits locks and half-written state of threads that it does not have, and must not need them."""
    out = run(
        sandbox,
        """
        import gc, signal
        client, other = Client(**OPTIONS), AsyncClient(**OPTIONS)
        never_used_in_the_child = Client(**OPTIONS), AsyncClient(**OPTIONS)
        go_on = True
        def sign():
            while go_on:
                client.jsapi_payment(appid="wxd678efh567hg6787", prepay_id="wx1")
        def call():
            while go_on:
                client.security.echo(echo_message="x", encrypted_echo_message="y")
        async def from_a_loop(text):
            return (await other.security.echo(echo_message=text))["echo_message"]
        async def keep_calling():
            while go_on:
                await asyncio.gather(from_a_loop("x"), other.jsapi_payment(appid="wx1", prepay_id="wx1"))
        async def both(text):
            assert (await other.jsapi_payment(appid="wx1", prepay_id="wx1"))["paySign"]
            assert await from_a_loop(text) == text
        threads = [threading.Thread(target=work) for work in (sign, call, lambda: asyncio.run(keep_calling()))]
        for thread in threads:
            thread.start()
        ends = []
        for number in range(FORKS):
            child = os.fork()
            if child == 0:
                # One that hangs ends by a signal, and is counted with those that die by one.
                signal.alarm(30)
                del never_used_in_the_child
                gc.collect()
                assert client.jsapi_payment(appid="wx1", prepay_id="wx1")["paySign"]
                assert client.security.echo(echo_message=str(number))["echo_message"] == str(number)
                asyncio.run(both(str(number)))
                END
            ends.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        go_on = False
        for thread in threads:
            thread.join()
        assert client.security.echo(echo_message="parent")["echo_message"] == "parent"
        asyncio.run(both("parent"))
        print([end for end in ends if end != 0], len(ends))
        """.replace("END", end).replace("FORKS", str(forks)),
    )
    assert out.strip() == f"[] {forks}"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_the_end_of_a_child_ends_nothing_of_its_parent(held: Sandbox) -> None:
    """Calls that are under way in the parent go on when a child closes, drops and collects its copies of the clients."""
    out = run(
        held,
        f"""
        import gc, urllib.request
        client, other = Client(**OPTIONS), AsyncClient(**OPTIONS)
        def control(method, path):
            request = urllib.request.Request("{held.base_url}" + path, method=method, data=b"" if method == "POST" else None)
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({{}}))
            return json.loads(opener.open(request, timeout=30).read() or "null")
        echoes = []
        def call():
            echoes.append(client.security.echo(echo_message="thread")["echo_message"])
        async def main():
            thread = threading.Thread(target=call)
            thread.start()
            task = asyncio.create_task(other.security.echo(echo_message="loop"))
            while len((await asyncio.to_thread(control, "GET", "/sandbox/requests"))["requests"]) < 2:
                pass
            for way in ("close", "drop", "exit"):
                child = os.fork()
                if child == 0:
                    if way == "close":
                        client.close(), other.close()
                    if way != "exit":
                        globals().update(client=None, other=None)
                        gc.collect()
                    os._exit(0) if way == "close" else exit_quietly()
                assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
            await asyncio.to_thread(control, "POST", "/sandbox/release/held")
            echoes.append((await task)["echo_message"])
            await asyncio.to_thread(thread.join)
        def exit_quietly():
            # As `sys.exit` of a child without the loop that it was forked in.
            import atexit
            atexit._run_exitfuncs()
            gc.collect()
            os._exit(0)
        asyncio.run(main())
        print(sorted(echoes), client.security.echo(echo_message="after")["echo_message"])
        """,
    )
    assert out.strip() == "['loop', 'thread'] after"
    # None of the two was cut off and sent again.
    sent = held.control("GET", "/sandbox/requests")["requests"]
    assert len(sent) == 3


GUNICORN_APP = """
import json, os
from wechatpay_rs import Client
client = Client(**json.loads(os.environ["OPTIONS"]))
client.security.echo(echo_message="in the parent")
def app(environ, start_response):
    echo = client.security.echo(echo_message=environ["PATH_INFO"])["echo_message"]
    start_response("200 OK", [("X-Pid", str(os.getpid()))])
    return [echo.encode()]
"""


def test_gunicorn_pre_fork(sandbox: Sandbox, tmp_path: Path) -> None:
    """The client is made and used before the workers are forked."""
    pytest.importorskip("gunicorn")
    (tmp_path / "app.py").write_text(GUNICORN_APP)
    listener = socket.create_server(("127.0.0.1", 0))
    options = {
        name: str(value) if name.endswith("_path") else value for name, value in sandbox.options.items()
    }
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--preload",
        "--workers",
        "2",
        "--bind",
        f"fd://{listener.fileno()}",
    ]
    server = subprocess.Popen(
        [*command, "--log-level", "error", "app:app"],
        cwd=tmp_path,
        pass_fds=[listener.fileno()],
        env={**os.environ, "OPTIONS": json.dumps(options)},
    )
    try:
        for number in range(20):
            connection = http.client.HTTPConnection("127.0.0.1", listener.getsockname()[1], timeout=30)
            connection.request("GET", f"/{number}")
            answer = connection.getresponse()
            assert (answer.status, answer.read()) == (200, f"/{number}".encode())
            connection.close()
    finally:
        listener.close()
        server.terminate()
        assert server.wait(30) == 0


@pytest.mark.parametrize("kind", ["async", "daemon thread", "future left behind"])
def test_the_interpreter_ends_with_calls_in_flight(held: Sandbox, kind: str) -> None:
    program = {
        "async": """
            client = AsyncClient(**OPTIONS)
            async def main():
                tasks = [asyncio.create_task(client.security.echo(echo_message="x")) for _ in range(8)]
                await asyncio.sleep(0)
            asyncio.run(main())
            """,
        "daemon thread": """
            client = Client(**OPTIONS, read_timeout=0.3, retries=0)
            begun = threading.Barrier(5)
            def call():
                begun.wait()
                client.security.echo(echo_message="x")
            for _ in range(4):
                threading.Thread(target=call, daemon=True).start()
            begun.wait()
            """,
        "future left behind": """
            client = AsyncClient(**OPTIONS, read_timeout=0.3, retries=0)
            loop = asyncio.new_event_loop()
            task = loop.create_task(client.security.echo(echo_message="x"))
            loop.call_soon(loop.stop)
            loop.run_forever()
            atexit.register(lambda: print("done"))
            """,
    }[kind]
    run(held, program)


def test_a_client_works_in_atexit(sandbox: Sandbox) -> None:
    out = run(
        sandbox,
        """
        client = Client(**OPTIONS)
        atexit.register(lambda: print(client.security.echo(echo_message="late")["echo_message"]))
        """,
    )
    assert out.strip() == "late"


def test_cancellation_and_time_out_leave_nothing(held: Sandbox) -> None:
    async def main() -> None:
        client = AsyncClient(**held.options, threads=2)
        tasks = [asyncio.create_task(client.security.echo(echo_message="x")) for _ in range(10)]
        await asyncio.sleep(0)
        bridge = _Bridge.of_running_loop()
        assert len(bridge._waiting) == 10
        # From the last: a thread that the first two give free finds nothing left to begin.
        for task in reversed(tasks):
            task.cancel()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(one, asyncio.CancelledError) for one in done)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.security.echo(echo_message="x"), 0.01)
        assert bridge._waiting == {}
        held.control("POST", "/sandbox/release/held")
        held.control("DELETE", "/sandbox/faults")
        assert (await client.security.echo(echo_message="after"))["echo_message"] == "after"
        client.close()

    asyncio.run(main())
    # What was cancelled before it began was never sent: two threads, so at most two of the ten, and the one that timed out.
    sent = held.control("GET", "/sandbox/requests")["requests"]
    assert len([one for one in sent if '"x"' in (one.get("body") or "")]) <= 3


def test_the_loop_goes_on_while_calls_wait(held: Sandbox) -> None:
    async def main() -> int:
        turns = 0
        async with AsyncClient(**held.options) as client:
            call = asyncio.create_task(client.security.echo(echo_message="x"))
            while turns < 1000:
                await asyncio.sleep(0)
                turns += 1
            assert not call.done()
            await asyncio.to_thread(held.control, "POST", "/sandbox/release/held")
            await call
        return turns

    assert asyncio.run(main()) == 1000


def test_a_loop_that_watches_no_sockets(sandbox: Sandbox) -> None:
    """As on Windows: results wake it by a call."""

    class Loop(asyncio.SelectorEventLoop):
        def add_reader(self, *arguments: Any) -> None:
            raise NotImplementedError

    async def main() -> list[str]:
        async with AsyncClient(**sandbox.options) as client:
            echoes = await asyncio.gather(*(client.security.echo(echo_message=str(n)) for n in range(40)))
            return [echo["echo_message"] for echo in echoes]

    loop = Loop()
    assert loop.run_until_complete(main()) == [str(n) for n in range(40)]
    loop.close()


def test_event_loops_are_not_kept(sandbox: Sandbox) -> None:
    client = AsyncClient(**sandbox.options)
    for _ in range(5):
        asyncio.run(client.security.echo(echo_message="x"))  # type: ignore[arg-type]
    gc.collect()
    assert len(_Bridge.all_of_them) == 0
    client.close()


def test_a_closed_loop_is_no_trouble(held: Sandbox) -> None:
    client = AsyncClient(**held.options)
    loop = asyncio.new_event_loop()
    task = loop.create_task(client.security.echo(echo_message="x"))
    loop.run_until_complete(asyncio.sleep(0))
    task.cancel()
    loop.run_until_complete(asyncio.gather(task, return_exceptions=True))
    loop.close()
    held.control("POST", "/sandbox/release/held")
    held.control("DELETE", "/sandbox/faults")
    assert asyncio.run(client.security.echo(echo_message="next"))["echo_message"] == "next"  # type: ignore[arg-type]
    client.close()


def test_log_lines_and_no_secrets(
    sandbox: Sandbox,
    order: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    options = sandbox.options
    key = options["private_key_path"].read_text()
    with caplog.at_level(logging.DEBUG, "wechatpay_rs"):
        client = Client(**options)
        client.payments.jsapi.prepay(**{**order, "description": "geheim"})
        with pytest.raises(Exception, match="ORDER_NOT_EXIST") as caught:
            client.payments.query_by_out_trade_no(out_trade_no="NONE")
        with pytest.raises(Exception, match="appid"):
            client.payments.jsapi.prepay(**{**order, "appid": "geheim" * 20})
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 3
    assert lines[0].startswith("payments.jsapi.prepay: 200 in ")
    assert "request id " in lines[0]
    assert caught.value.request_id in lines[1]  # type: ignore[attr-defined]
    shown = "\n".join([*lines, repr(client), repr(caught.value), *capfd.readouterr()])
    for secret in [*key.split("\n")[1:-2], options["api_v3_key"], "geheim", "Authorization", "signature="]:
        assert secret not in shown
