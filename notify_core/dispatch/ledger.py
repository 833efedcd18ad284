"""The one door to a record: it changes facts and tells who waits or watches."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, cast

import attrs

from notify_core.clock import Clock
from notify_core.errors import StoreUnavailable
from notify_core.model.event import Event, Settled
from notify_core.model.outcome import Reason
from notify_core.model.status import Status
from notify_core.outbox.port import Addition, Change, DurableOutbox, Lease, Outbox
from notify_core.outbox.record import Record
from notify_core.policy.take import Take

#: Seconds between two looks at a message that another process may change.
LOOK_EVERY = 0.25

#: How a record stands before anything was done about it.
_NEW: dict[str, Any] = {"planned": Status.CREATED, "final": False}


class Ledger:
    """Changes records in the outbox and tells observers when a status changed."""

    def __init__(
        self, outbox: Outbox, observe: Callable[[Event], None], clock: Clock
    ) -> None:
        self.outbox = outbox
        self.observe = observe
        self._clock = clock
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    async def add(
        self,
        record: Record,
        takes: tuple[Take, ...] = (),
        at: datetime | None = None,
        lease: Lease | None = None,
    ) -> Addition:
        """Record a message, claimed at once if a lease is given.

        A caller that is cancelled meanwhile withdraws it.
        """
        try:
            if lease is None:
                return await self.outbox.add(record, takes, at)
            return await self._durable.add(record, takes, at, lease)
        except asyncio.CancelledError:
            await self.withdraw(record)
            raise

    async def withdraw(self, record: Record) -> None:
        """Cancel a message of which nobody knows whether it was recorded."""
        with suppress(KeyError, StoreUnavailable):
            await self.change(record.message.id, lambda r: _withdrawn(r, record))

    async def change(
        self,
        message: str,
        to: Callable[[Record], Record],
        *told: Event,
        epoch: int | None = None,
    ) -> Record:
        """Change a record as `changed` does, and return what stands then."""
        return (await self.changed(message, to, *told, epoch=epoch)).after

    async def changed(
        self,
        message: str,
        to: Callable[[Record], Record],
        *told: Event,
        epoch: int | None = None,
    ) -> Change:
        """Apply a pure function to a record and return what it changed.

        Observers are told the given events first, then a change of status.

        Args:
            message: Its id.
            to: The function.
            told: The events.
            epoch: The number of the run that writes; None for facts that are true
                whoever has the message.

        Raises:
            LeaseLost: A later run has the message.
        """
        try:
            if epoch is None:
                change = await self.outbox.change(message, to)
            else:
                change = await self._durable.change(message, to, epoch)
        finally:
            # They happened, even if that could not be stored.
            for event in told:
                self.observe(event)
        if change.after.is_closed and _differs(change):
            self.observe(self._settled(change))
            for waiting in self._waiting.get(message, ()):
                waiting.set()
        return change

    def tell_settled(self, record: Record) -> None:
        """Tell observers of a message that was recorded at its end."""
        self.observe(self._settled(Change(attrs.evolve(record, **_NEW), record)))

    async def awaited(
        self,
        record: Record,
        reached: Callable[[Record], bool],
        seconds: float | None,
    ) -> Record:
        """Return the record once it is *reached*, or as it is after *seconds*."""
        if reached(record):
            return record  # as given: what is stored of a code has no words any more
        message = record.message.id
        changed = asyncio.Event()
        self._waiting[message].add(changed)
        try:
            async with asyncio.timeout(seconds):
                while not reached(record := await self._current(record)):
                    await self._news(changed)
                    changed.clear()
        except TimeoutError:
            record = await self._current(record)
        finally:
            self._waiting[message].discard(changed)
            if not self._waiting[message]:
                del self._waiting[message]
        return record

    async def _news(self, changed: asyncio.Event) -> None:
        """Wait for a change in this process, or a while for one in another."""
        if not self.outbox.durable:
            await changed.wait()
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(changed.wait(), LOOK_EVERY)

    @property
    def _durable(self) -> DurableOutbox:
        # Leases and epochs are only made where the outbox is one.
        return cast("DurableOutbox", self.outbox)

    async def _current(self, record: Record) -> Record:
        try:
            return await self.outbox.get(record.message.id) or record
        except StoreUnavailable:
            # It was sent: what is known of it is worth more than an error.
            return record

    def _settled(self, change: Change) -> Settled:
        before, after = change.before, change.after
        return Settled(
            message=after.message.id,
            channel=after.message.channel,
            kind=after.kind,
            route=after.route,
            status=after.status,
            final=after.final,
            previous=before.status if before.is_closed else None,
            previous_final=before.final,
            reason=after.telling_reason,
            metadata=after.message.metadata,
            duration=(self._clock.now() - after.accepted_at).total_seconds(),
        )


def _withdrawn(stored: Record, given: Record) -> Record:
    """Return a message cancelled before anything was written, if it is that one."""
    if stored != given:
        return stored
    return stored.moved((), Status.CANCELED, reason=Reason.CANCELED, final=True)


def _differs(change: Change) -> bool:
    before, after = change.before, change.after
    told, tells = (before.status, before.final), (after.status, after.final)
    return told != tells or not before.is_closed
