"""Looking through the rows of messages, and counting them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping

from notify_core.model.status import Status
from notify_core.outbox.conditions import Condition, asked_about, where
from notify_core.outbox.listing import MessageFilter, Page, page_of
from notify_core.outbox.paging import Cursor
from notify_core.outbox.sqlite.moments import micros, micros_or_none, moment_of
from notify_core.outbox.stored import record_from

_LIST = """
SELECT accepted_at, place, facts, progress, form FROM messages
WHERE {} ORDER BY accepted_at DESC, place DESC LIMIT ?"""
_COUNT = "SELECT status, count(*) FROM messages WHERE final = 0 GROUP BY status"


def messages(
    database: sqlite3.Connection, asked: MessageFilter, address: str | None
) -> Page:
    """Return the messages that are asked for.

    Args:
        database: Where.
        asked: Which.
        address: Keyed hash of the address that is asked for.
    """
    wanted, values = where(_conditions(asked, address), "?")
    rows = database.execute(_LIST.format(wanted), (*values, asked.limit + 1))
    found = [
        (Cursor(moment_of(at), place), record_from(*stored))
        for at, place, *stored in rows
    ]
    return page_of(found, asked.limit)


def counts(database: sqlite3.Connection) -> Mapping[Status, int]:
    """Return how many messages are in each status, of those that are not final."""
    return {Status(status): number for status, number in database.execute(_COUNT)}


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
        "accepted_at >= {}": micros_or_none(asked.since),
        "accepted_at < {}": micros_or_none(asked.until),
    }
    yield from asked_about(said)
    if asked.dead:
        yield "dead = 1", ()
    if asked.after is not None:
        place = (micros(asked.after.at), asked.after.place)
        yield "(accepted_at, place) < ({}, {})", place
