"""What is installed: cheap to import, and with fixtures for the tests of others."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from wechatpay_rs._options import for_core
from wechatpay_rs.generated.option_types import Options
from wechatpay_rs.generated.options import CORE_NAMES, KINDS
from wechatpay_rs.testing import Sandbox

# Each takes longer to import than the package.
HEAVY = {"asyncio", "datetime", "enum", "functools", "json", "logging", "re", "threading", "typing"}


def test_importing_is_cheap(sandbox: Sandbox) -> None:
    """None of it is loaded for a client and a call, nor a generated type."""
    options = {
        name: str(value) if name.endswith("_path") else value for name, value in sandbox.options.items()
    }
    program = (
        f"import sys; sys.path[:] = {sys.path!r}; from wechatpay_rs import Client;"
        f"Client(**{options!r}).security.echo(echo_message='x');"
        "print(*sys.modules, sep='\\n')"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "wechatpay_rs.generated.client.security" in loaded
    assert loaded & HEAVY == set()
    assert [name for name in loaded if name.startswith("wechatpay_rs") and "types" in name] == []


def test_every_option_has_its_type() -> None:
    assert set(KINDS) == set(Options.__annotations__)


def test_every_kind_of_option_is_read() -> None:
    path = Path(__file__)
    values: dict[str, tuple[Any, Any]] = {
        "text": ("x", "x"),
        "flag": (True, True),
        "seconds": (1.5, 1.5),
        "number": (2, 2),
        "key": (b"k", "aw=="),
        "pem": (b"k", "k"),
        "binary": (b"k", "aw=="),
        "path": (path, str(path)),
        "texts": (["x"], ["x"]),
        "keys": ([b"k"], ["aw=="]),
        "paths": ([path], [str(path)]),
        "public_keys": ({"id": b"k"}, [{"id": "id", "key": "aw=="}]),
    }
    for name, kind in KINDS.items():
        given, read = values[kind]
        assert for_core({name: given})[CORE_NAMES.get(name, name)] == read


def test_fixtures_for_the_tests_of_others(tmp_path: Path) -> None:
    """The documentation's example, in a project of its own."""
    (tmp_path / "test_shop.py").write_text(
        """
def test_order(wechatpay_client, wechatpay_sandbox):
    wechatpay_client.payments.jsapi.prepay(
        appid=wechatpay_sandbox.appid, description="Tea", out_trade_no="20260808-0001",
        notify_url="http://127.0.0.1:1/notify", amount={"total": 100}, payer={"openid": wechatpay_sandbox.openid},
    )
    wechatpay_sandbox.pay("20260808-0001")
    order = wechatpay_client.payments.query_by_out_trade_no(out_trade_no="20260808-0001")
    assert order["trade_state"] == "SUCCESS"
"""
    )
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, env=dict(os.environ), capture_output=True, text=True)
    assert "1 passed" in done.stdout, done.stdout + done.stderr
