"""The rows of receipts that came before their message."""

from __future__ import annotations

import sqlite3

from notify_core.outbox.port import Parked
from notify_core.outbox.sqlite.moments import micros, moment_of
from notify_core.outbox.stored import receipt_from, receipt_json

_PARK = """
INSERT INTO parked (provider, account, provider_id, reference, address, receipt,
    received_at)
VALUES (?, ?, ?, ?, ?, ?, ?)"""
# One part for each index: a query over all three would use none.
_WAITING = " UNION ".join(
    "SELECT place, provider, account, receipt, received_at FROM parked "  # noqa: S608 (a fixed column)
    f"WHERE account = ? AND {column} = ?"
    for column in ("provider_id", "reference", "address")
)
_ANY = "SELECT 1 FROM parked LIMIT 1"
_REMOVE = "DELETE FROM parked WHERE place = ?"


def park(database: sqlite3.Connection, parked: Parked, address: str | None) -> None:
    """Keep a receipt, found by its names and the hash of its address."""
    receipt = parked.receipt
    row = (
        parked.provider,
        parked.account,
        receipt.provider_id,
        receipt.reference,
        address,
        receipt_json(receipt),
        micros(parked.received_at),
    )
    database.execute(_PARK, row)


def is_parked(
    database: sqlite3.Connection, account: str, names: tuple[str | None, ...]
) -> bool:
    """Tell whether a receipt goes by any of these names."""
    # It is asked after each answer, and hardly ever does any receipt wait.
    if database.execute(_ANY).fetchone() is None:
        return False
    asked = [value for name in names for value in (account, name)]
    return database.execute(_WAITING, asked).fetchone() is not None


def take_parked(
    database: sqlite3.Connection, account: str, names: tuple[str | None, ...]
) -> list[Parked]:
    """Remove and return the receipts that go by any of these names, oldest first."""
    asked = [value for name in names for value in (account, name)]
    rows = sorted(database.execute(_WAITING, asked).fetchall())
    for place, *_ in rows:
        database.execute(_REMOVE, (place,))
    return [
        Parked(
            provider=provider,
            account=account,
            receipt=receipt_from(receipt),
            received_at=moment_of(received_at),
        )
        for _, provider, account, receipt, received_at in rows
    ]
