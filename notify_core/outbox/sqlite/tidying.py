"""Removes what counts no more, a little at a time."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from notify_core.outbox.sqlite.moments import micros

#: How often, by the time at which messages are accepted.
EVERY = timedelta(minutes=1)
#: What counts no more is kept a little longer: clocks differ, messages wait.
GRACE = timedelta(minutes=10)
#: Rows of each table at a time.
AT_ONCE = 2000

_STATEMENTS = (
    """
    DELETE FROM takings WHERE (counter, at, message) IN
        (SELECT counter, at, message FROM takings WHERE ends_at <= ? LIMIT ?)""",
    """
    DELETE FROM keys WHERE key IN
        (SELECT key FROM keys WHERE ends_at <= ? LIMIT ?)""",
    """
    DELETE FROM holds WHERE counter IN
        (SELECT counter FROM holds WHERE until <= ? LIMIT ?)""",
)


class Tidying:
    """Comes along with what is written."""

    def __init__(self) -> None:
        self._next: datetime | None = None

    def pass_by(self, database: sqlite3.Connection, now: datetime) -> None:
        """Tidy up, if it is time."""
        if self._next is not None and self._next - EVERY <= now < self._next:
            return
        removed = [
            database.execute(sql, (micros(now - GRACE), AT_ONCE)).rowcount
            for sql in _STATEMENTS
        ]
        self._next = now if AT_ONCE in removed else now + EVERY
