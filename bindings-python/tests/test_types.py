"""Type checkers find mistakes, and nothing else."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import wechatpay_rs
import wechatpay_rs.types

MISTAKES = Path(__file__).parent / "typing" / "mistakes.py"
WRONG = {
    number for number, line in enumerate(MISTAKES.read_text().splitlines(), 1) if line.endswith("# wrong")
}


def test_mypy(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    # Outside of the repository, so that the installed package is read, as users have it.
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--cache-dir",
        str(tmp_path / "cache"),
        str(MISTAKES),
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    found = {int(number) for number in re.findall(r"mistakes\.py:(\d+): error", done.stdout)}
    assert found == WRONG, done.stdout + done.stderr


def test_pyright(tmp_path: Path) -> None:
    pytest.importorskip("pyright")
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, str(MISTAKES)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    report = json.loads(done.stdout)["generalDiagnostics"]
    found = {one["range"]["start"]["line"] + 1 for one in report if one["severity"] == "error"}
    assert found == WRONG, done.stdout


def test_types_and_options_have_public_names() -> None:
    from wechatpay_rs import Options
    from wechatpay_rs.types import Notification, payments

    assert Options.__required_keys__ == {"mchid"}
    assert {"private_key", "timeout"} <= Options.__optional_keys__
    assert payments.Transaction.__name__ == "Transaction"
    assert Notification
    assert "payments" in dir(wechatpay_rs.types)
    with pytest.raises(AttributeError, match="paymnets"):
        wechatpay_rs.types.paymnets  # type: ignore[attr-defined]


def test_a_program_that_asks_for_no_types_imports_none() -> None:
    program = "import sys, wechatpay_rs.types; print(*(n for n in sys.modules if n.startswith('wechatpay_rs.generated.types')))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
