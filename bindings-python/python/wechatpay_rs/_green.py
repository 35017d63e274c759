"""Green threads: what they share with calls that block a thread of the system."""

from __future__ import annotations

import sys
from warnings import warn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_HOW = {
    "gevent.monkey": (
        "is_module_patched",
        "gevent.get_hub().threadpool.apply(client.payments.close, kwds={...})",
    ),
    "eventlet.patcher": ("is_monkey_patched", "eventlet.tpool.execute(client.payments.close, ...)"),
}


def warn_if_patched() -> None:
    """Warn when sockets are those of green threads: calls do not use them, and hold all green threads up."""
    for module, (question, instead) in _HOW.items():
        patched: Any = getattr(sys.modules.get(module), question, None)
        if patched is not None and patched("socket"):
            name = module.partition(".")[0]
            warn(
                f"{name} has patched this process. Calls of wechatpay_rs wait in native code, and all green threads wait with them: "
                f"make them on a thread of its pool, {instead}.",
                RuntimeWarning,
                stacklevel=3,
            )
