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

PREFIX = "WECHATPAY_"
"""Environment variables are the names of the options in upper case behind this: `WECHATPAY_MCHID`."""

_NUMBERS = {"connect_timeout", "read_timeout", "timeout", "retries", "max_body", "threads"}
_FLAGS = {"failover", "no_proxy"}
# Names that only the environment needs, for there everything is text.
_PATHS = (
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
        elif name in _PATHS:
            core[name] = _text(name, value)
        elif name.endswith("_path"):
            core[name] = os.fspath(value)
        else:
            core[name] = _checked(name, value)
    return core


def from_env(environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the options that `WECHATPAY_…` variables name; `…_PATH` stands for a key in a file."""
    from pathlib import Path

    options: dict[str, Any] = {}
    for name in NAMES:
        text = environ.get(PREFIX + name.upper())
        if not text:
            continue
        try:
            if name in _NUMBERS:
                options[name] = float(text) if "timeout" in name else int(text)
            elif name in _FLAGS:
                options[name] = {
                    "1": True,
                    "true": True,
                    "yes": True,
                    "0": False,
                    "false": False,
                    "no": False,
                }[text.lower()]
            elif name == "download_hosts":
                options[name] = [host.strip() for host in text.split(",")]
            elif name in ("wechatpay_public_keys", "platform_certificates"):
                raise _refused(f"{name} has no environment variable; pass it as an argument.")
            else:
                # Private keys in the environment often have their line ends escaped.
                options[name] = text.replace("\\n", "\n") if name in _PATHS else text
        except (ValueError, KeyError):
            raise _refused(
                f"{PREFIX}{name.upper()} is {text!r}; it must be a number, or true or false."
            ) from None
    for name in _PATHS:
        path = environ.get(f"{PREFIX}{name.upper()}_PATH")
        if path and name not in options:
            options.pop(f"{name}_path", None)
            options[name] = Path(path)
    if "mchid" not in options:
        raise _refused(f"{PREFIX}MCHID is not set; there is no merchant number to work for.")
    return options


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
    """Return a key as PEM, or as base64 of what it is instead."""
    if isinstance(value, str):
        if value and len(value) < 256 and "\n" not in value and os.path.isfile(value):
            raise _refused(
                f"{name} looks like a path. Pass pathlib.Path({value!r}), or the content of the file."
            )
        return value
    content = _content(name, value)
    try:
        text = content.decode("ascii" if b"-----BEGIN" not in content else "utf-8")
    except UnicodeDecodeError:
        return _base64(content)
    return text


def _base64(content: bytes) -> str:
    return b2a_base64(content, newline=False).decode()


def _near(name: str) -> str:
    import difflib

    near = difflib.get_close_matches(name, NAMES, 1)
    return f" Did you mean {near[0]!r}?" if near else ""


def _refused(message: str) -> WeChatPayError:
    from .generated.errors import ConfigError

    return ConfigError(f"CONFIG: {message}", code="CONFIG", message=message)
