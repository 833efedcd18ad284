"""The rows of messages."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from notify_core.outbox.port import Found, Lease
from notify_core.outbox.postgres.memory import Memory
from notify_core.outbox.postgres.names import Names
from notify_core.outbox.postgres.rows import (
    FIXED,
    PROGRESSED,
    NewRow,
    Row,
    arrays_of,
    progressed,
    table_of,
)
from notify_core.outbox.postgres.server import Connection
from notify_core.outbox.record import Record
from notify_core.outbox.retention import at_rest
from notify_core.outbox.stored import facts_of, names_of, record_from
from notify_core.policy.counter_key import Hashed

_NEW = {**PROGRESSED, **FIXED}
_MOVED = {**PROGRESSED, "place": "bigint"}
_INSERT = f"""
INSERT INTO notify_core.messages ({", ".join(_NEW)})
SELECT * FROM {table_of(_NEW)}
ON CONFLICT (id) DO NOTHING RETURNING id, place"""  # noqa: S608 (fixed columns)
_MOVE = f"""
UPDATE notify_core.messages SET {", ".join(f"{c} = new.{c}" for c in PROGRESSED)}
FROM {table_of(_MOVED)} WHERE messages.place = new.place"""  # noqa: S608 (fixed columns)
_LOCK = """
SELECT place, id, lane, work_at, job, epoch, version, taken FROM notify_core.messages
WHERE id = ANY ($1) ORDER BY id FOR UPDATE"""
_KNOWN = "SELECT id FROM notify_core.messages WHERE id = ANY ($1)"
_BEGIN = """
WITH free AS (
    SELECT messages.*, job = given.asks AND work_at <= $3 AS is_due
    FROM unnest($1::text[], $2::bigint[]) AS given (message, asks)
    JOIN notify_core.messages ON id = given.message
    FOR UPDATE OF messages SKIP LOCKED
), begun AS (
    UPDATE notify_core.messages SET epoch = messages.epoch + 1
    FROM free WHERE messages.place = free.place AND free.is_due
)
SELECT place, id, lane, work_at, job, epoch + is_due::integer, version, taken,
    is_due, facts, progress, form
FROM free"""
_BODIES = """
SELECT place, facts, progress, form FROM notify_core.messages WHERE place = ANY ($1)"""
_WHOLE = """
SELECT id, facts, progress, form FROM notify_core.messages WHERE id = ANY ($1)"""
_NEW_FACTS = "UPDATE notify_core.messages SET facts = $2 WHERE place = $1"
_REMOVE = "DELETE FROM notify_core.messages WHERE place = ANY ($1)"
_FIND = """
SELECT facts, progress, form, attempt
FROM notify_core.names JOIN notify_core.messages ON place = message
WHERE names.kind = $1 AND account = $2 AND name = $3 ORDER BY message, attempt"""


class Messages:
    """Reads and writes the rows."""

    def __init__(self, hashed: Hashed) -> None:
        self._hashed = hashed
        self.names = Names(hashed)
        self.memory = Memory()

    def new_row(self, record: Record, lease: Lease | None, taken: str | None) -> NewRow:
        """Return what is written of a new message.

        Raises:
            TypeError, ValueError: It holds what no JSON can say.
        """
        stored = at_rest(record)
        return NewRow(
            record=stored,
            facts=facts_of(stored),
            names=tuple(names_of(stored)),
            address=self._hashed(record.recipient.address),
            lease=lease,
            taken=taken,
        )

    async def add(
        self, connection: Connection, rows: Sequence[NewRow], jobs: Sequence[int | None]
    ) -> set[str]:
        """Write new rows; return the ids that were there before.

        With any such id the transaction is to be undone.
        """
        values = [row.values(job) for row, job in zip(rows, jobs, strict=True)]
        inserted = await connection.fetch(_INSERT, *arrays_of(values))
        places: dict[str, int] = {row[0]: row[1] for row in inserted}
        known = {row.id for row in rows} - places.keys()
        if not known:
            named = [(name, places[row.id]) for row in rows for name in row.names]
            await self.names.add(connection, named)
            for row, job in zip(rows, jobs, strict=True):
                if not row.record.is_closed:
                    self.memory.keep(row.placed(places[row.id], job), row.record)
        return known

    async def lock(self, connection: Connection, ids: Iterable[str]) -> dict[str, Row]:
        """Return the rows, which nobody else changes before this is committed."""
        rows = await connection.fetch(_LOCK, sorted(set(ids)))
        return {row["id"]: Row(*row) for row in rows}

    async def known(self, connection: Connection, ids: Sequence[str]) -> set[str]:
        """Return those of the ids that are messages'."""
        return {row[0] for row in await connection.fetch(_KNOWN, ids)}

    async def bodies(
        self, connection: Connection, rows: Collection[Row]
    ) -> dict[int, Record | Exception]:
        """Return the records at the rows' places, or why one cannot be read."""
        found = self._remembered(rows)
        missing = [row.place for row in rows if row.place not in found]
        if missing:
            for place, *stored in await connection.fetch(_BODIES, missing):
                found[place] = _read(*stored)
        return found

    async def begin(
        self, connection: Connection, jobs: Mapping[str, int], now: datetime
    ) -> tuple[dict[str, Row], dict[str, Record | Exception]]:
        """Count one more run of each message that is due and has this job.

        Returns:
            The rows of all, locked, without those that somebody else has locked; and
            the records of those that are due, or why one cannot be read.
        """
        rows: dict[str, Row] = {}
        found: dict[str, Record | Exception] = {}
        given = list(jobs), list(jobs.values()), now
        for *columns, is_due, facts, progress, form in await connection.fetch(
            _BEGIN, *given
        ):
            row = Row(*columns)
            rows[row.id] = row
            if is_due:
                known = self.memory.of(row)
                found[row.id] = known or _read(facts, progress, form)
        return rows, found

    async def whole(
        self, connection: Connection, ids: Sequence[str]
    ) -> dict[str, Record]:
        """Return the records of messages by their ids.

        Raises:
            Unreadable: One cannot be read.
        """
        rows = await connection.fetch(_WHOLE, list(ids))
        return {message: record_from(*stored) for message, *stored in rows}

    async def find(
        self, connection: Connection, kind: str, account: str, name: str
    ) -> list[Found]:
        """Return the attempts of that name, the last one last."""
        key = self.names.key(kind, account, name)
        rows = await connection.fetch(_FIND, *key)
        return [Found(record=record_from(*row), number=n) for *row, n in rows]

    async def write(
        self, connection: Connection, changed: Sequence[tuple[Row, Record, Record]]
    ) -> None:
        """Write what became of messages: row, record before, record after."""
        values = [
            (*progressed(after, row.version, row.job, row.taken), row.place)
            for row, _, after in changed
        ]
        await connection.execute(_MOVE, *arrays_of(values))
        moved = [(row.place, before, after) for row, before, after in changed]
        await self.names.move(connection, moved)

    async def write_facts(
        self, connection: Connection, row: Row, record: Record
    ) -> None:
        """Write the part of a record that only an erasure changes."""
        await connection.execute(_NEW_FACTS, row.place, facts_of(record))

    async def remove(
        self, connection: Connection, records: Sequence[tuple[Row, Record]]
    ) -> None:
        """Delete the rows of records, and their names."""
        placed = [(row.place, record) for row, record in records]
        await self.names.drop(connection, placed)
        await connection.execute(_REMOVE, [place for place, _ in placed])

    def _remembered(self, rows: Iterable[Row]) -> dict[int, Record | Exception]:
        """Return the records that nobody changed since they were read or written."""
        found: dict[int, Record | Exception] = {}
        for row in rows:
            record = self.memory.of(row)
            if record is not None:
                found[row.place] = record
        return found


def _read(facts: str, progress: str, form: int) -> Record | Exception:
    try:
        return record_from(facts, progress, form)
    except Exception as error:  # noqa: BLE001 (told to who asked for it)
        return error
