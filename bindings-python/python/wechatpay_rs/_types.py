"""Types of arguments and answers that are written by hand. Read by type checkers; nothing imports this at run time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias, TypedDict

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
    download_hosts: Sequence[str]
    """Further hosts that files may be fetched from, such as `files.example.com:8443`. A download is signed, and
    the signature does not say for which host: it goes only to WeChat Pay's hosts, the base URL's, and these."""
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
    """URL of a forward proxy: `http://user:password@host:3128`, or `socks5://`; default: the environment's."""
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


class BinaryReader(Protocol):
    """A file object that gives bytes."""

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes, all that are left by default."""
        ...


class BinaryWriter(Protocol):
    """A file object that takes bytes."""

    def write(self, data: bytes, /) -> int | None:
        """Take bytes, and return how many."""
        ...


FileSource: TypeAlias = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryReader
"""A path, the bytes themselves, or a file object opened in binary mode."""

FileTarget: TypeAlias = str | os.PathLike[str] | BinaryWriter
"""A path, or a file object opened in binary mode."""

Announcement: TypeAlias = Mapping[str, object]
"""An answer that announces a file, such as that of `bills.trade_bill`: `download_url`, `hash_type`, `hash_value`."""

Progress: TypeAlias = Callable[[int, int | None], object]
"""Is told bytes received so far, and bytes to receive where known."""


class Downloaded(TypedDict):
    """What came of a download."""

    bytes: int
    """Bytes written, decompressed."""
    sha1: str
    """SHA-1 of these bytes, lower-case hexadecimal."""
    verified: bool
    """Whether `sha1` was compared with an announced hash. Without one, nothing vouches for the content."""


class HasItems(Protocol):
    """A mapping, or what only looks like one (`email.message.Message`, Werkzeug's headers)."""

    def items(self) -> Iterable[tuple[Any, Any]]:
        """Return pairs of name and value."""
        ...


Headers: TypeAlias = HasItems | Iterable[tuple[str | bytes, str | bytes]]
"""The headers of any framework, a dict, or pairs; also a WSGI environment or Django's `request.META`."""
