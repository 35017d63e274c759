"""Names for what goes in and comes out, to annotate code of your own.

    from wechatpay_rs.types import Notification, payments

    def paid(order: payments.Transaction) -> None: ...

A module for each product: its requests and replies are `TypedDict`s, and are imported when they are asked for. On CPython 3.10 and
3.11 pydantic (and so FastAPI) takes `TypedDict` of `typing_extensions` only: use them in annotations that it does not read.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .generated.types import *  # noqa: F403


def __getattr__(name: str) -> Any:
    from .generated import types

    return getattr(types, name)


def __dir__() -> list[str]:
    from .generated import types

    return list(types.__all__)
