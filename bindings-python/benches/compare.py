"""Measures this package beside wechatpayv3, in turns, so that both see the same machine. Run: cargo xtask bench --lang python

All times are CPU time of the process, without the sandbox's. A machine that does other things meanwhile makes them
larger, for both alike: the least of all rounds is taken, and the ratios count.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import Any

from wechatpay_rs import Client
from wechatpay_rs.testing import Sandbox

HERE = Path(__file__).parent
OUR_START = """
from wechatpay_rs import Client
Client(**{options!r})
"""
THEIR_START = """
from wechatpayv3 import WeChatPay, WeChatPayType
o = {options!r}
WeChatPay(wechatpay_type=WeChatPayType.JSAPI, mchid=o["mchid"], private_key=open(o["private_key_path"]).read(),
    cert_serial_no=o["merchant_serial"], appid="x", apiv3_key=o["api_v3_key"],
    public_key=open(o["wechatpay_public_key_path"]).read(), public_key_id=o["wechatpay_public_key_id"])
"""


def material(sandbox: Sandbox) -> dict[str, Any]:
    """Everything that both need: keys, a paid order, its notification, and a signed answer."""
    options = {
        name: str(value) if name.endswith("_path") else value for name, value in sandbox.options.items()
    }
    with Client(**sandbox.options) as client:
        client.payments.jsapi.prepay(
            appid=sandbox.appid,
            description="Tea",
            out_trade_no="BENCH-1",
            notify_url="http://127.0.0.1:1/notify",
            amount={"total": 100},
            payer={"openid": sandbox.openid},
        )
        sandbox.pay("BENCH-1")
        sent = sandbox.control("GET", "/sandbox/notifications?wait=true")["notifications"][-1]["attempts"][-1]
        request = client.prepare("payments.query_by_out_trade_no", {"out_trade_no": "BENCH-1"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(urllib.request.Request(request.url, headers=dict(request.headers))) as answer:
            signed = {"headers": dict(answer.headers.items()), "body": answer.read().decode()}
    # Its clock is read in lower case by one of the two, and as written by the other.
    return {
        "options": options, "appid": sandbox.appid, "headers": sent["headers"], "body": sent["body"], "answer": signed
    }  # fmt: skip


def cpu_of(command: list[str]) -> float:
    """CPU milliseconds of a program."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) * 1000


def starts(ours: str, theirs: str, options: dict[str, Any], times: int) -> dict[str, float]:
    """CPU milliseconds to import and make the first client, without those of Python itself."""
    programs = {
        "python": [theirs, "-c", "pass"],
        "ours_import": [ours, "-c", "import wechatpay_rs"],
        "theirs_import": [theirs, "-c", "import wechatpayv3.core"],
        "ours_start": [ours, "-c", OUR_START.format(options=options)],
        "theirs_start": [theirs, "-c", THEIR_START.format(options=options)],
    }
    for command in programs.values():
        cpu_of(command)
    taken: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(times):
        for name, command in programs.items():
            taken[name].append(cpu_of(command))
    least = {name: min(values) for name, values in taken.items()}
    return {name: value - least["python"] for name, value in least.items() if name != "python"}


def installed_size(python: str) -> float:
    """Megabytes below site-packages, without pip and setuptools."""
    found = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    folder = Path(found.stdout.strip())
    skipped = ("pip", "setuptools", "pkg_resources", "_distutils_hack", "distutils-precedence.pth")
    files = [path for path in folder.rglob("*") if path.is_file()]
    counted = [path for path in files if not path.relative_to(folder).parts[0].startswith(skipped)]
    return sum(path.stat().st_size for path in counted) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--peer", required=True)
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    ours, theirs = sys.executable, arguments.peer
    calls, rounds = (192, 1) if arguments.quick else (960, 3)
    taken: dict[str, dict[str, list[float]]] = {}
    with Sandbox.start() as sandbox, tempfile.TemporaryDirectory() as folder:
        options = {
            name: str(value) if name.endswith("_path") else value for name, value in sandbox.options.items()
        }
        for _ in range(rounds):
            sandbox.control("POST", "/sandbox/reset")
            path = Path(folder, "material.json")
            path.write_text(json.dumps(material(sandbox)), "utf-8")
            for which, python in (("ours", ours), ("theirs", theirs), ("theirs-keep-alive", theirs)):
                done = subprocess.run(
                    [python, HERE / "worker.py", which, path, str(calls)],
                    check=True, stdout=subprocess.PIPE, text=True, env={**os.environ, "NO_PROXY": "*"},
                )  # fmt: skip
                for name, value in json.loads(done.stdout).items():
                    taken.setdefault(which, {}).setdefault(name, []).append(value)
        begun = starts(ours, theirs, options, 3 if arguments.quick else 11)
    found = {which: {name: min(values) for name, values in names.items()} for which, names in taken.items()}
    report(found, begun, installed_size(ours), installed_size(theirs))


def report(
    found: dict[str, dict[str, float]], begun: dict[str, float], our_size: float, their_size: float
) -> None:
    ours, theirs, kept = found["ours"], found["theirs"], found["theirs-keep-alive"]
    print(f"\n{'':44}{'wechatpay-rs':>14}{'wechatpayv3':>14}{'ratio':>8}   goal")

    def row(name: str, one: float, other: float, unit: str, goal: str = "") -> None:
        ratio = other / one
        print(f"{name:44}{one:>11.1f} {unit:<2}{other:>11.1f} {unit:<2}{ratio:>7.2f}x   {goal}")

    row("import", begun["ours_import"], begun["theirs_import"], "ms")
    row("import and first client", begun["ours_start"], begun["theirs_start"], "ms", "10x")
    row("installed", our_size, their_size, "MB", "3x")
    row("sign (payment parameters)", ours["sign"], theirs["sign"], "µs", "1x")
    row("verify and decode an answer", ours["verify"], theirs["verify"], "µs")
    row("whole notification", ours["notification"], theirs["notification"], "µs", "2x")
    row("call, main thread, as shipped", ours["sync_main"], theirs["sync_main"], "µs")
    row("call, main thread, both keep-alive", ours["sync_main"], kept["sync_main"], "µs", "2.5x")
    for concurrent in (1, 16, 64):
        name = f"call, {concurrent} threads"
        row(name + ", as shipped", ours[f"sync_{concurrent}"], theirs[f"sync_{concurrent}"], "µs")
        row(name + ", both keep-alive", ours[f"sync_{concurrent}"], kept[f"sync_{concurrent}"], "µs", "2.5x")
    for concurrent in (1, 16, 64):
        name = f"call, asyncio, {concurrent} at a time"
        row(name, ours[f"async_{concurrent}"], theirs[f"async_{concurrent}"], "µs", "2.5x")
    row("memory after the first client", ours["memory_client"], theirs["memory_client"], "MB")
    row("memory at the end", ours["memory_end"], theirs["memory_end"], "MB")
    floor = theirs["raw_sign"] + theirs["raw_verify"]
    print(f"\none RSA signature and one verification, OpenSSL alone: {floor:.0f} µs")
    print(f"  above that, main thread: {ours['sync_main'] - floor:6.0f} µs per call (goal: at most 80)")
    for concurrent in (1, 16, 64):
        for way in ("sync", "async"):
            above = ours[f"{way}_{concurrent}"] - floor
            print(
                f"  above that, {way}, {concurrent:>2} at a time: {above:6.0f} µs per call (goal: at most 80)"
            )


if __name__ == "__main__":
    main()
