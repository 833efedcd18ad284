"""The rows of replies."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime

from notify_core.outbox.conditions import Condition, asked_about, where
from notify_core.outbox.inbound import (
    Inbound,
    InboundFilter,
    InboundPage,
    identity,
    inbound_page,
)
from notify_core.outbox.paging import Cursor
from notify_core.outbox.port import Hold
from notify_core.outbox.sqlite import counters
from notify_core.outbox.sqlite.moments import micros, micros_or_none, moment_of
from notify_core.outbox.stored import inbound_from, inbound_json
from notify_core.policy.counter_key import Hashed

_KEEP = """
INSERT INTO inbound (identity, provider, address, received_at, said)
VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"""
_LIST = """
SELECT received_at, place, said FROM inbound
WHERE {} ORDER BY received_at DESC, place DESC LIMIT ?"""
_PURGE = """
DELETE FROM inbound WHERE place IN
    (SELECT place FROM inbound WHERE received_at <= ? ORDER BY received_at LIMIT ?)"""
_FORGET = "DELETE FROM inbound WHERE address = ?"


def keep(
    database: sqlite3.Connection, kept: Inbound, hold: Hold | None, hashed: Hashed
) -> bool:
    """Keep a reply, and what follows from it; tell whether it is new."""
    row = (
        hashed(*identity(kept)),
        kept.provider,
        hashed(kept.inbound.sender),
        micros(kept.received_at),
        inbound_json(kept),
    )
    is_new = database.execute(_KEEP, row).rowcount == 1
    if is_new and hold is not None:
        counters.hold(database, hold)
    return is_new


def page(
    database: sqlite3.Connection, asked: InboundFilter, address: str | None
) -> InboundPage:
    """Return the replies that are asked for; of whom, by the hash of the address."""
    wanted, values = where(_conditions(asked, address), "?")
    rows = database.execute(_LIST.format(wanted), (*values, asked.limit + 1))
    found = [
        (Cursor(moment_of(at), place), inbound_from(said)) for at, place, said in rows
    ]
    return inbound_page(found, asked.limit)


def purge(database: sqlite3.Connection, received_before: datetime, limit: int) -> int:
    """Remove what was kept long enough, so many at most; return how many."""
    return database.execute(_PURGE, (micros(received_before), limit)).rowcount


def forget(database: sqlite3.Connection, address: str) -> None:
    """Remove what somebody wrote, by the hash of the address."""
    database.execute(_FORGET, (address,))


def _conditions(asked: InboundFilter, address: str | None) -> Iterator[Condition]:
    """Yield what is asked for, as SQL and its values."""
    said = {
        "provider = {}": asked.provider,
        "address = {}": address,
        "received_at >= {}": micros_or_none(asked.since),
    }
    yield from asked_about(said)
    if asked.after is not None:
        place = (micros(asked.after.at), asked.after.place)
        yield "(received_at, place) < ({}, {})", place
