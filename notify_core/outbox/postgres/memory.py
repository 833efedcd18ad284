"""Records kept in memory, so that what is worked on is not read again and again."""

from __future__ import annotations

from collections import OrderedDict

from notify_core.outbox.postgres.rows import Row
from notify_core.outbox.record import Record

#: Records at most.
REMEMBERED = 4096


class Memory:
    """Rows as they were read or written last, with their records."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[Row, Record]] = OrderedDict()

    def keep(self, row: Row, record: Record) -> None:
        """Keep a record while there is work on it."""
        if record.final:
            self._known.pop(row.id, None)
            return
        self._known[row.id] = (row.copy(), record)
        self._known.move_to_end(row.id)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def of(self, row: Row) -> Record | None:
        """Return the record, if nobody changed it since."""
        known, record = self._known.get(row.id, (None, None))
        return record if known is not None and known.version == row.version else None

    def run(self, message: str, epoch: int) -> tuple[Row, Record] | None:
        """Return what a run left; whether that still stands, only the row knows."""
        known = self._known.get(message)
        if known is None or known[0].epoch != epoch:
            return None
        return known[0].copy(), known[1]
