"""What all tests share. The sandbox comes from the package's own pytest plugin."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from wechatpay_rs.testing import Sandbox

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture
def sandbox(wechatpay_sandbox: Sandbox) -> Sandbox:
    """The sandbox, as new."""
    wechatpay_sandbox.control("POST", "/sandbox/reset")
    return wechatpay_sandbox


@pytest.fixture
def order(sandbox: Sandbox) -> dict[str, Any]:
    """Arguments of a prepay that works."""
    return {
        "appid": sandbox.appid,
        "description": "Tea",
        "out_trade_no": "20260808-0001",
        "notify_url": "http://127.0.0.1:1/notify",
        "amount": {"total": 100},
        "payer": {"openid": sandbox.openid},
    }


@pytest.fixture
def paid(sandbox: Sandbox, wechatpay_client: Any, order: dict[str, Any]) -> tuple[dict[str, str], bytes]:
    """Headers and body of a payment notification, as the sandbox sent them."""
    wechatpay_client.payments.jsapi.prepay(**order)
    sandbox.pay(order["out_trade_no"])
    return newest_notification(sandbox, "TRANSACTION.SUCCESS")


def newest_notification(sandbox: Sandbox, event_type: str) -> tuple[dict[str, str], bytes]:
    sent = sandbox.control("GET", "/sandbox/notifications?wait=true")["notifications"]
    attempt = [one for one in sent if one["event_type"] == event_type][-1]["attempts"][-1]
    return attempt["headers"], attempt["body"].encode()


def load(path: str) -> Any:
    return json.loads((REPOSITORY / path).read_text("utf-8"))


def load_all(folder: str) -> dict[str, list[Any]]:
    """The JSON files of a folder as one: members of the same name are lists, and are joined."""
    joined: dict[str, list[Any]] = {}
    for path in sorted((REPOSITORY / folder).glob("*.json")):
        for name, value in json.loads(path.read_text("utf-8")).items():
            if isinstance(value, list):
                joined.setdefault(name, []).extend(value)
    return joined
