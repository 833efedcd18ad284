"""Erasing what was kept long enough, and whom nobody is to know any more."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from notify_core.outbox.port import Change
from notify_core.outbox.record import Record
from notify_core.outbox.retention import AT_ONCE, Retention, Stage, erased, forgotten
from notify_core.outbox.sqlite import inbound
from notify_core.outbox.sqlite.desk import Desk
from notify_core.outbox.sqlite.messages import Messages
from notify_core.outbox.sqlite.moments import micros
from notify_core.outbox.stored import Unreadable

#: What cannot be read is looked at again after so long.
LATER = timedelta(days=1)

_DUE = """
SELECT id FROM messages WHERE erasure = ? AND erasure_from <= ?
ORDER BY erasure_from LIMIT ?"""
_POSTPONE = "UPDATE messages SET erasure_from = erasure_from + ? WHERE id = ?"
_OF = "SELECT id FROM messages WHERE address = ? LIMIT ?"
_UNLINK = "UPDATE messages SET address = NULL WHERE id = ?"
_PURGE = """
DELETE FROM parked WHERE place IN
    (SELECT place FROM parked WHERE received_at <= ? ORDER BY received_at LIMIT ?)"""
_UNPARK = "DELETE FROM parked WHERE address = ?"

#: Applies a function to the record of a message, whoever works on it.
Apply = Callable[[sqlite3.Connection, str, Callable[[Record], Record]], Change]

log = logging.getLogger("notify_core.outbox")


def erase(
    database: sqlite3.Connection,
    messages: Messages,
    apply: Apply,
    retention: Retention,
    now: datetime,
    limit: int,
) -> int:
    """Erase of so many records at most; return how many."""
    done = 0
    for stage in Stage:
        span = retention.span(stage)
        if span is None:
            continue
        due = (stage, micros(now - span), limit - done)
        for (message,) in database.execute(_DUE, due).fetchall():
            _erase(database, messages, apply, message)
            done += 1
    old = now - retention.content
    done += database.execute(_PURGE, (micros(old), limit - done)).rowcount
    return done + inbound.purge(database, old, limit - done)


def _erase(
    database: sqlite3.Connection, messages: Messages, apply: Apply, message: str
) -> None:
    try:
        change = apply(database, message, erased)
    except Unreadable as error:
        log.error("message %s cannot be erased: %s", message, error)  # noqa: TRY400 (where it is raised says nothing)
        database.execute(_POSTPONE, (LATER // timedelta(microseconds=1), message))
        return
    if change.after is change.before:
        messages.remove(database, change.before)


async def forget(writer: Desk, apply: Apply, address: str) -> int:
    """Erase whom a keyed hash of an address stands for; return of how many messages."""
    done, step = 0, partial(_forget_some, apply=apply, address=address)
    while (some := await writer.run(step)) == AT_ONCE:
        done += some
    return done + some


def _forget_some(database: sqlite3.Connection, apply: Apply, address: str) -> int:
    found = database.execute(_OF, (address, AT_ONCE)).fetchall()
    for row in found:
        apply(database, row[0], forgotten)
        database.execute(_UNLINK, row)
    database.execute(_UNPARK, (address,))
    inbound.forget(database, address)
    return len(found)
