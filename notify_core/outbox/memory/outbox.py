"""The outbox in this process's memory."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime, timedelta
from itertools import count

from notify_core.errors import InvalidMessage
from notify_core.model.status import Status
from notify_core.outbox.counters import refusals
from notify_core.outbox.inbound import Inbound, InboundFilter, InboundPage
from notify_core.outbox.listing import MessageFilter, Page, fits, page_of
from notify_core.outbox.memory.inbox import Inbox
from notify_core.outbox.memory.keys import Keys
from notify_core.outbox.memory.names import Names, Place
from notify_core.outbox.memory.parking import Parking
from notify_core.outbox.memory.takings import Takings
from notify_core.outbox.paging import Cursor
from notify_core.outbox.pausing import Pausing
from notify_core.outbox.port import ADDED, Addition, Change, Found, Hold, Parked
from notify_core.outbox.record import Erased, Record
from notify_core.outbox.repetition import USED_ID
from notify_core.outbox.retention import (
    AT_ONCE,
    USUAL,
    Retention,
    Stage,
    at_rest,
    erased,
    forgotten,
    is_due,
    next_stage,
)
from notify_core.policy.counter_key import PROCESS_HASH
from notify_core.policy.take import Refused, Take

#: Messages kept for receipts to come; the oldest that are not being sent go first.
KEPT_MESSAGES = 20_000


class MemoryOutbox(Pausing):
    """Keeps the last messages, for hosts that want no durability, and for tests.

    Args:
        keep: How many.
        keep_keys: How long an idempotency key is remembered, at most.
    """

    #: Whether messages survive the process.
    durable = False

    def __init__(
        self, keep: int = KEPT_MESSAGES, keep_keys: timedelta = USUAL.idempotency
    ) -> None:
        self._keep = keep
        self._records: OrderedDict[str, Record] = OrderedDict()
        self._names = Names()
        #: Where each record stands among those that were accepted at the same time.
        self._places: dict[str, int] = {}
        self._next_place = count(1)
        #: Hashes of the addresses that were erased.
        self._erased: dict[str, str] = {}
        self._keys = Keys(keep_keys)
        self._parked = Parking()
        self._inbox = Inbox()
        self._takings = Takings()

    async def add(
        self, record: Record, takes: tuple[Take, ...] = (), at: datetime | None = None
    ) -> Addition:
        """Record a message and take from its counters: all of it, or nothing.

        Raises:
            IdempotencyConflict: That one says something else.
            InvalidMessage: Its id is that of another message.
        """
        message, now = record.message.id, record.accepted_at
        holder = self._keys.holder_of(record.message, now)
        known = None if holder is None else self._records.get(holder)
        if known is not None:
            return Addition(known=known)
        if message in self._records:
            raise InvalidMessage([USED_ID])
        if takes:
            refused = self._takings.take(message, takes, at or now, now)
            if refused:
                return Addition(refused=refused)
        self._keys.keep(record.message, now)
        self._records[message] = stored = at_rest(record)
        self._places[message] = next(self._next_place)
        for attempt in stored.attempts:
            self._names.add(stored, attempt)
        if len(self._records) > self._keep:
            self._forget_oldest()
        return ADDED

    async def change(self, message: str, to: Callable[[Record], Record]) -> Change:
        """Apply a pure function to a record."""
        before = self._records[message]
        after = to(before)
        self._replace(before, at_rest(after, before))
        return Change(before, after)

    async def get(self, message: str) -> Record | None:
        """Return a record by the message's id."""
        return self._records.get(message)

    async def by_provider_id(self, account: str, provider_id: str) -> Found | None:
        """Return the attempt that the vendor knows by this id."""
        return self._found(self._names.by_provider_id.get((account, provider_id)))

    async def by_reference(self, account: str, reference: str) -> Found | None:
        """Return the last attempt at the account that we gave this reference."""
        return self._found(self._names.by_reference.get((account, reference)))

    async def open_unknown(self, account: str, address: str) -> list[Found]:
        """Return the attempts to this address whose answer was lost."""
        places = self._names.unknown.get((account, address), ())
        return [found for place in sorted(places) if (found := self._found(place))]

    async def park(self, parked: Parked) -> None:
        """Keep a receipt that matches nothing yet."""
        self._parked.add(parked)

    async def take_parked(
        self,
        account: str,
        *,
        provider_id: str | None,
        reference: str | None,
        address: str | None,
    ) -> list[Parked]:
        """Remove and return the parked receipts that name any of these."""
        return self._parked.take(account, (provider_id, reference, address))

    async def keep_inbound(self, kept: Inbound, hold: Hold | None = None) -> bool:
        """Keep a reply, and what follows from it; tell whether it is new."""
        is_new = self._inbox.keep(kept)
        if is_new and hold is not None:
            self._takings.hold(hold)
        return is_new

    async def inbound(self, asked: InboundFilter) -> InboundPage:
        """Return the replies that are asked for, newest first, a page at a time."""
        return self._inbox.page(asked)

    async def hold(self, hold: Hold) -> None:
        """Keep a counter taken; a hold on the same counter is replaced."""
        self._takings.hold(hold)

    async def release(self, counter: str) -> bool:
        """End a hold; tell whether there was one."""
        return self._takings.release(counter)

    async def holds(self, at: datetime, prefix: str = "") -> list[Hold]:
        """Return the holds that stand at that time, oldest first."""
        return self._takings.holds(at, prefix)

    async def refused(self, takes: tuple[Take, ...], at: datetime) -> Refused:
        """Return those of the takes for which there is no room; nothing is taken."""
        return refusals(takes, at, self._takings)

    async def unsettled(self) -> list[str]:
        """Return the ids of messages that may have been sent, and nobody knows yet."""
        return [
            key
            for key, record in self._records.items()
            if record.is_unsettled or not record.is_closed
        ]

    async def messages(self, asked: MessageFilter) -> Page:
        """Return the messages that are asked for, newest first, a page at a time."""
        found = [
            (Cursor(record.accepted_at, self._places[message]), record)
            for message, record in self._records.items()
            if fits(record, asked) and self._is_asked_for(record, asked)
        ]
        found.sort(key=_cursor, reverse=True)
        return page_of(found, asked.limit)

    async def counts(self) -> Mapping[Status, int]:
        """Return how many messages are in each status, of those that are not final."""
        return Counter(r.status for r in self._records.values() if not r.final)

    async def erase(self, retention: Retention, now: datetime, limit: int) -> int:
        """Erase what was kept long enough: so many records at most, of all kinds."""
        done = 0
        async for message in self._looked_through():
            record = self._records.get(message)
            if done < limit and record is not None and is_due(record, retention, now):
                self._erase(record)
                done += 1
        old = now - retention.content
        done += self._parked.purge(old, limit - done)
        return done + self._inbox.purge(old, limit - done)

    async def _looked_through(self) -> AsyncIterator[str]:
        """Yield the messages, and let others work in between."""
        for number, message in enumerate(tuple(self._records), 1):
            yield message
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)

    def _erase(self, record: Record) -> None:
        if next_stage(record) is Stage.ROW:
            self._forget(record.message.id, record)
        else:
            self._replace(record, erased(record))

    async def forget(self, address: str) -> int:
        """Erase one person: what is recorded of messages to an address, now."""
        records = [r for r in self._records.values() if self._is_to(r, address)]
        for record in records:
            self._replace(record, forgotten(record))
            self._erased.pop(record.message.id, None)
            self._keys.drop(record.message.id)
        self._parked.forget(address)
        self._inbox.forget(address)
        return len(records)

    def _is_asked_for(self, record: Record, asked: MessageFilter) -> bool:
        """Tell what only the outbox knows: its place, and the address it had."""
        cursor = Cursor(record.accepted_at, self._places[record.message.id])
        if asked.after is not None and cursor >= asked.after:
            return False
        return asked.address is None or self._is_to(record, asked.address)

    def _is_to(self, record: Record, address: str) -> bool:
        if record.recipient.address == address:
            return True
        return self._erased.get(record.message.id) == PROCESS_HASH(address)

    def _replace(self, before: Record, after: Record) -> None:
        message = after.message.id
        self._records[message] = after
        is_told_apart = after.erased is Erased.ADDRESS and before.erased != after.erased
        if is_told_apart:
            self._erased[message] = PROCESS_HASH(before.recipient.address)
        dropped = before.attempts[len(after.attempts) :]
        for attempt in before.attempts if is_told_apart else dropped:
            self._names.drop(before, attempt)
        for attempt in after.attempts:
            number = attempt.number
            known = before.attempts[number - 1 : number]
            if dropped or is_told_apart or not known or known[0] is not attempt:
                self._names.add(after, attempt)
        if self._takings.is_taker(message) and after.gives_back:
            self._takings.give_back(message)

    def _found(self, place: Place | None) -> Found | None:
        if place is None or (record := self._records.get(place[0])) is None:
            return None
        return Found(record=record, number=place[1])

    def _forget_oldest(self) -> None:
        for key, record in self._records.items():
            if record.is_closed:
                self._forget(key, record)
                return

    def _forget(self, key: str, record: Record) -> None:
        del self._records[key], self._places[key]
        for attempt in record.attempts:
            self._names.drop(record, attempt)
        self._erased.pop(key, None)
        self._keys.drop(key)


def _cursor(found: tuple[Cursor, Record]) -> Cursor:
    return found[0]
