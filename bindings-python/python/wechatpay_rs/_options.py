"""Options of a client: keyword arguments or environment variables, to JSON for the core."""

from __future__ import annotations

import base64
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, TypedDict, cast

from ._errors import WeChatPayError

Key: TypeAlias = str | bytes | os.PathLike[str]
"""A key or certificate: PEM text, bytes (PEM or DER), or a `pathlib.Path`."""


class Options(TypedDict, total=False):
    """Keyword arguments of `Client` and `AsyncClient`."""

    mchid: str
    """Merchant number."""
    private_key: Key
    """The merchant's private key (`apiclient_key.pem`): text, bytes or a `Path`."""
    private_key_path: str | os.PathLike[str]
    """The same as a path."""
    private_key_p12: bytes | os.PathLike[str]
    """The same as PKCS#12 (`apiclient_cert.p12`): bytes or a `Path`."""
    private_key_password: str
    """Password of the PKCS#12 file; the merchant number when left out."""
    merchant_serial: str
    """Serial number of the merchant's API certificate, 40 hexadecimal digits."""
    merchant_certificate: Key
    """The certificate itself (`apiclient_cert.pem`), which has the serial number: text, bytes or a `Path`."""
    api_v3_key: str
    """The APIv3 key, 32 bytes; needed for notifications and platform certificates."""
    wechatpay_public_key: Key
    """The WeChat Pay public key (`pub_key.pem`): text, bytes or a `Path`."""
    wechatpay_public_key_path: str | os.PathLike[str]
    """The same as a path."""
    wechatpay_public_key_id: str
    """Its id, `PUB_KEY_ID_…`."""
    wechatpay_public_keys: Mapping[str, Key]
    """Further public keys by id."""
    platform_certificates: Sequence[Key]
    """Platform certificates held locally, beside or instead of downloaded ones."""
    platform_root: Key
    """The root that must have signed downloaded platform certificates."""
    base_url: str
    """Scheme and host of the API; for the sandbox."""
    failover: bool
    """Whether to try the second domain when the first cannot be reached; default yes."""
    failover_base_url: str
    """Another second domain."""
    connect_timeout: float
    """Seconds to make a connection."""
    read_timeout: float
    """Seconds to wait for an answer."""
    timeout: float
    """Seconds for a whole call, retries included."""
    retries: int
    """How many times a call is repeated at most, where that is safe."""
    max_body: int
    """Largest answer accepted, in bytes."""
    proxy: str
    """URL of a forward proxy: `http://user:password@host:3128`."""
    no_proxy: bool
    """Do not take a proxy from the environment."""
    ca_certificates: Key
    """Roots to trust for TLS, as PEM, instead of the system's: text, bytes or a `Path`."""
    user_agent: str
    """Name of your application, put at the end of the User-Agent."""
    accept_language: str
    """Language of WeChat Pay's error messages: `en`, `zh-CN`, `zh-HK`, `zh-TW`."""
    threads: int
    """Most calls of an `AsyncClient` at a time; default 64."""


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


def to_json(options: Mapping[str, Any]) -> str:
    """Return the options as the core reads them."""
    from ._encode import encode

    core: dict[str, Any] = {"language": "Python/{}.{}.{}".format(*sys.version_info[:3])}
    for name, value in options.items():
        if value is None:
            continue
        if name not in Options.__annotations__:
            raise _refused(f"there is no option {name!r}.{_near(name)}")
        if name == "private_key_p12":
            core["private_key_p12_base64"] = base64.b64encode(_content(name, value)).decode()
        elif name == "wechatpay_public_keys":
            core[name] = [{"id": key_id, "key": _text(name, key)} for key_id, key in value.items()]
        elif name == "platform_certificates":
            core[name] = [_text(name, key) for key in value]
        elif name in _PATHS:
            core[name] = _text(name, value)
        elif name.endswith("_path"):
            core[name] = os.fspath(value)
        else:
            core[name] = _checked(name, value)
    return encode(core, "options")


def from_env(environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the options that `WECHATPAY_…` variables name; `…_PATH` stands for a key in a file."""
    from pathlib import Path

    options: dict[str, Any] = {}
    for name in Options.__annotations__:
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
    if isinstance(value, os.PathLike):
        path = os.fspath(cast("os.PathLike[str]", value))
        try:
            with open(path, "rb") as file:
                return file.read()
        except OSError as error:
            raise _refused(f"{name}: {path} cannot be read: {error.strerror}.") from error
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
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
        return base64.b64encode(content).decode()
    return text


def _near(name: str) -> str:
    import difflib

    near = difflib.get_close_matches(name, Options.__annotations__, 1)
    return f" Did you mean {near[0]!r}?" if near else ""


def _refused(message: str) -> WeChatPayError:
    from .generated.errors import ConfigError

    return ConfigError(f"CONFIG: {message}", code="CONFIG", message=message)
