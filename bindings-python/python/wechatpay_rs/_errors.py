"""The base of all exceptions, and how the native code makes them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, ClassVar

    from ._payments import NotificationReply


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
    attempts: int
    """How often the call was tried, also when no connection could be made; 0 when it failed before."""
    causes: tuple[str, ...]
    """What lies underneath, outermost first."""

    def __init__(self, text: str = "", plain: Mapping[str, Any] | None = None, /, **fields: Any) -> None:
        # Some are an `OSError`, which would take a second argument for its text.
        super().__init__(text)
        fields = {**(plain or {}), **fields}
        self.code = fields.get("code", "")
        self.message = fields.get("message", text)
        self.detail = fields.get("detail")
        self.status = fields.get("status")
        self.request_id = fields.get("request_id")
        self.operation = fields.get("operation")
        self.body = fields.get("body")
        self.retryable = fields.get("retryable", False)
        # What moves exceptions about may rebuild one from its text alone, which says nothing of the outcome.
        self.outcome_unknown = fields.get("outcome_unknown", True)
        self.authenticated = fields.get("authenticated", False)
        self.attempts = fields.get("attempts", 0)
        self.causes = tuple(fields.get("causes", ()))
        self._notification_reply: NotificationReply | None = fields.get("notification_reply")
        # A queue that keeps exceptions as JSON (Celery) keeps the class and these arguments. The text is the first of them,
        # as everywhere; not among them is what may quote what the merchant sent.
        known = {name: getattr(self, name) for name in _PLAIN}
        self.args = (text, known) if fields else (text,)
        system: object = self
        if isinstance(system, OSError):
            system.errno = fields.get("errno")

    def __str__(self) -> str:
        # Those that are an `OSError` would write number and name of a file.
        return str(self.args[0]) if self.args else ""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    @property
    def notification_reply(self) -> NotificationReply:
        """What WeChat Pay is answered when a notification could not be parsed: `{"status": …, "body": …}`, the body as JSON."""
        from ._native import notification_rules

        return self._notification_reply or notification_rules()["handler_failed"]

    def __reduce__(self) -> tuple[Any, ...]:
        # The fields travel as state, so that `pickle` and `copy` keep them.
        state = self.__dict__
        system: object = self
        if isinstance(system, OSError) and system.errno is not None:
            state = {**state, "errno": system.errno}
        return (type(self), self.args, state)


_PLAIN = (
    "code",
    "message",
    "status",
    "request_id",
    "operation",
    "retryable",
    "outcome_unknown",
    "authenticated",
    "attempts",
)


def from_fields(fields: dict[str, Any]) -> WeChatPayError:
    """Make the exception for an error of the core; called by the native code."""
    from .generated.errors import BY_KIND

    cls = BY_KIND.get(fields.pop("kind"), WeChatPayError)
    return cls(fields.pop("text"), **fields)


def given_up(raised: BaseException, left: WeChatPayError) -> None:
    """Note on an exception that ended a call from outside what the call leaves behind; the native code calls this, too.

    Any class of exception may come from a signal handler: one that takes no attributes goes out as it is.
    """
    try:
        raised.outcome_unknown = left.outcome_unknown or getattr(raised, "outcome_unknown", False)  # type: ignore[attr-defined]
    except AttributeError:
        return
    # From Python 3.11.
    add_note = getattr(raised, "add_note", None)
    if add_note is not None:
        add_note(str(left))


def outcome_unknown(error: BaseException) -> bool:
    """Tell whether a request to WeChat Pay may have taken effect although `error` was raised.

    It looks at errors of this package, at the `CancelledError` or `KeyboardInterrupt` that ended a call, and at what
    lies underneath: a `TimeoutError` of `asyncio.timeout`, for instance. When it is true, look up what became of the
    request before doing anything else.
    """
    seen: list[BaseException] = []
    errors = [error]
    while errors:
        error = errors.pop()
        if getattr(error, "outcome_unknown", False):
            return True
        seen.append(error)
        beneath = [error.__cause__, error.__context__, *getattr(error, "exceptions", ())]
        errors += [one for one in beneath if isinstance(one, BaseException) and one not in seen]
    return False


def invalid_request(code: str, message: str, operation: str | None = None, **detail: Any) -> WeChatPayError:
    """Refuse a call here, in the words and with the fields that the core would use."""
    from .generated.errors import InvalidRequestError

    text = f"{operation}: {code}: {message}" if operation else f"{code}: {message}"
    return InvalidRequestError(
        text,
        code=code,
        message=message,
        detail=detail or None,
        operation=operation,
        outcome_unknown=False,
    )
