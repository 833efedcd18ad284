"""The outbox in an SQLite file."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from pathlib import Path

import attrs

from notify_core.errors import InvalidMessage, NotifyError, Problem
from notify_core.model.status import Status
from notify_core.outbox.counters import refusals
from notify_core.outbox.inbound import Inbound, InboundFilter, InboundPage
from notify_core.outbox.listing import MessageFilter, Page
from notify_core.outbox.pausing import Pausing
from notify_core.outbox.port import (
    ADDED,
    Addition,
    Change,
    Claimed,
    Entry,
    Found,
    Hold,
    Lease,
    Parked,
)
from notify_core.outbox.record import Record
from notify_core.outbox.repetition import USED_ID
from notify_core.outbox.retention import USUAL, Retention
from notify_core.outbox.sqlite import (
    counters,
    erasing,
    inbound,
    keys,
    listing,
    parking,
)
from notify_core.outbox.sqlite.desk import Desk
from notify_core.outbox.sqlite.file import File, Synchronous
from notify_core.outbox.sqlite.messages import Messages, NewRow
from notify_core.outbox.sqlite.queue import Queue
from notify_core.outbox.sqlite.tidying import Tidying
from notify_core.policy.counter_key import keyed_hash
from notify_core.policy.take import Refused, Take
from notify_core.secret import Secret

#: How long an idempotency key is remembered.
KEEP_KEYS = USUAL.idempotency
#: Seconds between two looks whether another process wrote.
LOOK_EVERY = 0.02

_UNSETTLED = """
SELECT id FROM messages WHERE final = 0
    AND status IN ('created', 'deferred', 'submitting', 'submit_unknown')
ORDER BY place"""


@attrs.frozen(kw_only=True)
class _New:
    """A message on its way into the file."""

    row: NewRow
    key: keys.Key | None
    takes: tuple[Take, ...]
    at: datetime


class SqliteOutbox(Pausing):
    """Keeps messages in one file on a local disk, for any number of processes.

    The file is made when it is first used, for its owner alone. What was acknowledged
    survives the end of the process, and with `Synchronous.FULL` a power cut.

    Args:
        path: The file; its folder exists.
        hash_key: Makes the hashes of addresses, idempotency keys and their contents;
            16 bytes or more, and the same for as long as the file lives.
        synchronous: What survives a power cut.
        keep_keys: How long an idempotency key is remembered.

    Raises:
        ValueError: The hash key is too short.
    """

    #: Whether messages survive the process.
    durable = True

    def __init__(
        self,
        path: str | Path,
        hash_key: Secret,
        *,
        synchronous: Synchronous = Synchronous.FULL,
        keep_keys: timedelta = KEEP_KEYS,
        file: File | None = None,
    ) -> None:
        self._file = file or File(path=Path(path), synchronous=synchronous)
        self._hashed = keyed_hash(hash_key.reveal().encode())
        self._keep_keys = keep_keys
        self._messages = Messages(self._hashed)
        self._queue = Queue(self._messages)
        self._tidying = Tidying()
        self._writer = Desk(self._file, "BEGIN IMMEDIATE", self._spoil)
        self._reader = Desk(self._file, "BEGIN")
        self._waiting: set[asyncio.Future[None]] = set()
        self._seen = 0

    async def add(
        self,
        record: Record,
        takes: tuple[Take, ...] = (),
        at: datetime | None = None,
        lease: Lease | None = None,
    ) -> Addition:
        """Record a message and take from its counters: all of it, or nothing.

        Raises:
            IdempotencyConflict: Its key is that of a message that says something else.
            InvalidMessage: Its id is that of another message, or it cannot be stored.
            StoreUnavailable: The file cannot be written; nothing was recorded.
        """
        new = self._new(record, takes, at, lease)
        addition = await self._writer.run(partial(self._add_one, new=new))
        self._wake()
        return addition

    async def add_all(self, entries: Sequence[Entry]) -> list[Addition | NotifyError]:
        """Record many messages in one step, each as `add` would, in this order.

        Raises:
            StoreUnavailable: The file cannot be written; nothing was recorded.
        """
        given = [self._new_or_error(entry) for entry in entries]
        additions = await self._writer.run(partial(self._add_all, given=given))
        self._wake()
        return additions

    async def change(
        self, message: str, to: Callable[[Record], Record], epoch: int | None = None
    ) -> Change:
        """Apply a pure function to a record; it is called in the outbox's thread.

        Raises:
            KeyError: No such message.
            LeaseLost: It was claimed since by a later run than *epoch*.
            StoreUnavailable: The file cannot be written; nothing was changed.
        """
        return await self._writer.run(
            partial(self._change, message=message, to=to, epoch=epoch)
        )

    async def get(self, message: str) -> Record | None:
        """Return a record by the message's id."""
        return await self._reader.run(partial(self._messages.get, message=message))

    async def by_provider_id(self, account: str, provider_id: str) -> Found | None:
        """Return the attempt that the vendor knows by this id."""
        return await self._last("provider_id", account, provider_id)

    async def by_reference(self, account: str, reference: str) -> Found | None:
        """Return the last attempt at the account that we gave this reference."""
        return await self._last("reference", account, reference)

    async def open_unknown(self, account: str, address: str) -> list[Found]:
        """Return the attempts to this address whose answer was lost."""
        return await self._reader.run(
            partial(self._messages.unknown, account=account, address=address)
        )

    async def park(self, parked: Parked) -> None:
        """Keep a receipt that matches nothing yet."""
        address = self._hash(parked.receipt.recipient)
        await self._writer.run(partial(parking.park, parked=parked, address=address))

    async def take_parked(
        self,
        account: str,
        *,
        provider_id: str | None,
        reference: str | None,
        address: str | None,
    ) -> list[Parked]:
        """Remove and return the parked receipts that name any of these."""
        names = (provider_id, reference, self._hash(address))
        # Looked for first: it is asked after each answer, and hardly ever is there one.
        look = partial(parking.is_parked, account=account, names=names)
        if not await self._reader.run(look):
            return []
        return await self._writer.run(
            partial(parking.take_parked, account=account, names=names)
        )

    async def keep_inbound(self, kept: Inbound) -> bool:
        """Keep a reply; tell whether it is new."""
        return await self._writer.run(
            partial(inbound.keep, kept=kept, hashed=self._hashed)
        )

    async def inbound(self, asked: InboundFilter) -> InboundPage:
        """Return the replies that are asked for, newest first, a page at a time."""
        address = self._hash(asked.sender)
        return await self._reader.run(
            partial(inbound.page, asked=asked, address=address)
        )

    async def hold(self, hold: Hold) -> None:
        """Keep a counter taken; a hold on the same counter is replaced."""
        await self._writer.run(partial(counters.hold, held=hold))

    async def release(self, counter: str) -> bool:
        """End a hold; tell whether there was one."""
        return await self._writer.run(partial(counters.release, counter=counter))

    async def holds(self, at: datetime, prefix: str = "") -> list[Hold]:
        """Return the holds that stand at that time, oldest first."""
        return await self._reader.run(partial(counters.holds, at=at, prefix=prefix))

    async def refused(self, takes: tuple[Take, ...], at: datetime) -> Refused:
        """Return those of the takes for which there is no room; nothing is taken."""
        return await self._reader.run(partial(counters.refused_by, takes=takes, at=at))

    async def unsettled(self) -> list[str]:
        """Return the ids of messages that may have been sent, and nobody knows yet."""
        return await self._reader.run(
            lambda database: [message for (message,) in database.execute(_UNSETTLED)]
        )

    async def messages(self, asked: MessageFilter) -> Page:
        """Return the messages that are asked for, newest first, a page at a time."""
        address = self._hash(asked.address)
        return await self._reader.run(
            partial(listing.messages, asked=asked, address=address)
        )

    async def counts(self) -> Mapping[Status, int]:
        """Return how many messages are in each status, of those that are not final."""
        return await self._reader.run(listing.counts)

    async def erase(self, retention: Retention, now: datetime, limit: int) -> int:
        """Erase what was kept long enough: so many records at most, of all kinds."""
        return await self._writer.run(
            partial(
                erasing.erase,
                messages=self._messages,
                apply=self._change,
                retention=retention,
                now=now,
                limit=limit,
            )
        )

    async def forget(self, address: str) -> int:
        """Erase one person: what is recorded of messages to an address, now.

        A copy may stay in the file's log until the last process closes the file.
        """
        return await erasing.forget(self._writer, self._change, self._hashed(address))

    async def claim(self, lease: Lease, now: datetime, limit: int) -> list[Claimed]:
        """Take messages that are due, important ones first, four to one."""
        return await self._writer.run(
            partial(self._queue.claim, lease=lease, now=now, limit=limit)
        )

    async def renew(self, runs: Mapping[str, int], lease: Lease) -> set[str]:
        """Prolong the leases of runs; return the messages that are still theirs."""
        return await self._writer.run(
            partial(self._queue.renew, runs=runs, lease=lease)
        )

    async def hand_back(self, message: str, epoch: int) -> None:
        """Give a message back untouched: it is due again at once."""
        await self._writer.run(
            partial(self._queue.hand_back, message=message, epoch=epoch)
        )
        self._wake()

    async def next_due(self) -> datetime | None:
        """Return when the next message or lease is due; None: nothing is ahead."""
        return await self._reader.run(self._queue.next_due)

    async def wait(self, seconds: float) -> None:
        """Return when this or another process wrote, or the time is over."""
        loop = asyncio.get_running_loop()
        end, news = loop.time() + seconds, loop.create_future()
        self._waiting.add(news)
        try:
            while not (news.done() or await self._is_written()):
                left = end - loop.time()
                if left <= 0:
                    return
                await asyncio.wait([news], timeout=min(left, LOOK_EVERY))
        finally:
            self._waiting.discard(news)

    async def aclose(self) -> None:
        """Write what was given, and close; twice is harmless."""
        await self._writer.aclose()
        await self._reader.aclose()

    def _new(
        self,
        record: Record,
        takes: tuple[Take, ...],
        at: datetime | None,
        lease: Lease | None = None,
    ) -> _New:
        """Make what is written, while other messages are being written."""
        at = at or record.accepted_at
        taken = counters.taken_by(takes, at) if takes else None
        try:
            return _New(
                row=self._messages.new_row(record, lease, taken),
                key=keys.key_of(record.message, self._hashed),
                takes=takes,
                at=at,
            )
        except (TypeError, ValueError) as error:
            raise InvalidMessage([Problem(pointer="", message=str(error))]) from error

    def _new_or_error(self, entry: Entry) -> _New | InvalidMessage:
        try:
            return self._new(entry.record, entry.takes, entry.at)
        except InvalidMessage as error:
            return error

    def _add_one(self, database: sqlite3.Connection, new: _New) -> Addition:
        added = self._add(database, new, counters.CountedRows(database, new.takes))
        self._tidying.pass_by(database, new.row.record.accepted_at)
        return added

    def _add(
        self,
        database: sqlite3.Connection,
        new: _New,
        counted: counters.CountedRows,
    ) -> Addition:
        record, key = new.row.record, new.key
        message, now = record.message.id, record.accepted_at
        if key is not None:
            holder = keys.holder_of(database, key, now)
            known = holder and self._messages.get(database, holder)
            if known:
                return Addition(known=known)
        if new.takes:
            refused = refusals(new.takes, new.at, counted)
            if refused:
                return Addition(refused=refused)
        if not self._messages.add(database, new.row):
            raise InvalidMessage([USED_ID])
        if key is not None:
            keys.keep(database, key, message, now, self._keep_keys)
        if new.takes:
            counters.take(database, message, new.takes, new.at)
        return ADDED

    def _add_all(
        self, database: sqlite3.Connection, given: list[_New | InvalidMessage]
    ) -> list[Addition | NotifyError]:
        good = [new for new in given if isinstance(new, _New)]
        counted = counters.CountedRows(database, chain(*(new.takes for new in good)))
        added = [
            self._added(database, new, counted) if isinstance(new, _New) else new
            for new in given
        ]
        if good:
            self._tidying.pass_by(database, good[-1].row.record.accepted_at)
        return added

    def _added(
        self, database: sqlite3.Connection, new: _New, counted: counters.CountedRows
    ) -> Addition | NotifyError:
        try:
            return self._add(database, new, counted)
        except NotifyError as error:
            return error

    def _change(
        self,
        database: sqlite3.Connection,
        message: str,
        to: Callable[[Record], Record],
        epoch: int | None = None,
    ) -> Change:
        change, head = self._messages.change(database, message, to, epoch)
        if head.taken is not None and change.after.gives_back:
            counters.give_back(database, head.place, message, head.taken)
        return change

    async def _last(self, kind: str, account: str, name: str) -> Found | None:
        return await self._reader.run(
            partial(self._messages.last, kind=kind, account=account, name=name)
        )

    async def _is_written(self) -> bool:
        """Tell whether anything was written since the last look."""
        seen = self._seen
        self._seen = await self._reader.run(_data_version)
        return self._seen != seen

    def _spoil(self) -> None:
        """Start afresh after a failure, in the writer's thread."""
        self._messages.forget()
        # What it has open may keep the writer from writing, as a read-only index does.
        self._reader.reopen()

    def _wake(self) -> None:
        """Tell those who wait, on whatever loop, that there is something new."""
        for news in tuple(self._waiting):
            news.get_loop().call_soon_threadsafe(_tell, news)

    def _hash(self, address: str | None) -> str | None:
        return None if address is None else self._hashed(address)


def _tell(news: asyncio.Future[None]) -> None:
    if not news.done():
        news.set_result(None)


def _data_version(database: sqlite3.Connection) -> int:
    (version,) = database.execute("PRAGMA data_version").fetchone()
    return int(version)
