"""The rows of replies."""

from __future__ import annotations

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
from notify_core.outbox.postgres import counters
from notify_core.outbox.postgres.server import Connection
from notify_core.outbox.stored import inbound_from, inbound_json
from notify_core.policy.counter_key import Hashed

_KEEP = """
INSERT INTO notify_core.inbound (identity, provider, address, received_at, said)
VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING TRUE"""
_LIST = """
SELECT received_at, place, said FROM notify_core.inbound
WHERE {} ORDER BY received_at DESC, place DESC LIMIT {}"""
_PURGE = """
DELETE FROM notify_core.inbound WHERE place IN (
    SELECT place FROM notify_core.inbound WHERE received_at <= $1
    ORDER BY received_at LIMIT $2)"""
_FORGET = "DELETE FROM notify_core.inbound WHERE address = $1"


async def keep(
    connection: Connection, kept: Inbound, hold: Hold | None, hashed: Hashed
) -> bool:
    """Keep a reply, and what follows from it; tell whether it is new."""
    row = (
        hashed(*identity(kept)),
        kept.provider,
        hashed(kept.inbound.sender),
        kept.received_at,
        inbound_json(kept),
    )
    is_new = bool(await connection.fetchval(_KEEP, *row))
    if is_new and hold is not None:
        await counters.hold(connection, hold)
    return is_new


async def page(
    connection: Connection, asked: InboundFilter, address: str | None
) -> InboundPage:
    """Return the replies that are asked for; of whom, by the hash of the address."""
    wanted, values = where(_conditions(asked, address), "${}")
    rows = await connection.fetch(_LIST.format(wanted, asked.limit + 1), *values)
    found = [(Cursor(at, place), inbound_from(said)) for at, place, said in rows]
    return inbound_page(found, asked.limit)


async def purge(connection: Connection, received_before: datetime, limit: int) -> int:
    """Remove what was kept long enough, so many at most; return how many."""
    done = await connection.execute(_PURGE, received_before, limit)
    return int(done.removeprefix("DELETE "))


async def forget(connection: Connection, address: str) -> None:
    """Remove what somebody wrote, by the hash of the address."""
    await connection.execute(_FORGET, address)


def _conditions(asked: InboundFilter, address: str | None) -> Iterator[Condition]:
    """Yield what is asked for, as SQL and its values."""
    said = {
        "provider = {}": asked.provider,
        "address = {}": address,
        "received_at >= {}": asked.since,
    }
    yield from asked_about(said)
    if asked.after is not None:
        place = (asked.after.at, asked.after.place)
        yield "(received_at, place) < ({}, {})", place
