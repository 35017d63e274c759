"""Green threads: a patched process is warned, and its pool of threads keeps the others going."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

PROGRAM = """
from gevent import monkey

monkey.patch_all()
import json, sys, warnings
import gevent
from wechatpay_rs import Client, WeChatPayTimeoutError

with warnings.catch_warnings(record=True) as warned:
    warnings.simplefilter("always")
    client = Client(**json.loads(sys.argv[1]), timeout=0.5, retries=0)
    client.with_options(retries=1)
print(len(warned), warned[0].filename == "<string>", "threadpool.apply" in str(warned[0].message))

turns = []


def others():
    while True:
        turns.append(1)
        gevent.sleep(0.01)


def call():
    try:
        client.payments.query_by_out_trade_no(out_trade_no="20260808-0001")
    except WeChatPayTimeoutError:
        return len(turns)


gevent.spawn(others)
gevent.sleep(0)
before = len(turns)
print(call() == before, gevent.get_hub().threadpool.apply(call) > before)
"""


def test_calls_on_the_pool_hold_nobody_up(sandbox: Any) -> None:
    pytest.importorskip("gevent")
    import json

    sandbox.control("POST", "/sandbox/faults", {"match": {"count": None}, "fault": {"hold": "green"}})
    options = json.dumps(sandbox.options, default=str)
    try:
        done = subprocess.run([sys.executable, "-c", PROGRAM, options], capture_output=True, text=True)
    finally:
        sandbox.control("POST", "/sandbox/release/green")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["1", "True", "True", "True", "True"]
