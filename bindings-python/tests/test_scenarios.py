"""Every scenario that all languages share."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from conftest import REPOSITORY, load
from scenario_runner import FILE, Play, only
from wechatpay_rs.testing import Sandbox

FILES = sorted((REPOSITORY / "tests/scenarios").glob("*.json"))


def scenarios() -> list[Any]:
    found = []
    for path in FILES:
        file = load(f"tests/scenarios/{path.name}")
        only(file, FILE)
        for scenario in file["scenarios"]:
            constants = file.get("let", {})
            found.append(pytest.param(constants, scenario, id=f"{path.stem}-{scenario['name']}"))
    return found


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.mark.parametrize(("constants", "scenario"), scenarios())
def test_scenario(wechatpay_sandbox: Sandbox, constants: dict[str, Any], scenario: dict[str, Any]) -> None:
    Play(wechatpay_sandbox, constants, scenario).run()


@pytest.mark.parametrize(("constants", "scenario"), scenarios())
def test_scenario_async(
    wechatpay_sandbox: Sandbox,
    loop: asyncio.AbstractEventLoop,
    constants: dict[str, Any],
    scenario: dict[str, Any],
) -> None:
    Play(wechatpay_sandbox, constants, scenario, loop).run()


def test_there_are_scenarios() -> None:
    assert len(scenarios()) >= 10
