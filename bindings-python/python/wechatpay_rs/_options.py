"""Options of a client: keyword arguments or environment variables, to JSON for the core."""

from __future__ import annotations

import os
import sys
from binascii import b2a_base64

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ._errors import WeChatPayError

NAMES = (
    "mchid",
    "private_key",
    "private_key_path",
    "private_key_p12",
    "private_key_password",
    "merchant_serial",
    "merchant_certificate",
    "api_v3_key",
    "wechatpay_public_key",
    "wechatpay_public_key_path",
    "wechatpay_public_key_id",
    "wechatpay_public_keys",
    "platform_certificates",
    "platform_root",
    "base_url",
    "failover",
    "failover_base_url",
    "download_hosts",
    "connect_timeout",
    "read_timeout",
    "timeout",
    "retries",
    "max_body",
    "proxy",
    "no_proxy",
    "ca_certificates",
    "user_agent",
    "accept_language",
    "threads",
)
"""The keys of `Options`."""

_NUMBERS = {"connect_timeout", "read_timeout", "timeout", "retries", "max_body", "threads"}
_FLAGS = {"failover", "no_proxy"}
# Options that are a key or a certificate: text, bytes, or a file.
_KEYS = (
    "private_key",
    "private_key_p12",
    "merchant_certificate",
    "wechatpay_public_key",
    "platform_root",
    "ca_certificates",
)


def for_core(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options as the core reads them."""
    core: dict[str, Any] = {"language": "Python/{}.{}.{}".format(*sys.version_info[:3])}
    for name, value in options.items():
        if value is None:
            continue
        if name not in NAMES:
            raise _refused(f"there is no option {name!r}.{_near(name)}")
        if name == "private_key_p12":
            core["private_key_p12_base64"] = _base64(_content(name, value))
        elif name == "wechatpay_public_keys":
            core[name] = [{"id": key_id, "key": _text(name, key)} for key_id, key in value.items()]
        elif name == "platform_certificates":
            core[name] = [_text(name, key) for key in value]
        elif name == "download_hosts":
            if isinstance(value, str):
                raise _refused("download_hosts must be a list of str, not str.")
            core[name] = [_checked(name, host) for host in value]
        elif name == "ca_certificates" and not isinstance(value, str):
            core[name] = _content(name, value).decode("utf-8", "replace")
        elif name in _KEYS:
            core[name] = _text(name, value)
        elif name.endswith("_path"):
            core[name] = os.fspath(value)
        else:
            core[name] = _checked(name, value)
    return core


def from_env(environ: Mapping[str, str], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that `WECHATPAY_…` variables set, and those given, which go before them."""
    import json
    from pathlib import Path

    from ._native import options_from_env

    given = {name: value for name, value in given.items() if value is not None}
    variables = [(name, text) for name, text in environ.items() if name.upper().startswith("WECHAT")]
    # The core has its own name for this one.
    names = ["private_key_p12_base64" if name == "private_key_p12" else name for name in given]
    options: dict[str, Any] = {}
    for name, value in json.loads(options_from_env(variables, names)).items():
        if name == "private_key_p12_base64":
            options["private_key_p12"] = _from_base64(name, value)
        elif name in NAMES:
            options[name] = value
        else:
            options[name.removesuffix("_path")] = Path(value)
    return {**options, **given}


def _checked(name: str, value: Any) -> Any:
    number = name in _NUMBERS
    right = bool if name in _FLAGS else (int, float) if "timeout" in name else int if number else str
    if not isinstance(value, right) or (number and isinstance(value, bool)):
        wanted = "a bool" if name in _FLAGS else "a number" if number else "a str"
        raise _refused(f"{name} must be {wanted}, not {type(value).__name__}.")
    return value


def _content(name: str, value: Any) -> bytes:
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    path: Any = value
    if isinstance(path, os.PathLike):
        try:
            with open(value, "rb") as file:
                return bytes(file.read())
        except OSError as error:
            raise _refused(f"{name}: {value} cannot be read: {error.strerror}.") from error
    raise _refused(f"{name} must be bytes or a pathlib.Path, not {type(value).__name__}.")


def _text(name: str, value: Any) -> str:
    """Return a key as text, or as base64 of the bytes that it is: the core reads both."""
    if isinstance(value, str):
        if value and len(value) < 256 and "\n" not in value and os.path.isfile(value):
            raise _refused(
                f"{name} looks like a path. Pass pathlib.Path({value!r}), or the content of the file."
            )
        return value
    return _base64(_content(name, value))


def _base64(content: bytes) -> str:
    return b2a_base64(content, newline=False).decode()


def _from_base64(name: str, text: str) -> bytes:
    from binascii import Error, a2b_base64

    try:
        return a2b_base64(text)
    except Error:
        raise _refused(f"WECHATPAY_{name.upper()} is not base64.") from None


def _near(name: str) -> str:
    import difflib

    near = difflib.get_close_matches(name, NAMES, 1)
    return f" Did you mean {near[0]!r}?" if near else ""


def _refused(message: str) -> WeChatPayError:
    from .generated.errors import ConfigError

    return ConfigError(f"CONFIG: {message}", code="CONFIG", message=message)
