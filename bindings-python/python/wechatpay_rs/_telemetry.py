"""A span of OpenTelemetry for each call, where its API is imported. Names and meanings are those of its conventions for HTTP clients."""

from __future__ import annotations

import sys

from ._native import VERSION, http_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._native import NativeClient


def begin(what: str, native: NativeClient) -> Any:
    """Return the span of a call that goes out; `None` for what only computes, and where nobody looks."""
    trace = sys.modules.get("opentelemetry.trace")
    if trace is None:
        return None
    found = http_of(what)
    if found is None:
        return None
    method, template = found
    scheme, _, rest = native.base_url.partition("://")
    host, _, port = (
        rest.partition("/")[0].rpartition(":") if rest.count(":") == 1 else (rest.partition("/")[0], "", "")
    )
    attributes: dict[str, Any] = {
        "http.request.method": method,
        "server.address": host,
        "server.port": int(port) if port.isdigit() else 443 if scheme == "https" else 80,
    }
    if template:
        attributes["url.template"] = template
    if " " not in what and "." in what:
        attributes["wechatpay.operation"] = what
    tracer: Any = trace.get_tracer("wechatpay_rs", VERSION)
    return tracer.start_span(what, kind=trace.SpanKind.CLIENT, attributes=attributes)


def succeeded(span: Any, about: tuple[int, str | None, str, int] | None) -> None:
    """End the span of a call that went well."""
    if about is not None:
        status, request_id, _, attempts = about
        span.set_attribute("http.response.status_code", status)
        _more(span, request_id, attempts)
    span.end()


def failed(span: Any, error: BaseException) -> None:
    """End the span of a call that raised. The text of the error is not in it: it may quote what the merchant sent."""
    trace: Any = sys.modules["opentelemetry.trace"]
    code = getattr(error, "code", None) or type(error).__qualname__
    status = getattr(error, "status", None)
    if status is not None:
        span.set_attribute("http.response.status_code", status)
    span.set_attribute("error.type", code)
    span.set_attribute("wechatpay.outcome_unknown", bool(getattr(error, "outcome_unknown", True)))
    _more(span, getattr(error, "request_id", None), getattr(error, "attempts", 0))
    span.set_status(trace.StatusCode.ERROR, code)
    span.end()


def _more(span: Any, request_id: str | None, attempts: int) -> None:
    if request_id:
        span.set_attribute("wechatpay.request_id", request_id)
    if attempts > 1:
        span.set_attribute("http.request.resend_count", attempts - 1)
