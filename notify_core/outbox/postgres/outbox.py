"""The outbox in a PostgreSQL database."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar
from weakref import WeakKeyDictionary

from notify_core.errors import NotifyError, StoreUnavailable
from notify_core.model.status import Status
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
from notify_core.outbox.postgres import counters, inbound, listing, parking
from notify_core.outbox.postgres.adding import Adding
from notify_core.outbox.postgres.changing import Changing, Wanted
from notify_core.outbox.postgres.desk import Desk
from notify_core.outbox.postgres.erasing import Erasing
from notify_core.outbox.postgres.messages import Messages
from notify_core.outbox.postgres.moment import Moment
from notify_core.outbox.postgres.names import plain
from notify_core.outbox.postgres.schema import Schema
from notify_core.outbox.postgres.server import TIMEOUT, Connection, Server
from notify_core.outbox.postgres.sweep import Sweep
from notify_core.outbox.postgres.swift import Swift
from notify_core.outbox.preparing import Preparing
from notify_core.outbox.record import Record
from notify_core.outbox.retention import USUAL, Retention
from notify_core.outbox.stored import by_own_id
from notify_core.policy.counter_key import keyed_hash
from notify_core.policy.take import Refused, Take
from notify_core.secret import Secret

T = TypeVar("T")

_UNSETTLED = """
SELECT id FROM notify_core.messages WHERE NOT final
    AND status IN ('created', 'deferred', 'submitting', 'submit_unknown')
ORDER BY place"""

log = logging.getLogger("notify_core.outbox")

#: Connections that a fork brought along: the parent's, and not to be touched here.
_PARENTS: list[object] = []


class PostgresOutbox(Pausing):
    """Keeps messages in a database, for any number of processes on any machines.

    The tables are made when it is first used, in the schema `notify_core`. Messages go
    by the callers' time: keep the machines' clocks together.

    Args:
        url: `postgresql://user:password@host:port/database?…`, as libpq has it.
        hash_key: Makes the hashes of addresses, idempotency keys and their contents;
            16 bytes or more, and the same for as long as the database lives.
        keep_keys: How long an idempotency key is remembered.
        timeout: Seconds for a transaction, and for connecting.

    Raises:
        ValueError: The hash key is too short.
    """

    #: Whether messages survive the process.
    durable = True

    def __init__(
        self,
        url: str,
        hash_key: Secret,
        *,
        keep_keys: timedelta = USUAL.idempotency,
        timeout: float = TIMEOUT,
    ) -> None:
        self._server = Server(url=url, timeout=timeout)
        self._hashed = keyed_hash(hash_key.reveal().encode())
        self._schema = Schema()
        self._messages = Messages(self._hashed)
        self._moment = Moment()
        new_row = self._messages.new_row
        self._preparing = Preparing(new_row, counters.taken_by, self._hashed)
        self._adding = Adding(self._messages, self._hashed, keep_keys, self._moment)
        self._changing = Changing(self._messages, self._moment)
        self._erasing = Erasing(self._messages, self._changing)
        self._swift = Swift(self._messages, self._changing)
        self._sweep = Sweep()
        self._desks: WeakKeyDictionary[asyncio.AbstractEventLoop, Desk]
        self._desks, self._pid = WeakKeyDictionary(), os.getpid()

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
            StoreUnavailable: The database failed; nothing was recorded, unless the
                connection was lost while that was being confirmed.
        """
        new = self._preparing.new(record, takes, at, lease)
        (addition,) = await self._desk.additions.do([new])
        await self._sweep_up(record.accepted_at)
        if isinstance(addition, NotifyError):
            raise addition
        return addition

    async def add_all(self, entries: Sequence[Entry]) -> list[Addition | NotifyError]:
        """Record many messages in one step, each as `add` would, in this order.

        Raises:
            StoreUnavailable: The database failed, as with `add`.
        """
        if not entries:
            return []
        given = [self._preparing.new_or_error(entry) for entry in entries]
        additions = await self._desk.additions.do(given)
        await self._sweep_up(entries[-1].record.accepted_at)
        return additions

    async def change(
        self, message: str, to: Callable[[Record], Record], epoch: int | None = None
    ) -> Change:
        """Apply a pure function to a record; it may be called twice.

        Raises:
            KeyError: No such message.
            LeaseLost: It was claimed since by a later run than *epoch*.
            StoreUnavailable: The database failed; nothing was changed, unless the
                connection was lost while that was being confirmed.
        """
        return await self._desk.changes.do(Wanted(message, to, epoch))

    async def get(self, message: str) -> Record | None:
        """Return a record by the message's id."""
        found = await self._ask(partial(self._messages.whole, ids=[message]))
        return found.get(message)

    async def by_provider_id(self, account: str, provider_id: str) -> Found | None:
        """Return the attempt that the vendor knows by this id."""
        return await self._last("provider_id", account, provider_id)

    async def by_reference(self, account: str, reference: str) -> Found | None:
        """Return the last attempt at the account that we gave this reference."""
        found = by_own_id(await self.get(plain(reference)), account)
        return found or await self._last("reference", account, reference)

    async def open_unknown(self, account: str, address: str) -> list[Found]:
        """Return the attempts to this address whose answer was lost."""
        return await self._find("address", account, address)

    async def park(self, parked: Parked) -> None:
        """Keep a receipt that matches nothing yet."""
        address = self._hash(parked.receipt.recipient)
        await self._run(partial(parking.park, parked=parked, address=address))

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
        # Asked first: nearly always there are none, and writers need not wait.
        if not await self._desk.looks.do((account, *names)):
            return []
        return await self._run(
            partial(parking.take_parked, account=account, names=names)
        )

    async def keep_inbound(self, kept: Inbound, hold: Hold | None = None) -> bool:
        """Keep a reply, and what follows from it; tell whether it is new."""
        return await self._run(
            partial(inbound.keep, kept=kept, hold=hold, hashed=self._hashed)
        )

    async def inbound(self, asked: InboundFilter) -> InboundPage:
        """Return the replies that are asked for, newest first, a page at a time."""
        address = self._hash(asked.sender)
        return await self._ask(partial(inbound.page, asked=asked, address=address))

    async def hold(self, hold: Hold) -> None:
        """Keep a counter taken; a hold on the same counter is replaced."""
        await self._run(partial(counters.hold, held=hold))

    async def release(self, counter: str) -> bool:
        """End a hold; tell whether there was one."""
        return await self._run(partial(counters.release, counter=counter))

    async def holds(self, at: datetime, prefix: str = "") -> list[Hold]:
        """Return the holds that stand at that time, oldest first."""
        return await self._ask(partial(counters.holds, at=at, prefix=prefix))

    async def refused(self, takes: tuple[Take, ...], at: datetime) -> Refused:
        """Return those of the takes for which there is no room; nothing is taken."""
        return await self._ask(partial(counters.refused, takes=takes, at=at))

    async def unsettled(self) -> list[str]:
        """Return the ids of messages that may have been sent, and nobody knows yet."""

        async def unsettled(connection: Connection) -> list[str]:
            return [row[0] for row in await connection.fetch(_UNSETTLED)]

        return await self._ask(unsettled)

    async def messages(self, asked: MessageFilter) -> Page:
        """Return the messages that are asked for, newest first, a page at a time."""
        address = self._hash(asked.address)
        return await self._ask(partial(listing.messages, asked=asked, address=address))

    async def counts(self) -> Mapping[Status, int]:
        """Return how many messages are in each status, of those that are not final."""
        return await self._ask(listing.counts)

    async def erase(self, retention: Retention, now: datetime, limit: int) -> int:
        """Erase what was kept long enough: so many records at most, of all kinds."""
        return await self._run(
            partial(self._erasing.erase, retention=retention, now=now, limit=limit)
        )

    async def forget(self, address: str) -> int:
        """Erase one person: what is recorded of messages to an address, now."""
        return await self._erasing.forget(self._desk.writing, self._hashed(address))

    async def claim(self, lease: Lease, now: datetime, limit: int) -> list[Claimed]:
        """Take messages that are due, important ones first, four to one."""
        self._moment.note(now)
        await self._sweep_up(now)
        desk = self._desk
        desk.news.look()
        return await desk.claiming.claim(lease, now, limit)

    async def renew(self, runs: Mapping[str, int], lease: Lease) -> set[str]:
        """Prolong the leases of runs; return the messages that are still theirs."""
        return await self._desk.claiming.renew(runs, lease)

    async def hand_back(self, message: str, epoch: int) -> None:
        """Give a message back untouched: it is due again at once."""
        await self._desk.claiming.hand_back(message, epoch)

    async def next_due(self) -> datetime | None:
        """Return when the next message or lease is due; None: nothing is ahead."""
        return await self._ask(self._desk.claiming.next_due)

    async def wait(self, seconds: float) -> None:
        """Return when there may be something new to claim, or the time is over."""
        await self._desk.news.wait(seconds)

    async def aclose(self) -> None:
        """Write what was given, and close; twice is harmless."""
        own = self._desks.pop(asyncio.get_running_loop(), None)
        if own is not None and self._pid == os.getpid():
            await own.aclose()

    @property
    def _desk(self) -> Desk:
        """The connections of this loop; a fork makes its own."""
        if self._pid != os.getpid():
            _PARENTS.append(self._desks)
            self._desks, self._pid = WeakKeyDictionary(), os.getpid()
        loop = asyncio.get_running_loop()
        desk = self._desks.get(loop)
        if desk is None:
            parts = (self._messages, self._adding, self._swift)
            desk = Desk(self._server, self._schema, *parts)
            self._desks[loop] = desk
        return desk

    async def _sweep_up(self, now: datetime) -> None:
        if not self._sweep.is_due(now):
            return
        try:
            await self._run(partial(self._sweep.run, now=now))
        except StoreUnavailable as error:
            # What was asked for is done, or says so itself.
            log.warning("the outbox was not swept: %s", error)

    async def _run(self, operation: Callable[[Connection], Awaitable[T]]) -> T:
        return await self._desk.writing.run(operation)

    async def _ask(self, operation: Callable[[Connection], Awaitable[T]]) -> T:
        return await self._desk.questions.ask(operation)

    async def _last(self, kind: str, account: str, name: str) -> Found | None:
        found = await self._find(kind, account, name)
        return found[-1] if found else None

    async def _find(self, kind: str, account: str, name: str) -> list[Found]:
        return await self._ask(
            partial(self._messages.find, kind=kind, account=account, name=name)
        )

    def _hash(self, address: str | None) -> str | None:
        return None if address is None else self._hashed(address)
