"""Finds out what became of messages whose answer was lost: one task for all."""

from __future__ import annotations

import asyncio
import heapq
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from itertools import count

import attrs

from notify_core.dispatch.closing import given_up, ways_to_settle
from notify_core.dispatch.inquiry import inquire
from notify_core.dispatch.missing_receipts import TAKEN, is_polled, missing_from
from notify_core.dispatch.settling import FIRST_PAUSE
from notify_core.dispatch.surroundings import Surroundings
from notify_core.model.attempt import Attempt
from notify_core.outbox.port import Found
from notify_core.outbox.record import Record, is_open
from notify_core.policy.policy_set import PolicySet, Settling, Then

#: Questions under way at once.
AT_ONCE = 16

log = logging.getLogger("notify_core.settler")


@attrs.frozen(kw_only=True)
class _Case:
    """An attempt whose answer was lost, or whose receipt is waited for."""

    message: str
    number: int
    asks: bool
    #: When nothing was found out, another provider is asked.
    goes_on: bool
    until: datetime
    policy: PolicySet
    pause: timedelta = FIRST_PAUSE
    #: Whether nothing was heard yet.
    is_of: Callable[[Attempt], bool] = is_open


#: Goes on with a message that another provider may yet be asked for.
GoOn = Callable[[Record], Awaitable[Record]]


class Settler:
    """Asks and waits until every lost answer is known or its time is up.

    Args:
        around: What it works with, as the configuration of the moment has it.
        go_on: What follows where a policy set has it so.
        missed: Gives up the receipts of a record that should have come.
    """

    def __init__(
        self,
        around: Callable[[], Surroundings],
        go_on: GoOn,
        missed: Callable[[Record], Record],
    ) -> None:
        self._around = around
        self._go_on = go_on
        self._missed = missed
        self._ledger = around().ledger
        self._clock = around().clock
        self._due: list[tuple[datetime, int, _Case]] = []
        self._order = count()
        self._news = asyncio.Event()

    def watch(self, record: Record, policy: PolicySet) -> None:
        """Take up a message that ended `submit_unknown`, or waits for a receipt."""
        if record.settle_at is None:
            return
        for attempt in () if record.final else record.attempts:
            self._await_receipt(record, attempt, policy)
        if not record.is_unsettled:
            return
        until = self._clock.now() + policy.on_unknown.window(record.kind)
        for attempt in record.attempts:
            if is_open(attempt):
                ways = ways_to_settle(attempt, self._around().snapshot, policy)
                self._plan(
                    _Case(
                        message=record.message.id,
                        number=attempt.number,
                        asks=Settling.QUERY in ways,
                        goes_on=policy.on_unknown.then is Then.FAILOVER,
                        until=until,
                        policy=policy,
                    )
                )

    def _await_receipt(
        self, record: Record, attempt: Attempt, policy: PolicySet
    ) -> None:
        snapshot = self._around().snapshot
        until = missing_from(attempt, snapshot, policy)
        if until is not None:
            self._plan(
                _Case(
                    message=record.message.id,
                    number=attempt.number,
                    asks=is_polled(attempt, snapshot),
                    goes_on=False,
                    until=until,
                    policy=policy,
                    is_of=_is_taken,
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
            await inquire(self._around(), Found(record=record, number=case.number))
            record = await self._open(case)
        if record is None:
            await self._found_out(case)
            return
        if self._clock.now() < case.until:
            self._plan(_slower(case))
            return
        if case.goes_on:
            known = await self._go_on(record)
            if len(known.attempts) > len(record.attempts):
                return
        if case.is_of is is_open:
            await self._ledger.change(case.message, given_up)
            return
        known = await self._ledger.change(case.message, self._missed)
        if not known.is_closed:
            await self._go_on(known)

    async def _found_out(self, case: _Case) -> None:
        """Wait for the receipt of what was taken after all."""
        record = await self._ledger.outbox.get(case.message)
        if record is not None and not record.final and case.is_of is is_open:
            self._await_receipt(record, record.attempt(case.number), case.policy)

    async def _open(self, case: _Case) -> Record | None:
        """Return the record while nothing was heard of the case's attempt."""
        record = await self._ledger.outbox.get(case.message)
        is_known = record is None or not case.is_of(record.attempt(case.number))
        return None if is_known else record


def _slower(case: _Case) -> _Case:
    return attrs.evolve(case, pause=case.pause * 2)


def _is_taken(attempt: Attempt) -> bool:
    return attempt.state in TAKEN
