"""Finds out what became of messages whose answer was lost: one task for all."""

from __future__ import annotations

import asyncio
import heapq
import logging
from datetime import datetime, timedelta
from itertools import count

import attrs

from notify_core.clock import Clock
from notify_core.config.snapshot import Snapshot
from notify_core.dispatch.closing import ways_to_settle
from notify_core.dispatch.ledger import Ledger
from notify_core.errors import NotifyError
from notify_core.outbox.port import Found
from notify_core.outbox.record import Record, is_open
from notify_core.policy.policy_set import PolicySet, Settling
from notify_core.provider import SupportsQuery
from notify_core.receipts import Receipts
from notify_core.unit import Units

#: Between two questions to the vendor: the first pause, doubled each time.
FIRST_PAUSE = timedelta(seconds=2)
#: Questions under way at once.
AT_ONCE = 16

log = logging.getLogger("notify_core.settler")


@attrs.frozen(kw_only=True)
class _Case:
    """An attempt whose answer was lost."""

    message: str
    number: int
    asks: bool
    until: datetime
    pause: timedelta = FIRST_PAUSE


class Settler:
    """Asks and waits until every lost answer is known or its time is up."""

    def __init__(
        self,
        snapshot: Snapshot,
        units: Units,
        ledger: Ledger,
        receipts: Receipts,
        clock: Clock,
    ) -> None:
        self._snapshot = snapshot
        self._units = units
        self._ledger = ledger
        self._receipts = receipts
        self._clock = clock
        self._due: list[tuple[datetime, int, _Case]] = []
        self._order = count()
        self._news = asyncio.Event()

    def watch(self, record: Record, policy: PolicySet) -> None:
        """Take up a message that ended `submit_unknown`; others need nothing."""
        if not record.is_unsettled:
            return
        until = self._clock.now() + policy.on_unknown.window(record.kind)
        for attempt in record.attempts:
            if is_open(attempt):
                ways = ways_to_settle(attempt, self._snapshot, policy)
                self._plan(
                    _Case(
                        message=record.message.id,
                        number=attempt.number,
                        asks=Settling.QUERY in ways,
                        until=until,
                    )
                )

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._next_due()
            now = self._clock.now()
            ripe: list[_Case] = []
            while self._due and self._due[0][0] <= now and len(ripe) < AT_ONCE:
                ripe.append(heapq.heappop(self._due)[2])
            visits = (self._visit(case) for case in ripe)
            for failed in await asyncio.gather(*visits, return_exceptions=True):
                if isinstance(failed, BaseException):
                    log.error("settling failed: %s", type(failed).__name__)

    def _plan(self, case: _Case) -> None:
        at = self._clock.now() + case.pause if case.asks else case.until
        heapq.heappush(self._due, (min(at, case.until), next(self._order), case))
        self._news.set()

    async def _next_due(self) -> None:
        """Wait until the first case is due, or an earlier one may have come."""
        self._news.clear()
        waits: list[asyncio.Task[object]] = [asyncio.create_task(self._news.wait())]
        if self._due:
            seconds = (self._due[0][0] - self._clock.now()).total_seconds()
            waits.append(asyncio.create_task(self._sleep(max(0.0, seconds))))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)

    async def _visit(self, case: _Case) -> None:
        record = await self._ledger.outbox.get(case.message)
        if record is None or not is_open(record.attempt(case.number)):
            return
        if case.asks and await self._ask(record, case):
            return
        if self._clock.now() < case.until:
            self._plan(attrs.evolve(case, pause=case.pause * 2))
            return
        await self._ledger.change(case.message, _given_up)

    async def _ask(self, record: Record, case: _Case) -> bool:
        """Ask the vendor; tell whether it knew."""
        attempt = record.attempt(case.number)
        unit = self._units[attempt.provider]
        if not isinstance(unit.provider, SupportsQuery):
            return False
        try:
            receipt = await unit.provider.query(attempt, record.recipient)
        except NotifyError as error:
            log.warning("provider %s: query failed: %s", attempt.provider, error)
            return False
        if receipt is None:
            return False
        found = Found(record=record, number=case.number)
        await self._receipts.take_answer(unit.settings, found, receipt)
        return True


def _given_up(record: Record) -> Record:
    return attrs.evolve(record, final=True)
