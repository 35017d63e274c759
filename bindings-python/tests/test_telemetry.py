"""Spans of OpenTelemetry, with its in-memory exporter."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from wechatpay_rs import AsyncClient, Client, WeChatPayError

trace = pytest.importorskip("opentelemetry.trace")
export = pytest.importorskip("opentelemetry.sdk.trace.export")
memory = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
sdk = pytest.importorskip("opentelemetry.sdk.trace")


@pytest.fixture(scope="module")
def exporter() -> Any:
    exporter = memory.InMemorySpanExporter()
    provider = sdk.TracerProvider()
    provider.add_span_processor(export.SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return exporter


@pytest.fixture
def spans(exporter: Any) -> Iterator[Any]:
    exporter.clear()
    yield exporter.get_finished_spans
    exporter.clear()


def test_a_call_is_a_span_by_the_conventions_for_http(
    sandbox: Any, wechatpay_client: Client, spans: Any
) -> None:
    order = {"description": "tea", "notify_url": "https://shop.example/notify", "amount": {"total": 1}}
    with trace.get_tracer("shop").start_as_current_span("checkout"):
        wechatpay_client.payments.native.prepay(appid=sandbox.appid, out_trade_no="SPAN-1", **order)
    call, checkout = spans()
    assert call.name == "payments.native.prepay"
    assert call.kind is trace.SpanKind.CLIENT
    assert call.parent.span_id == checkout.context.span_id
    attributes = dict(call.attributes)
    assert attributes.pop("wechatpay.request_id")
    port = int(sandbox.base_url.rpartition(":")[2])
    assert attributes == {
        "http.request.method": "POST",
        "url.template": "/v3/pay/transactions/native",
        "server.address": "127.0.0.1",
        "server.port": port,
        "http.response.status_code": 200,
        "wechatpay.operation": "payments.native.prepay",
    }


def test_what_failed_says_so_and_quotes_nothing(sandbox: Any, spans: Any) -> None:
    sandbox.control("POST", "/sandbox/faults", {"match": {"count": 2}, "fault": {"close": "before_answer"}})
    client = Client(**sandbox.options).with_options(retries=1)
    with pytest.raises(WeChatPayError):
        client.payments.query_by_out_trade_no(out_trade_no="SECRET-NUMBER")
    with pytest.raises(WeChatPayError):
        client.request("GET", "/v3/nowhere?name=SECRET-NAME")

    async def given_up() -> None:
        async with AsyncClient(**sandbox.options) as other:
            sandbox.control("POST", "/sandbox/faults", {"match": {"count": None}, "fault": {"hold": "span"}})
            call = asyncio.ensure_future(other.payments.close(out_trade_no="SECRET-NUMBER"))
            await asyncio.sleep(0)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call

    try:
        asyncio.run(given_up())
    finally:
        sandbox.control("POST", "/sandbox/release/span")
    lost, unknown, cancelled = spans()
    assert lost.attributes["http.request.resend_count"] == 1
    assert lost.attributes["error.type"] and lost.status.status_code is trace.StatusCode.ERROR
    assert lost.attributes["wechatpay.outcome_unknown"] is False
    assert unknown.name == "GET /v3/nowhere"
    assert unknown.attributes["http.response.status_code"] == 404
    assert cancelled.attributes["error.type"] == "CancelledError"
    for span in spans():
        assert "SECRET" not in span.to_json()


def test_local_work_is_no_span(sandbox: Any, wechatpay_client: Client, spans: Any) -> None:
    wechatpay_client.prepare("payments.close", {"out_trade_no": "SPAN-2"})
    wechatpay_client.jsapi_payment(appid=sandbox.appid, prepay_id="wx20")
    assert spans() == ()


def test_nobody_pays_who_has_not_asked() -> None:
    program = "import sys, wechatpay_rs; print([n for n in sys.modules if 'telemetry' in n])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
