"""The rows of idempotency keys, and the locks that let one batch decide at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import attrs

from notify_core.outbox.postgres.server import Connection
from notify_core.outbox.preparing import Key
from notify_core.outbox.repetition import conflict_with
from notify_core.policy.counter_key import Hashed

#: Locks for all keys and counters together. The server has room for 6 400 by default.
LOCKS = 1024
#: The first half of the locks' numbers: any, and always this.
_CLASS = 1_853_125_241

_LOCK = "SELECT pg_advisory_xact_lock($1, number) FROM unnest($2::integer[]) AS number"
_FIND = (
    "SELECT key, message, content, ends_at FROM notify_core.keys WHERE key = ANY ($1)"
)
_KEEP = """
INSERT INTO notify_core.keys
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[])
ON CONFLICT (key) DO UPDATE SET message = excluded.message,
    content = excluded.content, ends_at = excluded.ends_at"""


@attrs.frozen
class _Row:
    key: str
    message: str
    content: str
    ends_at: datetime


async def lock(connection: Connection, names: Iterable[str], hashed: Hashed) -> None:
    """Wait until nobody else decides on these keys and counters.

    Every batch takes its locks before anything else, in one order: none can wait for
    one that waits for it.
    """
    numbers = {int(hashed(name), 16) % LOCKS for name in names}
    if numbers:
        await connection.execute(_LOCK, _CLASS, sorted(numbers))


class KeyRows:
    """The keys of a batch, read at once, and those that it takes."""

    def __init__(self, span: timedelta) -> None:
        self._span = span
        self._rows: dict[str, _Row] = {}
        self._new: dict[str, _Row] = {}

    async def read(self, connection: Connection, wanted: Sequence[str]) -> None:
        """Read who has these keys."""
        if wanted:
            rows = await connection.fetch(_FIND, list(wanted))
            self._rows = {row["key"]: _Row(**dict(row)) for row in rows}

    @property
    def holders(self) -> set[str]:
        """The messages that have keys, whether or not these have ended."""
        return {row.message for row in self._rows.values()}

    def holder_of(self, key: Key, now: datetime) -> str | None:
        """Return the id of the message that has the key; None: it is free.

        Raises:
            IdempotencyConflict: That one says something else.
        """
        row = self._rows.get(key.key)
        if row is None or row.ends_at <= now:
            return None
        if row.content != key.content:
            raise conflict_with(row.message)
        return row.message

    def keep(self, key: Key, message: str, now: datetime) -> None:
        """Give a key to a message for a while."""
        row = _Row(key.key, message, key.content, now + self._span)
        self._rows[key.key] = self._new[key.key] = row

    async def write(self, connection: Connection) -> None:
        """Write the keys that were given."""
        if self._new:
            columns = zip(
                *(attrs.astuple(row) for row in self._new.values()), strict=True
            )
            await connection.execute(_KEEP, *(list(column) for column in columns))
