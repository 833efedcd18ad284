"""Looking through the rows of messages, and counting them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from notify_core.model.status import Status
from notify_core.outbox.conditions import Condition, asked_about, where
from notify_core.outbox.listing import MessageFilter, Page, page_of
from notify_core.outbox.paging import Cursor
from notify_core.outbox.postgres.server import Connection
from notify_core.outbox.stored import record_from

_LIST = """
SELECT accepted_at, place, facts, progress, form FROM notify_core.messages
WHERE {} ORDER BY accepted_at DESC, place DESC LIMIT {}"""
_COUNT = """
SELECT status, sum(many)::bigint FROM notify_core.tallies
GROUP BY status HAVING sum(many) <> 0"""


async def messages(
    connection: Connection, asked: MessageFilter, address: str | None
) -> Page:
    """Return the messages that are asked for.

    Args:
        connection: Where.
        asked: Which.
        address: Keyed hash of the address that is asked for.
    """
    wanted, values = where(_conditions(asked, address), "${}")
    rows = await connection.fetch(_LIST.format(wanted, asked.limit + 1), *values)
    found = [(Cursor(at, place), record_from(*row)) for at, place, *row in rows]
    return page_of(found, asked.limit)


async def counts(connection: Connection) -> Mapping[Status, int]:
    """Return how many messages are in each status, of those that are not final."""
    return {Status(name): many for name, many in await connection.fetch(_COUNT)}


def _conditions(asked: MessageFilter, address: str | None) -> Iterator[Condition]:
    """Yield what is asked for, as SQL and its values."""
    said = {
        "status = {}": asked.status,
        "provider = {}": asked.provider,
        "channel = {}": asked.channel,
        "kind = {}": asked.kind,
        "template = {}": asked.template,
        "route = {}": asked.route,
        "address = {}": address,
        "accepted_at >= {}": asked.since,
        "accepted_at < {}": asked.until,
    }
    yield from asked_about(said)
    if asked.dead:
        yield "dead", ()
    if asked.after is not None:
        place = (asked.after.at, asked.after.place)
        yield "(accepted_at, place) < ({}, {})", place
