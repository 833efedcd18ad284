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
from notify_core.model.event import PluginFailed
from notify_core.model.receipt import Receipt
from notify_core.outbox.port import Found
from notify_core.outbox.record import Record, is_open
from notify_core.policy.policy_set import PolicySet, Settling
from notify_core.provider import SupportsQuery
from notify_core.receipts import Receipts, checked
from notify_core.unit import Unit, Units

#: Between two questions to the vendor: the first pause, doubled each time.
FIRST_PAUSE = timedelta(seconds=2)
#: Seconds that a provider may take to answer a question.
LONGEST_ANSWER = 10.0
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
            ends = await asyncio.gather(*visits, return_exceptions=True)
            for case, failure in zip(ripe, ends, strict=True):
                if failure is not None:
                    self._postpone(case, failure)

    def _plan(self, case: _Case) -> None:
        at = self._clock.now() + case.pause if case.asks else case.until
        self._put(min(at, case.until), case)

    def _postpone(self, case: _Case, failure: BaseException) -> None:
        """Try again later what could not be stored; nobody else would."""
        kind = type(failure).__name__
        log.warning("message %s: not settled yet: %s", case.message, kind)
        self._put(self._clock.now() + case.pause, _slower(case))

    def _put(self, at: datetime, case: _Case) -> None:
        heapq.heappush(self._due, (at, next(self._order), case))
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
        record = await self._open(case)
        if record is not None and case.asks:
            await self._ask(record, case)
            record = await self._open(case)
        if record is None:
            return
        if self._clock.now() < case.until:
            self._plan(_slower(case))
        else:
            await self._ledger.change(case.message, _given_up)

    async def _open(self, case: _Case) -> Record | None:
        """Return the record while nothing was heard of the case's attempt."""
        record = await self._ledger.outbox.get(case.message)
        is_known = record is None or not is_open(record.attempt(case.number))
        return None if is_known else record

    async def _ask(self, record: Record, case: _Case) -> None:
        """Ask the vendor, and apply what it knows."""
        found = Found(record=record, number=case.number)
        unit = self._units[record.attempt(case.number).provider]
        receipt = await self._answer(unit, found)
        if receipt is not None:
            await self._receipts.take_answer(unit.settings, found, receipt)

    async def _answer(self, unit: Unit, found: Found) -> Receipt | None:
        if not isinstance(unit.provider, SupportsQuery):
            return None
        attempt, recipient = found.record.attempt(found.number), found.record.recipient
        try:
            async with asyncio.timeout(LONGEST_ANSWER):
                receipt = await unit.provider.query(attempt, recipient)
            return None if receipt is None else checked(receipt)
        except NotifyError as error:
            log.warning("provider %s: query failed: %s", attempt.provider, error)
        except Exception as error:  # noqa: BLE001 (a stranger's code must not lose a message)
            kind, plugin = type(error).__name__, unit.settings.type.name
            self._ledger.observe(PluginFailed(plugin=plugin, hook="query", error=kind))
        return None


def _slower(case: _Case) -> _Case:
    return attrs.evolve(case, pause=case.pause * 2)


def _given_up(record: Record) -> Record:
    return attrs.evolve(record, final=True) if record.is_unsettled else record
