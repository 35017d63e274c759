"""WeChat Pay APIv3 for merchants.

    from wechatpay_rs import Client

    client = Client(
        mchid="1900000001",
        private_key_path="apiclient_key.pem",
        merchant_serial="5157F09EFDC096DE15EBE81A47057A7232F1B8E1",
        wechatpay_public_key_path="pub_key.pem",
        wechatpay_public_key_id="PUB_KEY_ID_0119000000012026000000000000000001",
        api_v3_key="…",
    )
    order = client.payments.query_by_out_trade_no(out_trade_no="20260808-0001")

`AsyncClient` has the same methods for asyncio.
"""

from __future__ import annotations

import atexit
import os

from ._client import Client
from ._errors import WeChatPayError, outcome_unknown
from ._native import VERSION, forked, notification_rules, shut_down
from .generated.errors import (
    ApiError,
    ClosedError,
    ConfigError,
    DecryptionError,
    IntegrityError,
    InternalError,
    InvalidRequestError,
    MalformedError,
    NetworkError,
    SigningError,
    VerificationError,
    WeChatPayConnectionError,
    WeChatPayIoError,
    WeChatPayTimeoutError,
)

# `typing`, `json`, `functools` and `re` each take longer to import than this whole package does without them. So nothing
# here imports them at run time before they are needed; type checkers know this variable.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._answer import AnswerInfo, answer_info
    from ._async_client import AsyncClient
    from ._bills import bill_rows, fen
    from ._signer import DigestSigner, Signer
    from .generated import codes
    from .generated.bill_rows import fund_flow_bill_rows, profit_sharing_bill_rows, trade_bill_rows
    from .generated.option_types import Options

__version__ = VERSION

# Threads of the core must not enter an interpreter that is being taken down.
atexit.register(shut_down)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=forked)

_LAZY = {
    "AnswerInfo": "._answer",
    "AsyncClient": "._async_client",
    "DigestSigner": "._signer",
    "Options": ".generated.option_types",
    "answer_info": "._answer",
    "Signer": "._signer",
    "bill_rows": "._bills",
    "fen": "._bills",
    "fund_flow_bill_rows": ".generated.bill_rows",
    "profit_sharing_bill_rows": ".generated.bill_rows",
    "trade_bill_rows": ".generated.bill_rows",
}

__all__ = [
    "AnswerInfo",
    "ApiError",
    "AsyncClient",
    "Client",
    "ClosedError",
    "ConfigError",
    "DecryptionError",
    "DigestSigner",
    "IntegrityError",
    "InternalError",
    "InvalidRequestError",
    "MalformedError",
    "NetworkError",
    "Options",
    "Signer",
    "SigningError",
    "VerificationError",
    "WeChatPayConnectionError",
    "WeChatPayError",
    "WeChatPayIoError",
    "WeChatPayTimeoutError",
    "__version__",
    "answer_info",
    "bill_rows",
    "codes",
    "fen",
    "fund_flow_bill_rows",
    "notification_rules",
    "outcome_unknown",
    "profit_sharing_bill_rows",
    "trade_bill_rows",
]


def __getattr__(name: str) -> Any:
    # asyncio is not imported for those who only use `Client`.
    if name == "codes":
        from .generated import codes

        return codes
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(_LAZY[name], __name__), name)
    return value
