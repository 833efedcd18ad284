"""The rows of idempotency keys."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

import attrs

from notify_core.model.message import Message
from notify_core.outbox.repetition import conflict_with
from notify_core.outbox.sqlite.moments import micros
from notify_core.outbox.stored import content_of
from notify_core.policy.counter_key import Hashed

_FIND = "SELECT message, content FROM keys WHERE key = ? AND ends_at > ?"
_KEEP = "INSERT OR REPLACE INTO keys VALUES (?, ?, ?, ?)"


@attrs.frozen
class Key:
    """An idempotency key as it is stored: hashes, which say nothing of the message."""

    key: str
    content: str


def key_of(message: Message, hashed: Hashed) -> Key | None:
    """Return the stored form of a message's key; None where it has none."""
    if message.idempotency_key is None:
        return None
    return Key(hashed(message.idempotency_key), hashed(content_of(message)))


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
