"""Rows of a bill file as dicts, one after the other, so that a bill of any size fits.

The readers for one kind of bill, and what its rows hold, are generated: `generated/bill_rows.py`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Generic, TypeAlias, TypeVar

from ._native import BillRows, fen
from ._types import BinaryReader

__all__ = ["BillReader", "BillSource", "bill_rows", "fen"]

BillSource: TypeAlias = str | os.PathLike[str] | BinaryReader
"""The path of a downloaded bill, or a file object opened in binary mode."""

Row = TypeVar("Row")


class BillReader(Generic[Row]):
    """Iterates over the rows of a bill.

    What cannot be read raises `MalformedError`: at once when this is no bill (`BILL_HEADER` and the like) or another than
    was asked for (`BILL_COLUMNS`); at a row that is malformed, and the next call goes on behind it; at the end when the
    totals are missing (`BILL_CUT`) or do not fit the rows (`BILL_TOTALS`). So settle after the loop, not inside.
    """

    def __init__(self, source: BillSource, kind: str) -> None:
        self._rows: Any = BillRows(os.fspath(source) if isinstance(source, os.PathLike) else source, kind)

    def __iter__(self) -> Iterator[Row]:
        return self

    def __next__(self) -> Row:
        row: Row = next(self._rows)
        return row

    @property
    def columns(self) -> list[str]:
        """Names of the columns, as the file has them."""
        columns: list[str] = self._rows.columns
        return columns

    @property
    def summary(self) -> dict[str, str] | None:
        """The totals at the end of the file, under their own names; `None` before all rows were read."""
        summary: dict[str, str] | None = self._rows.summary
        return summary


def bill_rows(source: BillSource, *, totals: bool = True) -> BillReader[dict[str, str]]:
    """Read any bill: the names of its own columns, and the text that stands there.

    With `totals=False` the closing totals are neither demanded nor compared, and a file that was cut is not noticed: for
    files without totals, or to look into one whose totals are wrong. `fen` makes fen of an amount.
    """
    return BillReader(source, "any" if totals else "without_totals")
