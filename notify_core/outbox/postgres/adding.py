"""New messages, many in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import chain

from notify_core.errors import InvalidMessage, NotifyError
from notify_core.outbox.counters import refusals
from notify_core.outbox.port import ADDED, Addition
from notify_core.outbox.postgres import engine, keys
from notify_core.outbox.postgres.counters import CountedRows
from notify_core.outbox.postgres.keys import KeyRows
from notify_core.outbox.postgres.line import Again
from notify_core.outbox.postgres.messages import Messages
from notify_core.outbox.postgres.moment import Moment
from notify_core.outbox.postgres.rows import NewRow
from notify_core.outbox.postgres.server import Connection
from notify_core.outbox.preparing import New
from notify_core.outbox.record import Record
from notify_core.outbox.repetition import USED_ID
from notify_core.policy.counter_key import Hashed

#: A message on its way into the database.
NewMessage = New[NewRow]
#: Messages that are added in one step, in this order; or why one cannot be stored.
Given = Sequence[NewMessage | InvalidMessage]
Added = list[Addition | NotifyError]


class Adding:
    """Decides on each message in its turn, and writes what came of it at once."""

    def __init__(
        self, messages: Messages, hashed: Hashed, keep_keys: timedelta, moment: Moment
    ) -> None:
        self._messages = messages
        self._hashed = hashed
        self._keep_keys = keep_keys
        self._moment = moment
        #: Ids found to be those of other messages when a batch was written.
        self._used: set[str] = set()

    async def __call__(
        self, connection: Connection, batch: Sequence[Given]
    ) -> list[Added | Exception]:
        """Add messages; for each group what came of its members."""
        given = list(chain.from_iterable(batch))
        news = [new for new in given if not isinstance(new, InvalidMessage)]
        results = iter(await self._decide(connection, news))
        self._used.clear()
        return [
            [new if isinstance(new, InvalidMessage) else next(results) for new in group]
            for group in batch
        ]

    async def _decide(self, connection: Connection, given: list[NewMessage]) -> Added:
        deciding = _Deciding(KeyRows(self._keep_keys), self._used)
        await deciding.read(connection, given, self._messages, self._hashed)
        results = [deciding.decide(new) for new in given]
        if deciding.rows:
            await self._write(connection, deciding.rows)
            await deciding.write(connection)
        return results

    async def _write(self, connection: Connection, rows: list[NewRow]) -> None:
        jobs = await self._jobs(connection, rows)
        known = await self._messages.add(connection, rows, jobs)
        if known:
            self._used |= known
            raise Again

    async def _jobs(
        self, connection: Connection, rows: list[NewRow]
    ) -> list[int | None]:
        """Make the jobs of messages that are due soon, or somebody's."""
        dues: dict[str, engine.Due] = {}
        for row in rows:
            record, work_at = row.record, row.record.work_at
            self._moment.note(record.accepted_at)
            if work_at and (row.lease or self._moment.is_near(work_at)):
                dues[row.id] = engine.Due(row.id, row.lane, work_at)
        made = await engine.add(connection, list(dues.values()))
        jobs = dict(zip(dues, made, strict=True))
        leased = {
            jobs[row.id]: row.lease for row in rows if row.lease and row.id in jobs
        }
        await engine.hand_over(connection, leased)
        return [jobs.get(row.id) for row in rows]


class _Deciding:
    """What is known of keys and counters while a batch is decided on."""

    def __init__(self, key_rows: KeyRows, used: set[str]) -> None:
        self.rows: list[NewRow] = []
        self._keys = key_rows
        self._counted = CountedRows()
        self._used = used
        self._known: dict[str, Record] = {}
        self._ids: set[str] = set()

    async def read(
        self,
        connection: Connection,
        given: list[NewMessage],
        messages: Messages,
        hashed: Hashed,
    ) -> None:
        wanted = [new.key.key for new in given if new.key is not None]
        takes = [take for new in given for take in new.takes]
        names = [*wanted, *(take.counter for take in takes)]
        await keys.lock(connection, names, hashed)
        await self._keys.read(connection, wanted)
        if self._keys.holders:
            holders = list(self._keys.holders)
            self._known = await messages.whole(connection, holders)
        if takes:
            self._counted = await CountedRows.read(connection, takes)

    def decide(self, new: NewMessage) -> Addition | NotifyError:
        """Say what comes of a message, the ones before it counted."""
        try:
            return self._decided(new)
        except NotifyError as error:
            return error

    async def write(self, connection: Connection) -> None:
        await self._keys.write(connection)
        await self._counted.write(connection)

    def _decided(self, new: NewMessage) -> Addition:
        record, now = new.row.record, new.row.record.accepted_at
        if new.key is not None:
            known = self._known.get(self._keys.holder_of(new.key, now) or "")
            if known is not None:
                return Addition(known=known)
        refused = refusals(new.takes, new.at, self._counted) if new.takes else {}
        if refused:
            return Addition(refused=refused)
        if new.row.id in self._used or new.row.id in self._ids:
            raise InvalidMessage([USED_ID])
        self._ids.add(new.row.id)
        self.rows.append(new.row)
        if new.key is not None:
            self._keys.keep(new.key, new.row.id, now)
            self._known[new.row.id] = record
        self._counted.take(new.row.id, new.takes, new.at)
        return ADDED
