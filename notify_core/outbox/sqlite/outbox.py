"""The outbox in an SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from notify_core.errors import NotifyError
from notify_core.model.status import AttemptState, Status
from notify_core.outbox.inbound import Inbound, InboundFilter, InboundPage
from notify_core.outbox.listing import MessageFilter, Page
from notify_core.outbox.pausing import Pausing
from notify_core.outbox.port import (
    Addition,
    Change,
    Claimed,
    Entry,
    Found,
    Hold,
    Lease,
    Parked,
)
from notify_core.outbox.preparing import Preparing
from notify_core.outbox.record import Record, is_open
from notify_core.outbox.retention import USUAL, Retention
from notify_core.outbox.sqlite import counters, erasing, inbound, listing, parking
from notify_core.outbox.sqlite.adding import Adding
from notify_core.outbox.sqlite.desk import Desk
from notify_core.outbox.sqlite.file import File, Synchronous
from notify_core.outbox.sqlite.messages import Messages
from notify_core.outbox.sqlite.news import News
from notify_core.outbox.sqlite.queue import Queue
from notify_core.outbox.stored import by_own_id
from notify_core.policy.counter_key import keyed_hash
from notify_core.policy.take import Refused, Take
from notify_core.secret import Secret

_UNSETTLED = """
SELECT id FROM messages WHERE final = 0
    AND status IN ('created', 'deferred', 'submitting', 'submit_unknown')
ORDER BY place"""


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
        keep_keys: timedelta = USUAL.idempotency,
        file: File | None = None,
    ) -> None:
        self._file = file or File(path=Path(path), synchronous=synchronous)
        self._hashed = keyed_hash(hash_key.reveal().encode())
        self._messages = Messages(self._hashed)
        new_row = self._messages.new_row
        self._preparing = Preparing(new_row, counters.taken_by, self._hashed)
        self._adding = Adding(self._messages, keep_keys)
        self._queue = Queue(self._messages)
        self._writer = Desk(self._file, "BEGIN IMMEDIATE", self._spoil)
        self._reader = Desk(self._file, "BEGIN")
        self._news = News(self._reader)

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
        new = self._preparing.new(record, takes, at, lease)
        addition = await self._writer.run(partial(self._adding.add, new=new))
        self._news.tell()
        return addition

    async def add_all(self, entries: Sequence[Entry]) -> list[Addition | NotifyError]:
        """Record many messages in one step, each as `add` would, in this order.

        Raises:
            StoreUnavailable: The file cannot be written; nothing was recorded.
        """
        given = [self._preparing.new_or_error(entry) for entry in entries]
        additions = await self._writer.run(partial(self._adding.add_all, given=given))
        self._news.tell()
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
        found = by_own_id(await self.get(reference), account)
        return found or await self._last("reference", account, reference)

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

    async def keep_inbound(self, kept: Inbound, hold: Hold | None = None) -> bool:
        """Keep a reply, and what follows from it; tell whether it is new."""
        return await self._writer.run(
            partial(inbound.keep, kept=kept, hold=hold, hashed=self._hashed)
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
        self._news.tell()

    async def next_due(self) -> datetime | None:
        """Return when the next message or lease is due; None: nothing is ahead."""
        return await self._reader.run(self._queue.next_due)

    async def wait(self, seconds: float) -> None:
        """Return when this or another process wrote, or the time is over."""
        await self._news.wait(seconds)

    async def aclose(self) -> None:
        """Write what was given, and close; twice is harmless."""
        await self._writer.aclose()
        await self._reader.aclose()

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
        if change.after.attempts is change.before.attempts:
            return change
        # In the same transaction: what is parked after it finds the attempt.
        has_parked = self._has_parked(database, change.after)
        return Change(change.before, change.after, has_parked)

    def _has_parked(self, database: sqlite3.Connection, record: Record) -> bool | None:
        """Tell whether a receipt waits for the last attempt; None: it is under way."""
        if not record.attempts:
            return None
        last = record.attempts[-1]
        if last.state is AttemptState.SUBMITTING:
            return None
        address = self._hashed(record.recipient.address) if is_open(last) else None
        names = (last.provider_id, last.reference, address)
        return parking.is_parked(database, last.account, names)

    async def _last(self, kind: str, account: str, name: str) -> Found | None:
        return await self._reader.run(
            partial(self._messages.last, kind=kind, account=account, name=name)
        )

    def _spoil(self) -> None:
        """Start afresh after a failure, in the writer's thread."""
        self._messages.forget()
        # What it has open may keep the writer from writing, as a read-only index does.
        self._reader.reopen()

    def _hash(self, address: str | None) -> str | None:
        return None if address is None else self._hashed(address)
