"""Parameters that the native code could not take as they are: made plain, or refused with the argument's name."""

from __future__ import annotations

from collections.abc import Mapping
from operator import index
from typing import Any, cast

from ._errors import invalid_request

_MAX_DEPTH = 64


def plain(params: Any, operation: str | None) -> Any:
    """Return a copy of `params` that JSON can express; called by the native code.

    A `datetime` with a time zone becomes RFC 3339, a `date` and a `UUID` their usual text; everything that JSON has no exact counterpart for is refused, with
    the name of the argument.
    """
    return _plain(params, "", operation, 0)


def _plain(value: Any, path: str, operation: str | None, depth: int) -> Any:
    """Return a copy of `value` that JSON can express, or say which argument it cannot."""
    if depth > _MAX_DEPTH:
        raise invalid_request(
            "TOO_DEEP", f"{path.split('/')[1]} is nested too deep, or contains itself.", operation, field=path
        )
    if isinstance(value, Mapping):
        mapping: Mapping[Any, Any] = value  # pyright: ignore[reportUnknownVariableType]
        return {
            _key(key, path, operation): _plain(item, f"{path}/{key}", operation, depth + 1)
            # A copy, for another thread may change it meanwhile.
            for key, item in list(mapping.items())
        }
    if isinstance(value, (list, tuple)):
        items = cast("list[Any]", value)
        return [
            _plain(item, f"{path}/{index}", operation, depth + 1) for index, item in enumerate(list(items))
        ]
    from datetime import date, datetime
    from uuid import UUID

    name = path[1:].replace("/", ".") or "the parameters"
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise invalid_request(
                "INVALID_TIMESTAMP",
                f"{name} is a datetime without time zone; WeChat Pay would not know which moment is meant. "
                "Give it one, for example datetime.now(timezone.utc).",
                operation,
                field=path,
            )
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if not isinstance(value, int) and hasattr(value, "__index__"):
        # A whole number of another library's, of numpy for example: exact, or it would not have this.
        value = index(value)
    problem = _problem(value)
    if problem:
        raise invalid_request("WRONG_TYPE", f"{name} {problem}", operation, field=path)
    return value


def _key(key: Any, path: str, operation: str | None) -> str:
    if not isinstance(key, str):
        raise invalid_request(
            "WRONG_TYPE",
            f"{path[1:] or 'the parameters'}: a name is of type {type(key).__name__}; names are str.",
            operation,
        )
    return key


def _problem(value: Any) -> str:
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return "is not valid text: it holds half of a surrogate pair. Check how it was decoded."
        return ""
    if isinstance(value, float):
        return (
            f"is {value}; give a whole number of fen, or text."
            if value != value or abs(value) == float("inf")
            else ""
        )
    if isinstance(value, int):
        return "" if -(2**63) <= value < 2**64 else "is a number beyond 64 bits; numbers of orders are text."
    if value is None:
        return ""
    kind = type(value).__name__
    if isinstance(value, (bytes, bytearray, memoryview)):
        return f"is {kind}; JSON has text only. Decode it, or base64-encode it."
    if kind == "Decimal":
        return "is a Decimal; amounts are whole numbers of fen: int(yuan * 100)."
    return f"is of type {kind}; use str, int, bool, list, dict, datetime, date or UUID."
