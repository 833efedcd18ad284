"""Keeps house in an outbox: one task for all."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from typing import cast

import attrs

from notify_core.clock import Clock
from notify_core.errors import NotifyError
from notify_core.model.event import Event, OutboxRead
from notify_core.outbox.port import DurableOutbox, Outbox
from notify_core.outbox.retention import AT_ONCE, Retention

#: Seconds between two rounds.
EVERY = 15.0
#: Seconds after which somebody should have taken up what is due.
OVERDUE = 60.0
#: Seconds between two steps of erasing: others write meanwhile.
BREATH = 0.05

log = logging.getLogger("notify_core.outbox")


@attrs.define(kw_only=True)
class Keeper:
    """Erases what was kept long enough, and tells observers what is in the outbox.

    What nobody takes up is told in the log too: who only sends needs a worker beside.
    """

    outbox: Outbox
    #: How long messages are kept, as the configuration of the moment has it.
    retention: Callable[[], Retention]
    observe: Callable[[Event], None]
    clock: Clock
    _is_overdue: bool = attrs.field(default=False, init=False)

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                await self.round()
            except Exception as error:  # noqa: BLE001 (a stranger's store must not end the task)
                # Only our own words are known to carry no secret.
                why = error if isinstance(error, NotifyError) else type(error).__name__
                log.warning("the outbox was not tidied up: %s", why)
            await asyncio.sleep(EVERY)

    async def round(self) -> None:
        """Do all that is due now.

        Raises:
            StoreUnavailable: The rest is left for the next round.
        """
        now = self.clock.now()
        if self.outbox.durable:
            found = await read(cast("DurableOutbox", self.outbox), now)
            self.observe(found)
            self._warn(found.oldest_age)
        while await self.outbox.erase(self.retention(), now, AT_ONCE) == AT_ONCE:  # noqa: ASYNC110 (a breath, no wait)
            await asyncio.sleep(BREATH)

    def _warn(self, age: float) -> None:
        """Tell of what is overdue, once until it is worked off."""
        if age >= OVERDUE and not self._is_overdue:
            log.warning(
                "a message has been due for %d s: see that a worker runs, as "
                "`notify worker`, and keeps up; it also settles what got no answer",
                age,
            )
        self._is_overdue = age >= OVERDUE


async def read(outbox: DurableOutbox, now: datetime) -> OutboxRead:
    """Return what is in an outbox.

    Raises:
        StoreUnavailable: It cannot tell.
    """
    counts, due = await outbox.counts(), await outbox.next_due()
    return OutboxRead(messages=counts, oldest_age=oldest_age(due, now), at=now)


def oldest_age(due: datetime | None, now: datetime) -> float:
    """Return for how many seconds what is due first has been due."""
    return 0.0 if due is None else max(0.0, (now - due).total_seconds())
