"""What is told of a call: a log line, and a span where somebody looks. Never a parameter."""

from __future__ import annotations

import sys
from time import perf_counter

from . import _log
from ._answer import Answer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._native import NativeClient


class Watched:
    """A job from its beginning to its end."""

    __slots__ = ("_began", "_span", "_what")

    def __init__(self, what: str, native: NativeClient) -> None:
        self._what = what
        self._began = perf_counter()
        self._span: Any = None
        # Whoever wants spans has imported this; nobody else pays for them.
        if "opentelemetry.trace" in sys.modules:
            from . import _telemetry

            self._span = _telemetry.begin(what, native)

    def failed(self, error: BaseException) -> None:
        """Tell that it raised."""
        _log.failed(self._what, error, self._began)
        if self._span is not None:
            from . import _telemetry

            _telemetry.failed(self._span, error)

    def done(self, value: Any, about: tuple[int, str | None, str, int] | None) -> Any:
        """Tell that it went well, and return what it made: of an answer, with what came with it."""
        status, request_id = about[:2] if about is not None else (None, None)
        _log.succeeded(self._what, status, request_id, self._began)
        if self._span is not None:
            from . import _telemetry

            _telemetry.succeeded(self._span, about)
        # An answer may also be nothing, or a list.
        return value if about is None or value.__class__ is not dict else Answer(value, about)
