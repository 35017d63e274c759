"""Options of a client: keyword arguments or environment variables, to JSON for the core."""

from __future__ import annotations

import os
import sys
from binascii import b2a_base64

from .generated.options import CORE_NAMES, KINDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ._errors import WeChatPayError

# What is taken as it is, and what that is called.
_PLAIN: dict[str, tuple[type | tuple[type, ...], str]] = {
    "text": (str, "a str"),
    "flag": (bool, "a bool"),
    "seconds": ((int, float), "a number"),
    "number": (int, "a number"),
}


def for_core(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options as the core reads them."""
    core: dict[str, Any] = {"language": "Python/{}.{}.{}".format(*sys.version_info[:3])}
    for name, value in options.items():
        if value is None:
            continue
        if name not in KINDS:
            raise _refused(f"there is no option {name!r}.{_near(name)}")
        core[CORE_NAMES.get(name, name)] = _read(KINDS[name], name, value)
    return core


def signing(signer: Any) -> tuple[Any, ...]:
    """Return what signs and decrypts in place of a private key, as the native client takes them."""
    if signer is None:
        return ()
    from ._signer import for_native

    return for_native(signer)


def _read(kind: str, name: str, value: Any) -> Any:
    if kind in _PLAIN:
        return _checked(kind, name, value)
    match kind:
        case "key":
            return _text(name, value)
        case "pem":
            return value if isinstance(value, str) else _content(name, value).decode("utf-8", "replace")
        case "binary":
            return _base64(_content(name, value))
        case "path":
            return _fspath(value)
        case "texts":
            if isinstance(value, str):
                raise _refused(f"{name} must be a list of str, not str.")
            return [_checked("text", name, one) for one in value]
        case "keys":
            return [_text(name, key) for key in value]
        case "paths":
            return [_fspath(path) for path in value]
        case "public_keys":
            keys: Mapping[str, Any] = value
            return [{"id": key_id, "key": _text(name, key)} for key_id, key in keys.items()]
        case _:
            raise AssertionError(f"nothing reads {kind}")


def from_env(environ: Mapping[str, str], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that `WECHATPAY_…` variables set, and those given, which go before them."""
    import json
    from pathlib import Path

    from ._native import options_from_env

    given = {name: value for name, value in given.items() if value is not None}
    variables = [(name, text) for name, text in environ.items() if name.upper().startswith("WECHAT")]
    names = [CORE_NAMES.get(name, name) for name in given]
    own = {core: name for name, core in CORE_NAMES.items()}
    options: dict[str, Any] = {}
    found: dict[str, Any] = json.loads(options_from_env(variables, names))
    for core, value in found.items():
        name = own.get(core, core)
        if name not in KINDS:
            # Where the option takes a `Path`, there is none for the path.
            path = name.removesuffix("_path")
            options[own.get(path + "_base64", path)] = Path(value)
        elif KINDS[name] == "binary":
            options[name] = _from_base64(core, value)
        else:
            options[name] = value
    return {**options, **given}


def _checked(kind: str, name: str, value: Any) -> Any:
    right, wanted = _PLAIN[kind]
    if not isinstance(value, right) or (kind != "flag" and isinstance(value, bool)):
        raise _refused(f"{name} must be {wanted}, not {type(value).__name__}.")
    return value


def _fspath(path: str | os.PathLike[str]) -> str:
    return os.fspath(path)


def _content(name: str, value: Any) -> bytes:
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    path: Any = value
    if isinstance(path, os.PathLike):
        try:
            with open(value, "rb") as file:
                return bytes(file.read())
        except OSError as error:
            from .generated.errors import WeChatPayIoError

            message = f"the {name} file {value} cannot be read: {error.strerror}."
            raise WeChatPayIoError(
                f"IO: {message}", code="IO", message=message, errno=error.errno, outcome_unknown=False
            ) from error
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

    near = difflib.get_close_matches(name, KINDS, 1)
    return f" Did you mean {near[0]!r}?" if near else ""


def _refused(message: str) -> WeChatPayError:
    from .generated.errors import ConfigError

    return ConfigError(f"CONFIG: {message}", code="CONFIG", message=message, outcome_unknown=False)
