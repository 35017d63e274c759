"""The base of all exceptions, and how the native code makes them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar


class WeChatPayError(Exception):
    """Anything that went wrong; the subclasses say which kind of thing.

    Look at `outcome_unknown` before anything else: when it is set, money may have moved although this was raised.
    """

    kind: ClassVar[str] = ""
    """Which kind: `api`, `verification`, `timeout`, …"""

    code: str
    """WeChat Pay's own code (`PARAM_ERROR`, …) or, for what was found here, one of `wechatpay_rs.codes`."""
    message: str
    """What happened and what to do. WeChat Pay's own text is quoted as it came."""
    detail: dict[str, Any] | None
    """WeChat Pay's `detail` (which field, which value, what is wrong with it), or the same made here."""
    status: int | None
    """HTTP status, when there was an answer."""
    request_id: str | None
    """What WeChat Pay's support asks for."""
    operation: str | None
    """What was called: `payments.jsapi.prepay`."""
    body: str | None
    """Body of the answer; unverified unless `authenticated` is set."""
    retryable: bool
    """Whether the same call may be made again without harm and with hope."""
    outcome_unknown: bool
    """Whether the request may have taken effect. Look up what became of it before doing anything else."""
    authenticated: bool
    """Whether the answer carried a valid signature. Error answers usually carry none."""
    causes: tuple[str, ...]
    """What lies underneath, outermost first."""

    def __init__(self, text: str = "", **fields: Any) -> None:
        super().__init__(text)
        self.code = fields.get("code", "")
        self.message = fields.get("message", text)
        self.detail = fields.get("detail")
        self.status = fields.get("status")
        self.request_id = fields.get("request_id")
        self.operation = fields.get("operation")
        self.body = fields.get("body")
        self.retryable = fields.get("retryable", False)
        self.outcome_unknown = fields.get("outcome_unknown", False)
        self.authenticated = fields.get("authenticated", False)
        self.causes = tuple(fields.get("causes", ()))

    def __reduce__(self) -> tuple[Any, ...]:
        # The fields travel as state, so that `pickle` and `copy` keep them.
        return (type(self), self.args, self.__dict__)


def from_fields(fields: dict[str, Any]) -> WeChatPayError:
    """Make the exception for an error of the core; called by the native code."""
    from .generated.errors import BY_KIND

    cls = BY_KIND.get(fields.pop("kind"), WeChatPayError)
    return cls(fields.pop("text"), **fields)


def invalid_request(code: str, message: str, operation: str | None = None, **detail: Any) -> WeChatPayError:
    """Refuse a call here, in the words and with the fields that the core would use."""
    from .generated.errors import InvalidRequestError

    text = f"{operation}: {code}: {message}" if operation else f"{code}: {message}"
    return InvalidRequestError(text, code=code, message=message, detail=detail or None, operation=operation)
