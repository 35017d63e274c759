"""Types of arguments and answers that are written by hand. Read by type checkers; nothing imports this at run time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeAlias, TypedDict

Key: TypeAlias = str | bytes | os.PathLike[str]
"""A key or certificate: PEM text, bytes (PEM or DER), or a `pathlib.Path`."""


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
"""An answer that announces a file, such as that of `bills.trade_bill`: `download_url`, `hash_type`, `hash_value`. Of an
encrypted bill give each element of `download_bill_list`: it is decrypted while it is fetched."""

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
