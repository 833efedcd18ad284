"""The rows of idempotency keys."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from notify_core.outbox.preparing import Key
from notify_core.outbox.repetition import conflict_with
from notify_core.outbox.sqlite.moments import micros

_FIND = "SELECT message, content FROM keys WHERE key = ? AND ends_at > ?"
_KEEP = "INSERT OR REPLACE INTO keys VALUES (?, ?, ?, ?)"


def holder_of(database: sqlite3.Connection, key: Key, now: datetime) -> str | None:
    """Return the id of the message that has the key; None: it is free.

    Raises:
        IdempotencyConflict: That one says something else.
    """
    row = database.execute(_FIND, (key.key, micros(now))).fetchone()
    if row is None:
        return None
    message, content = row
    if content != key.content:
        raise conflict_with(message)
    return str(message)


def keep(
    database: sqlite3.Connection, key: Key, message: str, now: datetime, span: timedelta
) -> None:
    """Give a key to a message for a while."""
    ends_at = micros(now) + span // timedelta(microseconds=1)
    database.execute(_KEEP, (key.key, message, key.content, ends_at))
