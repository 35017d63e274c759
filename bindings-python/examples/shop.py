"""What a shop does with a payment notification: exactly once, though the same one may come many times, even at once.

Every web example here uses this. SQLite locks the whole database (`BEGIN IMMEDIATE`); in PostgreSQL or MySQL lock the order's row:
`SELECT … FROM orders WHERE out_trade_no = %s FOR UPDATE`.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wechatpay_rs.types import Notification


class Shop:
    """Orders in a database."""

    def __init__(self, path: Path | str) -> None:
        self._path = path
        with closing(self._connect()) as database:
            database.execute(
                "CREATE TABLE IF NOT EXISTS orders ("
                " out_trade_no TEXT PRIMARY KEY, total INTEGER NOT NULL, state TEXT NOT NULL, transaction_id TEXT,"
                " deliveries INTEGER NOT NULL DEFAULT 0)"
            )

    def add(self, out_trade_no: str, total: int) -> None:
        """Note an order before it is placed with WeChat Pay. `total` is in fen."""
        with closing(self._connect()) as database:
            database.execute(
                "INSERT INTO orders (out_trade_no, total, state) VALUES (?, ?, 'NEW')", (out_trade_no, total)
            )

    def order(self, out_trade_no: str) -> tuple[str, int]:
        """Return the state of an order and how often it was delivered."""
        with closing(self._connect()) as database:
            query = "SELECT state, deliveries FROM orders WHERE out_trade_no = ?"
            row: tuple[str, int] = database.execute(query, (out_trade_no,)).fetchone()
            return row

    def handle(self, notification: Notification) -> None:
        """Handle a verified notification. What is not understood is refused: WeChat Pay sends it again later."""
        if notification["type"] != "payments.transaction":
            raise NotImplementedError(f"{notification['event_type']} is not handled: {notification['id']}")
        payment = notification["resource"]
        if payment["trade_state"] != "SUCCESS":
            raise ValueError(f"order {payment['out_trade_no']} is in state {payment['trade_state']}")
        with closing(self._connect()) as database:
            database.execute("BEGIN IMMEDIATE")  # whoever comes second waits here, and then sees PAID
            query = "SELECT total, state FROM orders WHERE out_trade_no = ?"
            row = database.execute(query, (payment["out_trade_no"],)).fetchone()
            if row is None:
                raise LookupError(f"there is no order {payment['out_trade_no']}")
            total, state = row
            if state == "NEW":
                if payment.get("amount", {}).get("total") != total:
                    raise ValueError(f"order {payment['out_trade_no']} is over {total} fen, not this amount")
                database.execute(
                    "UPDATE orders SET state = 'PAID', transaction_id = ?, deliveries = deliveries + 1"
                    " WHERE out_trade_no = ?",
                    (payment.get("transaction_id"), payment["out_trade_no"]),
                )
            database.execute("COMMIT")

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=10, isolation_level=None)
