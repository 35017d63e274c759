"""Fixtures for pytest, found by it on its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from wechatpay_rs import Client
    from wechatpay_rs.testing import Sandbox


@pytest.fixture(scope="session")
def wechatpay_sandbox() -> Iterator[Sandbox]:
    """Return a local WeChat Pay that runs as long as the tests do."""
    from wechatpay_rs.testing import Sandbox

    with Sandbox.start() as sandbox:
        yield sandbox


@pytest.fixture
def wechatpay_client(wechatpay_sandbox: Sandbox) -> Iterator[Client]:
    """Return a client of the sandbox's merchant."""
    from wechatpay_rs import Client

    with Client(**wechatpay_sandbox.options) as client:
        yield client
