"""The rows of messages, and the names of their attempts."""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from collections.abc import Callable

import attrs

from notify_core.model.channel import Importance
from notify_core.outbox.dead_letter import dead_letter
from notify_core.outbox.port import Change, Found, Lease, LeaseLost
from notify_core.outbox.record import Record
from notify_core.outbox.retention import at_rest, next_stage
from notify_core.outbox.sqlite.moments import micros, micros_or_none
from notify_core.outbox.stored import (
    FORMAT,
    Name,
    facts_of,
    has_same_facts,
    names_of,
    progress_of,
    record_from,
)
from notify_core.policy.counter_key import Hashed

#: Records kept in memory, so that what is worked on is not read again and again. What
#: waits for a worker is not among them: it would be out of every cache by then.
REMEMBERED = 4096
#: Of the two lanes, the one for what matters.
URGENT, USUAL = 0, 1

_URGENT = frozenset({Importance.HIGH, Importance.CRITICAL})
_Column = str | int | None
_KINDS = {"provider_id": 1, "reference": 2, "address": 3}

INSERT = """
INSERT INTO messages (form, progress, status, final, dead, route, provider, erasure,
    erasure_from, id, facts, accepted_at, channel, kind, template, lane, ready_at,
    owner, epoch, version, taken, address)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?)
ON CONFLICT (id) DO NOTHING"""
_HEAD = "SELECT place, version, epoch, owner, taken FROM messages WHERE id = ?"
_BODY = "SELECT facts, progress, form FROM messages WHERE place = ?"
_WHOLE = "SELECT facts, progress, form FROM messages WHERE id = ?"
_MOVE = """
UPDATE messages SET form = ?, progress = ?, status = ?, final = ?, dead = ?, route = ?,
    provider = ?, erasure = ?, erasure_from = ?, version = ?
WHERE place = ?"""
_MOVE_AND_END_LEASE = """
UPDATE messages SET form = ?, progress = ?, status = ?, final = ?, dead = ?, route = ?,
    provider = ?, erasure = ?, erasure_from = ?, version = ?, ready_at = ?, owner = NULL
WHERE place = ?"""
_NEW_FACTS = "UPDATE messages SET facts = ? WHERE place = ?"
_DELETE = "DELETE FROM messages WHERE place = ?"
_ADD_NAME = "INSERT OR IGNORE INTO names VALUES (?, ?, ?, ?, ?)"
_DROP_NAME = """
DELETE FROM names WHERE kind = ? AND account = ? AND name = ? AND message = ?
    AND attempt = ?"""
_FIND = """
SELECT facts, progress, form, attempt FROM names JOIN messages ON place = message
WHERE names.kind = ? AND account = ? AND name = ?"""
_LAST = " ORDER BY message DESC, attempt DESC LIMIT 1"
_ALL = " ORDER BY message, attempt"


@attrs.frozen(kw_only=True)
class NewRow:
    """A message ready to be written: made before it is its turn."""

    record: Record
    facts: str
    #: The columns that every change writes.
    progressed: tuple[_Column, ...]
    names: tuple[Name, ...]
    #: Keyed hash of the address.
    address: str
    lease: Lease | None = None
    #: What it takes, to be given back.
    taken: str | None = None


@attrs.frozen
class Head:
    """What a row says without its record."""

    place: int
    version: int
    epoch: int
    owner: str | None
    taken: str | None


class Messages:
    """Reads and writes the rows; each method but the first within a transaction."""

    def __init__(self, hashed: Hashed) -> None:
        self._hashed = hashed
        self._known: OrderedDict[int, tuple[int, Record]] = OrderedDict()

    def new_row(self, record: Record, lease: Lease | None, taken: str | None) -> NewRow:
        """Return what is written of a new message.

        Raises:
            TypeError, ValueError: It holds what no JSON can say.
        """
        stored = at_rest(record)
        return NewRow(
            record=stored,
            facts=facts_of(stored),
            progressed=_progressed(stored),
            names=tuple(names_of(stored)),
            address=self._hashed(record.recipient.address),
            lease=lease,
            taken=taken,
        )

    def add(self, database: sqlite3.Connection, row: NewRow) -> bool:
        """Write a new row, unless its id is taken."""
        record = row.record
        cursor = database.execute(INSERT, columns_of(row))
        if not cursor.rowcount or cursor.lastrowid is None:
            return False
        place = cursor.lastrowid
        for name in row.names:
            database.execute(_ADD_NAME, _named(name, place, row.address))
        if row.lease is not None:
            self._remember(place, 1, record)
        return True

    def head(self, database: sqlite3.Connection, message: str) -> Head | None:
        """Return where a message stands."""
        row = database.execute(_HEAD, (message,)).fetchone()
        return None if row is None else Head(*row)

    def change(
        self,
        database: sqlite3.Connection,
        message: str,
        to: Callable[[Record], Record],
        epoch: int | None,
    ) -> tuple[Change, Head]:
        """Apply a function to a record and write what came of it.

        Raises:
            KeyError: No such message.
            LeaseLost: A later run has it.
        """
        head = self.head(database, message)
        if head is None:
            raise KeyError(message)
        if epoch is not None and epoch < head.epoch:
            raise LeaseLost(f"message {message} is run {head.epoch}'s, not {epoch}'s")
        before = self.record(database, head.place, head.version)
        after = to(before)
        if after is not before:
            ends = _ends_lease(head, after, is_run=epoch is not None)
            self._write(database, head, before, at_rest(after, before), ends=ends)
        return Change(before, after), head

    def record(self, database: sqlite3.Connection, place: int, version: int) -> Record:
        """Return the record at a place, from memory while nobody else changed it."""
        known = self._known.get(place)
        if known is not None and known[0] == version:
            return known[1]
        record = record_from(*database.execute(_BODY, (place,)).fetchone())
        self._remember(place, version, record)
        return record

    def get(self, database: sqlite3.Connection, message: str) -> Record | None:
        """Return a record by the message's id."""
        row = database.execute(_WHOLE, (message,)).fetchone()
        return None if row is None else record_from(*row)

    def last(
        self, database: sqlite3.Connection, kind: str, account: str, name: str
    ) -> Found | None:
        """Return the last attempt of that name."""
        key = (_KINDS[kind], account, name)
        row = database.execute(_FIND + _LAST, key).fetchone()
        return None if row is None else _found(row)

    def unknown(
        self, database: sqlite3.Connection, account: str, address: str
    ) -> list[Found]:
        """Return the attempts to the address whose answer was lost."""
        key = (_KINDS["address"], account, self._hashed(address))
        return [_found(row) for row in database.execute(_FIND + _ALL, key)]

    def remove(self, database: sqlite3.Connection, record: Record) -> None:
        """Delete the row of a record, and its names."""
        head = self.head(database, record.message.id)
        if head is not None:
            self._known.pop(head.place, None)
            for name in names_of(record):
                database.execute(_DROP_NAME, self._named(name, head.place))
            database.execute(_DELETE, (head.place,))

    def forget(self) -> None:
        """Drop what is remembered: what was written may have been undone."""
        self._known.clear()

    def _write(
        self,
        database: sqlite3.Connection,
        head: Head,
        before: Record,
        after: Record,
        *,
        ends: bool,
    ) -> None:
        place, version = head.place, head.version + 1
        moved = (*_progressed(after), version)
        if ends:
            ready_at = micros_or_none(after.work_at)
            database.execute(_MOVE_AND_END_LEASE, (*moved, ready_at, place))
        else:
            database.execute(_MOVE, (*moved, place))
        if not has_same_facts(before, after):
            database.execute(_NEW_FACTS, (facts_of(after), place))
        if before.attempts is not after.attempts:
            self._rename(database, place, before, after)
        self._remember(place, version, after)

    def _rename(
        self, database: sqlite3.Connection, place: int, before: Record, after: Record
    ) -> None:
        old, new = set(names_of(before)), set(names_of(after))
        for statement, names in ((_DROP_NAME, old - new), (_ADD_NAME, new - old)):
            for name in names:
                database.execute(statement, self._named(name, place))

    def _named(self, name: Name, place: int) -> tuple[int, str, str, int, int]:
        address = self._hashed(name.name) if name.kind == "address" else ""
        return _named(name, place, address)

    def _remember(self, place: int, version: int, record: Record) -> None:
        if record.final:
            self._known.pop(place, None)
            return
        self._known[place] = (version, record)
        self._known.move_to_end(place)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)


def _ends_lease(head: Head, after: Record, *, is_run: bool) -> bool:
    """Tell whether a change ends the lease, or there is none to keep.

    What is told of a message from outside ends a lease only with all work on it.
    """
    if head.owner is None or after.work_at is None:
        return True
    return is_run and not after.is_running


def columns_of(row: NewRow) -> tuple[_Column, ...]:
    """Return what `INSERT` writes of a new row."""
    record, lease = row.record, row.lease
    message = record.message
    ready_at = record.work_at if lease is None else lease.until
    return (
        *row.progressed,
        message.id,
        row.facts,
        micros(record.accepted_at),
        str(message.channel),
        str(record.kind),
        message.template,
        URGENT if message.importance in _URGENT else USUAL,
        micros_or_none(ready_at),
        None if lease is None else lease.owner,
        0 if lease is None else 1,
        row.taken,
        row.address,
    )


def _progressed(record: Record) -> tuple[_Column, ...]:
    """Return the columns that every change writes, in the order of the statements."""
    return (
        FORMAT,
        progress_of(record),
        str(record.status),
        record.final,
        record.final and dead_letter(record) is not None,
        record.route,
        record.attempts[-1].provider if record.attempts else None,
        next_stage(record),
        micros(record.deadline),
    )


def _named(name: Name, place: int, address: str) -> tuple[int, str, str, int, int]:
    shown = address if name.kind == "address" else name.name
    return (_KINDS[name.kind], name.account, shown, place, name.number)


def _found(row: tuple[str, str, int, int]) -> Found:
    *stored, number = row
    return Found(record=record_from(*stored), number=number)  # type: ignore[arg-type]
