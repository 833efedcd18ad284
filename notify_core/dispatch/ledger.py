"""The one door to a record: it changes facts and tells who waits or watches."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable

from notify_core.clock import Clock
from notify_core.errors import StoreUnavailable
from notify_core.model.event import Event, Settled
from notify_core.outbox.port import Change, Outbox
from notify_core.outbox.record import Record


class Ledger:
    """Changes records in the outbox and tells observers when a status changed."""

    def __init__(
        self, outbox: Outbox, observe: Callable[[Event], None], clock: Clock
    ) -> None:
        self.outbox = outbox
        self.observe = observe
        self._clock = clock
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    async def change(
        self, message: str, to: Callable[[Record], Record], *told: Event
    ) -> Record:
        """Apply a pure function to a record and return what stands then.

        Observers are told the given events first, then a change of status.
        """
        try:
            change = await self.outbox.change(message, to)
        finally:
            # They happened, even if that could not be stored.
            for event in told:
                self.observe(event)
        if change.after.is_closed and _differs(change):
            self.observe(self._settled(change))
            for waiting in self._waiting.get(message, ()):
                waiting.set()
        return change.after

    async def awaited(
        self,
        record: Record,
        reached: Callable[[Record], bool],
        seconds: float | None,
    ) -> Record:
        """Return the record once it is *reached*, or as it is after *seconds*."""
        message = record.message.id
        changed = asyncio.Event()
        self._waiting[message].add(changed)
        try:
            async with asyncio.timeout(seconds):
                while not reached(record := await self._current(record)):
                    await changed.wait()
                    changed.clear()
        except TimeoutError:
            record = await self._current(record)
        finally:
            self._waiting[message].discard(changed)
            if not self._waiting[message]:
                del self._waiting[message]
        return record

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


def _differs(change: Change) -> bool:
    before, after = change.before, change.after
    told, tells = (before.status, before.final), (after.status, after.final)
    return told != tells or not before.is_closed
