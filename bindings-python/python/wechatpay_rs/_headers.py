"""What is said of headers and bodies that are none."""

from __future__ import annotations

from ._errors import invalid_request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._errors import WeChatPayError


def refused(headers: Any) -> WeChatPayError:
    """Return the error for headers that are neither mapping nor pairs; called by the native code."""
    return invalid_request(
        "WRONG_TYPE",
        f"the headers are {type(headers).__name__}, and must be a mapping or pairs of name and value: request.headers in "
        "Flask, Django and FastAPI.",
    )


def raw_body(body: Any) -> bytes:
    """Return the body as bytes, or say why it must be bytes."""
    if type(body) is bytes:
        return body
    try:
        return bytes(memoryview(body))
    except TypeError:
        pass
    raise invalid_request(
        "WRONG_TYPE",
        f"the body is {type(body).__name__}, and must be the raw bytes of the request: the signature covers these very "
        "bytes, and text or JSON that was decoded and encoded again differs. Take request.get_data() in Flask, "
        "request.body in Django, await request.body() in FastAPI.",
    )
