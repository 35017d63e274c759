"""What came with an answer: for log lines, and for WeChat Pay's support."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    Content = dict[str, Any]
else:
    Content = dict


class AnswerInfo:
    """What came with an answer."""

    __slots__ = ("attempts", "request_id", "serial", "status")

    def __init__(self, status: int, request_id: str | None, serial: str, attempts: int) -> None:
        self.status = status
        """HTTP status."""
        self.request_id = request_id
        """What WeChat Pay's support asks for."""
        self.serial = serial
        """Serial or id of the key that signed the answer."""
        self.attempts = attempts
        """How many requests went out for the call: 1 without retries, 0 when another HTTP client sent it."""

    def __repr__(self) -> str:
        return (
            f"AnswerInfo(status={self.status}, request_id={self.request_id!r}, serial={self.serial!r}, "
            f"attempts={self.attempts})"
        )


class Answer(Content):
    """The dict that a call returns. A copy of it is a plain dict, and so is what another process makes of it."""

    __slots__ = ("about",)

    def __init__(self, content: Content, about: tuple[int, str | None, str, int]) -> None:
        super().__init__(content)
        self.about = about

    def __reduce__(self) -> Any:
        # Who reads it in another process, or much later, need not have this package.
        return dict, (dict(self),)


def answer_info(answer: Mapping[str, Any]) -> AnswerInfo | None:
    """Return status, request id, key serial and attempts of the answer that a call returned; `None` for any other dict."""
    return AnswerInfo(*answer.about) if isinstance(answer, Answer) else None
