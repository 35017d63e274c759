"""Headers and bodies as frameworks hand them over."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol, TypeAlias, cast

from ._errors import invalid_request


class HasItems(Protocol):
    """A mapping, or what only looks like one (`email.message.Message`, Werkzeug's headers)."""

    def items(self) -> Iterable[tuple[Any, Any]]:
        """Return pairs of name and value."""
        ...


Headers: TypeAlias = HasItems | Iterable[tuple[str | bytes, str | bytes]]
"""The headers of any framework, a dict, or pairs; also a WSGI environment or Django's `request.META`."""


def pairs(headers: Headers) -> list[tuple[str, str]]:
    """Return headers as pairs of text."""
    # Checked by name: `isinstance` with a protocol costs more than the rest.
    source: Any = headers
    items: Iterable[tuple[Any, Any]] = source.items() if hasattr(source, "items") else source
    found: list[tuple[str, str]] = []
    for name, value in items:
        if isinstance(name, bytes):
            name = name.decode("latin-1")
        if isinstance(value, bytes):
            value = value.decode("latin-1")
        # What else is in a WSGI environment is no header.
        if not isinstance(value, str):
            continue
        if name.startswith("HTTP_"):
            name = name[5:].replace("_", "-")
        found.append((name, value))
    return found


def typed(notification: Any) -> Any:
    """Return the notification with a `type` that type checkers can tell apart also where the core knows none."""
    if notification["type"] is None:
        notification["type"] = "unknown"
    return notification


def raw_body(body: Any) -> bytes:
    """Return the body as bytes, or say why it must be bytes."""
    if type(body) is bytes:
        return body
    if isinstance(body, (bytearray, memoryview)):
        return bytes(cast("bytearray", body))
    raise invalid_request(
        "WRONG_TYPE",
        f"the body is {type(body).__name__}, and must be the raw bytes of the request: the signature covers these very "
        "bytes, and text or JSON that was decoded and encoded again differs. Take request.get_data() in Flask, "
        "request.body in Django, await request.body() in FastAPI.",
    )
