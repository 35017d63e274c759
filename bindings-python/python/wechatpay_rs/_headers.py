"""Headers and bodies as frameworks hand them over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from ._errors import invalid_request

Headers: TypeAlias = Mapping[str, str] | Iterable[tuple[str | bytes, str | bytes]]
"""The headers of any framework, a dict, or pairs; also a WSGI environment or Django's `request.META`."""


def pairs(headers: Headers) -> list[tuple[str, str]]:
    """Return headers as pairs of text."""
    items = headers.items() if isinstance(headers, Mapping) or hasattr(headers, "items") else headers
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


def raw_body(body: Any) -> bytes:
    """Return the body as bytes, or say why it must be bytes."""
    if isinstance(body, (bytes, bytearray, memoryview)):
        return bytes(body)
    raise invalid_request(
        "WRONG_TYPE",
        f"the body is {type(body).__name__}, and must be the raw bytes of the request: the signature covers these very "
        "bytes, and text or JSON that was decoded and encoded again differs. Take request.get_data() in Flask, "
        "request.body in Django, await request.body() in FastAPI.",
    )
