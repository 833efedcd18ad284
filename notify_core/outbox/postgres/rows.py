"""What the rows of messages hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from secrets import randbits
from typing import Any

import attrs

from notify_core.model.channel import Importance
from notify_core.outbox.dead_letter import dead_letter
from notify_core.outbox.port import Lease
from notify_core.outbox.record import Record
from notify_core.outbox.retention import next_stage
from notify_core.outbox.stored import FORMAT, Name, progress_of

#: Of the two lanes, the one for what matters.
URGENT, USUAL = 0, 1

_URGENT = frozenset({Importance.HIGH, Importance.CRITICAL})

#: The columns that every change writes, and their types.
PROGRESSED: Mapping[str, str] = {
    "form": "integer",
    "progress": "text",
    "status": "text",
    "final": "boolean",
    "dead": "boolean",
    "route": "text",
    "provider": "text",
    "erasure": "smallint",
    "erasure_from": "timestamptz",
    "work_at": "timestamptz",
    "version": "bigint",
    "job": "bigint",
    "taken": "text",
}
#: Those that are written once, and after an erasure.
FIXED: Mapping[str, str] = {
    "id": "text",
    "facts": "text",
    "accepted_at": "timestamptz",
    "channel": "text",
    "kind": "text",
    "template": "text",
    "lane": "smallint",
    "epoch": "integer",
    "address": "text",
}


def new_version() -> int:
    """Return a version that no write had before.

    A count would come again after a transaction that was undone, and what is kept in
    memory by it would be taken for what another process wrote.
    """
    return randbits(63)


@attrs.frozen(kw_only=True)
class NewRow:
    """A message ready to be written: made before it is its turn."""

    record: Record
    facts: str
    names: tuple[Name, ...]
    #: Keyed hash of the address.
    address: str
    lease: Lease | None = None
    #: What it takes, to be given back.
    taken: str | None = None
    version: int = attrs.field(init=False, factory=new_version)

    @property
    def id(self) -> str:
        """The message's id."""
        return self.record.message.id

    @property
    def lane(self) -> int:
        """Which lane serves it."""
        urgent = self.record.message.importance in _URGENT
        return URGENT if urgent else USUAL

    def placed(self, place: int, job: int | None) -> Row:
        """Return the row as it is once it was written."""
        epoch, work_at = self._epoch, self.record.work_at
        row = (place, self.id, self.lane, work_at, job, epoch, self.version, self.taken)
        return Row(*row)

    @property
    def _epoch(self) -> int:
        return 0 if self.lease is None else 1

    def values(self, job: int | None) -> tuple[Any, ...]:
        """Return the values of `PROGRESSED` and `FIXED`, in their order."""
        record, message = self.record, self.record.message
        return (
            *progressed(record, self.version, job, self.taken),
            message.id,
            self.facts,
            record.accepted_at,
            message.channel.value,
            record.kind.value,
            message.template,
            self.lane,
            self._epoch,
            self.address,
        )


@attrs.define
class Row:
    """A message's row, locked: what it says, and is to say."""

    place: int
    id: str
    lane: int
    work_at: datetime | None
    job: int | None
    epoch: int
    version: int
    taken: str | None

    def copy(self) -> Row:
        """Return the row as it is now; several times as fast as `attrs.evolve`."""
        head = (self.place, self.id, self.lane, self.work_at)
        return Row(*head, self.job, self.epoch, self.version, self.taken)


def progressed(
    record: Record, version: int, job: int | None, taken: str | None
) -> tuple[Any, ...]:
    """Return the values of `PROGRESSED`, in their order."""
    return (
        FORMAT,
        progress_of(record),
        record.status.value,
        record.final,
        dead_letter(record) is not None,
        record.route,
        record.attempts[-1].provider if record.attempts else None,
        next_stage(record),
        record.deadline,
        record.work_at,
        version,
        job,
        taken,
    )


def table_of(columns: Mapping[str, str], after: int = 0) -> str:
    """Return the SQL of a table of parameters, one array for each column.

    Args:
        columns: Their names and types.
        after: How many other parameters come first.
    """
    arrays = [f"${n}::{kind}[]" for n, kind in enumerate(columns.values(), after + 1)]
    return f"unnest({', '.join(arrays)}) AS new ({', '.join(columns)})"


def arrays_of(rows: Iterable[tuple[Any, ...]]) -> list[list[Any]]:
    """Return rows as the arrays of such a table."""
    return [list(column) for column in zip(*rows, strict=True)]
