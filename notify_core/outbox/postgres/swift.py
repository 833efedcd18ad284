"""What runs write, in one statement and without locking anything first.

A run alone writes to its message, nearly always: it goes by what it wrote last. Where
the row's version or run is another one, nothing is written, and the change is made
anew with the row locked.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from notify_core.outbox.port import Change
from notify_core.outbox.postgres.changing import Changing, Draft, Wanted, applied
from notify_core.outbox.postgres.line import transacted
from notify_core.outbox.postgres.messages import Messages
from notify_core.outbox.postgres.names import COLUMNS
from notify_core.outbox.postgres.rows import (
    PROGRESSED,
    arrays_of,
    progressed,
    table_of,
)
from notify_core.outbox.postgres.server import COLLISIONS, Connection
from notify_core.outbox.stored import facts_of, has_same_facts

_MOVED = {
    **PROGRESSED,
    "facts": "text",
    "place": "bigint",
    # The row as it was, and the job that ends with the change.
    "seen": "bigint",
    "run": "integer",
    "held": "bigint",
    "ended": "bigint",
}
# The library's call would be a statement of its own, and write a log that nobody reads.
_WRITE = f"""
WITH moved AS (
    UPDATE notify_core.messages SET {", ".join(f"{c} = new.{c}" for c in PROGRESSED)},
        facts = coalesce(new.facts, messages.facts)
    FROM {table_of(_MOVED)}
    WHERE messages.place = new.place AND messages.version = new.seen
        AND messages.epoch = new.run AND messages.job = new.held
    RETURNING messages.place, new.ended
), named AS (
    INSERT INTO notify_core.names
    SELECT new.* FROM {table_of(COLUMNS, len(_MOVED))} JOIN moved ON place = message
    ON CONFLICT DO NOTHING
), finished AS (
    DELETE FROM notify_core.pgqueuer USING moved WHERE pgqueuer.id = moved.ended
)
SELECT place FROM moved"""  # noqa: S608 (fixed columns)

Results = list[Change | Exception]


class Swift:
    """Writes what runs change at once, and leaves the rest to who is careful."""

    def __init__(self, messages: Messages, changing: Changing) -> None:
        self._messages = messages
        self._changing = changing

    async def __call__(
        self, connection: Connection, wanted: Sequence[Wanted]
    ) -> Results:
        """Apply changes; for each what it did, or why it failed."""
        drafts = self._drafts(wanted)
        results = [
            applied(one, drafts[one.message]) if one.message in drafts else None
            for one in wanted
        ]
        drafts = {m: d for m, d in drafts.items() if self._changing.is_plain(d)}
        written = await self._written(connection, drafts) if drafts else set()
        left = [one for one in wanted if one.message not in written]
        if not left:
            return [result for result in results if result is not None]
        careful = partial(self._changing, wanted=left)
        rest = iter(await transacted(connection, careful))
        return [
            result if result is not None and one.message in written else next(rest)
            for one, result in zip(wanted, results, strict=True)
        ]

    def _drafts(self, wanted: Sequence[Wanted]) -> dict[str, Draft]:
        """Return a draft of each message that only its run, known here, changes."""
        drafts: dict[str, Draft] = {}
        others = {one.message for one in wanted if one.epoch is None}
        for one in wanted:
            message, epoch = one.message, one.epoch
            if epoch is None or message in others or message in drafts:
                continue
            known = self._messages.memory.run(message, epoch)
            if known is not None and known[0].job is not None:
                row, record = known
                drafts[message] = Draft(row, record, record, is_leased=True)
        return drafts

    async def _written(
        self, connection: Connection, drafts: dict[str, Draft]
    ) -> set[str]:
        """Write drafts; return the messages that were as they were thought to be."""
        moved = [_moved(drafts[message]) for message in sorted(drafts)]
        names = [
            name
            for draft in drafts.values()
            for name in self._messages.names.added(
                draft.row.place, draft.before, draft.record
            )
        ]
        arrays = arrays_of(moved), arrays_of(names) or [[] for _ in COLUMNS]
        try:
            rows = await connection.fetch(_WRITE, *arrays[0], *arrays[1])
        except COLLISIONS:
            return set()
        places = {row[0] for row in rows}
        written = {m: d for m, d in drafts.items() if d.row.place in places}
        for draft in written.values():
            self._messages.memory.keep(draft.row, draft.record)
        return set(written)


def _moved(draft: Draft) -> tuple[Any, ...]:
    """Return the values of a row; the draft's row is then as it was written."""
    row, record = draft.row, draft.record
    seen, held = row.version, row.job
    draft.move()
    same = has_same_facts(draft.before, record)
    return (
        *progressed(record, row.version, row.job, row.taken),
        None if same else facts_of(record),
        row.place,
        seen,
        row.epoch,
        held,
        None if row.job else held,
    )
