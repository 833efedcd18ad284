"""The runs of this process, each with its lease on a message."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from notify_core.clock import Clock
from notify_core.errors import StoreUnavailable
from notify_core.outbox.owner import new_owner
from notify_core.outbox.port import Claimed, DurableOutbox, Lease

#: How long a message stays with a process of which nothing is heard.
SPAN = timedelta(seconds=15)
#: Seconds between two renewals, and after one that failed: a store may take five
#: seconds to say that it is away, and two may fail before a lease ends.
RENEW_EVERY, AGAIN_AFTER = 4.0, 1.0
#: The number of the run that begins when a message is recorded.
FIRST = 1

log = logging.getLogger("notify_core.dispatch")


class Leases:
    """Renews the leases of all runs until they end; one task for all.

    A run that lost its lease learns of it at its next write, which is refused.

    Attributes:
        owner: Who works here; see `new_owner`.
    """

    def __init__(self, outbox: DurableOutbox, clock: Clock) -> None:
        self._outbox = outbox
        self._clock = clock
        self._runs: dict[str, int] = {}
        self.owner = new_owner()

    def lease(self) -> Lease:
        """Return a lease that begins now."""
        return Lease(owner=self.owner, until=self._clock.now() + SPAN)

    @contextmanager
    def held(self, message: str, epoch: int) -> Iterator[None]:
        """Renew the lease of a run until it is left."""
        self.hold(message, epoch)
        try:
            yield
        finally:
            self.leave(message, epoch)

    def hold(self, message: str, epoch: int) -> None:
        """Renew the lease of a run from now on."""
        self._runs[message] = epoch

    def leave(self, message: str, epoch: int) -> None:
        """Renew it no more."""
        if self._runs.get(message) == epoch:
            del self._runs[message]

    async def claimed(self, limit: int) -> list[Claimed]:
        """Take messages that are due, and hold their leases.

        What is taken though the caller is cancelled meanwhile is given back.

        Raises:
            StoreUnavailable: The store is away.
        """
        claim = self._outbox.claim(self.lease(), self._clock.now(), limit)
        taking = asyncio.ensure_future(claim)
        try:
            claims = await asyncio.shield(taking)
        except asyncio.CancelledError:
            await self._give_back(taking)
            raise
        for one in claims:
            self.hold(one.record.message.id, one.epoch)
        return claims

    async def _give_back(self, taking: asyncio.Future[list[Claimed]]) -> None:
        with suppress(StoreUnavailable):
            for one in await taking:
                await self.hand_back(one.record.message.id, one.epoch)

    async def hand_back(self, message: str, epoch: int) -> None:
        """Give a message back; if the store is away, its lease ends by itself."""
        self.leave(message, epoch)
        with suppress(StoreUnavailable):
            await self._outbox.hand_back(message, epoch)

    async def run(self) -> None:
        """Work until cancelled."""
        pause = RENEW_EVERY
        while True:
            # By the machine's time, whatever clock a test has: other processes wait.
            await asyncio.sleep(pause)
            pause = RENEW_EVERY
            try:
                await self._renew()
            except StoreUnavailable as error:
                log.warning("leases are not renewed: %s", error)
                pause = min(pause, AGAIN_AFTER)

    async def _renew(self) -> None:
        runs = dict(self._runs)
        if not runs:
            return
        kept = await self._outbox.renew(runs, self.lease())
        for message in runs.keys() - kept:
            self.leave(message, runs[message])
