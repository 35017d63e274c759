"""A signer of one's own: the private key stays in a KMS or an HSM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    from ._errors import WeChatPayError

    Bytes: TypeAlias = Callable[[bytes], bytes]


class Signer(Protocol):
    """What signs in place of a private key.

    An object with `sign`, or with `sign_digest`, which gets the SHA-256 digest in place of the message. With `decrypt` it also opens
    sensitive fields of answers: RSAES-OAEP with SHA-1. A plain function is taken for `sign`.

    It is called on whatever thread makes a call, on several at a time, and may block: no event loop waits for it. What it raises is the
    `__cause__` of a `SigningError`; nothing was sent then.
    """

    def sign(self, message: bytes, /) -> bytes:
        """Sign with RSASSA-PKCS1-v1_5 and SHA-256, and return the signature: 256 bytes for a key of 2048 bits."""
        ...


class DigestSigner(Protocol):
    """As `Signer`, for what signs digests."""

    def sign_digest(self, digest: bytes, /) -> bytes:
        """Sign this SHA-256 digest of 32 bytes with RSASSA-PKCS1-v1_5, and return the signature."""
        ...


def for_native(signer: Any) -> tuple[Bytes, Bytes | None]:
    """Return what signs and what decrypts, as the native code calls them."""
    sign = getattr(signer, "sign", None)
    digest = getattr(signer, "sign_digest", None)
    decrypt = getattr(signer, "decrypt", None)
    if sign is None and digest is not None:
        _checked("sign_digest", digest)
        return _of_digest(digest), _checked("decrypt", decrypt)
    if sign is None and callable(signer):
        sign = signer
    if sign is None:
        raise _refused(
            f"signer must be a function, or have a method sign or sign_digest; {type(signer).__name__} has neither."
        )
    return _checked("sign", sign), _checked("decrypt", decrypt)


def _of_digest(sign_digest: Bytes) -> Bytes:
    from hashlib import sha256

    return lambda message: sign_digest(sha256(message).digest())


def _checked(name: str, function: Any) -> Any:
    from inspect import iscoroutinefunction

    if function is None:
        return None
    if not callable(function):
        raise _refused(f"{name} of the signer must be a method, not {type(function).__name__}.")
    if iscoroutinefunction(function) or iscoroutinefunction(getattr(function, "__call__", None)):  # noqa: B004
        raise _refused(
            f"{name} of the signer must not be a coroutine function: it is called on a thread of its own and may block."
        )
    return function


def _refused(message: str) -> WeChatPayError:
    from .generated.errors import ConfigError

    return ConfigError(f"CONFIG: {message}", code="CONFIG", message=message, outcome_unknown=False)
