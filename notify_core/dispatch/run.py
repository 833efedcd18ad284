"""One run of a message: plan, attempt after attempt, close."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random

import attrs

from notify_core.clock import Clock
from notify_core.config.snapshot import Snapshot
from notify_core.dispatch.closing import closed, withdrawn
from notify_core.dispatch.ledger import Ledger
from notify_core.dispatch.next_step import Situation, Stop, Try, next_step
from notify_core.dispatch.submit import (
    INTERRUPTION,
    ended,
    fitted,
    merged,
    segments,
    started,
    submit,
)
from notify_core.errors import StoreUnavailable
from notify_core.model.attempt import Answer, Attempt
from notify_core.model.event import Attempted, Event, FailedOver, Planned
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.status import Status
from notify_core.outbox.record import Record
from notify_core.policy.backoff import backoff
from notify_core.receipts import Receipts
from notify_core.routing.plan import Candidate, make_plan
from notify_core.routing.route import Route
from notify_core.unit import Units

NO_PAUSE = timedelta()

log = logging.getLogger("notify_core.dispatch")


@attrs.frozen(kw_only=True)
class Surroundings:
    """What every run of one notifier works with."""

    snapshot: Snapshot
    units: Units
    ledger: Ledger
    receipts: Receipts
    clock: Clock
    random: Random
    #: Whether anybody watches events of a class.
    is_observed: Callable[[type[Event]], bool]


class Run:
    """One message on its way through the providers of its route.

    Attributes:
        record: The message as it stands: at first with its first attempt begun, to
            be put into the outbox before `to_end`.
    """

    def __init__(
        self, record: Record, route: Route, around: Surroundings, now: datetime
    ) -> None:
        self._route = route
        self._around = around
        self._plan = make_plan(record, route, around.snapshot)
        self.record = record
        self._step = self._next(now)
        attempts = record.attempts
        if isinstance(self._step, Try):
            attempts = (*attempts, self._started(self._step.candidate, now))
        excluded = self._plan.excluded
        self.record = record.moved(attempts, Status.SUBMITTING, excluded=excluded)

    async def to_end(self) -> Record:
        """Try providers until one has the message or nothing is left to try."""
        if self._around.is_observed(Planned):
            self._around.ledger.observe(self._planned())
        try:
            await self._try()
        except asyncio.CancelledError:
            await self._withdraw()
            raise
        except StoreUnavailable:
            self.record = self._withdrawn(self.record)
            if self.record.reason is Reason.CANCELED:
                raise  # nothing was sent
            self._tell_unrecorded()
        return self.record

    async def _try(self) -> None:
        while isinstance(self._step, Try):
            await self._attempt(self._step.candidate)
            if self.record.is_closed:
                return
            self._step = await self._following()
        await self._close(self._step)

    def _planned(self) -> Planned:
        return Planned(
            message=self.record.message.id,
            route=self._route.name,
            providers=tuple(c.provider.name for c in self._plan.candidates),
            excluded=self._plan.excluded,
        )

    def _next(self, now: datetime) -> Try | Stop:
        return next_step(self._situation(now))

    def _situation(self, now: datetime) -> Situation:
        attempts = self.record.attempts
        return Situation(
            candidates=self._plan.candidates,
            attempts=attempts,
            policy=self._route.policy,
            deadline=self.record.deadline,
            deadline_reason=self.record.deadline_reason,
            now=now,
            pause=self._pause() if attempts else NO_PAUSE,
        )

    def _pause(self) -> timedelta:
        retries = len(self.record.attempts) - 1
        return timedelta(seconds=backoff(retries, self._around.random))

    async def _following(self) -> Try | Stop:
        """Return what follows an attempt; another one has been begun then."""
        clock = self._around.clock
        step = self._next(clock.now())
        while isinstance(step, Try) and not await self._begin(step):
            step = self._next(clock.now())
        return step

    async def _begin(self, step: Try) -> bool:
        """Wait for the step's time, and record its attempt before it is written.

        Returns:
            False where that is not to be: the wait took too long, or a receipt came.
        """
        clock, known = self._around.clock, self.record.attempts
        if step.at is not None:
            await clock.sleep(max(0.0, (step.at - clock.now()).total_seconds()))
            now = clock.now()
            if not self._situation(now).fits(now):
                return False
        attempt = self._started(step.candidate, clock.now())
        await self._change(
            lambda r: r.with_attempt(attempt) if r.attempts == known else r
        )
        if len(self.record.attempts) == len(known):
            return False
        self._tell_failover(known[-1], attempt)
        return True

    def _started(self, candidate: Candidate, now: datetime) -> Attempt:
        number = len(self.record.attempts) + 1
        return started(candidate, number, now, self._around.snapshot.hash)

    def _tell_failover(self, left: Attempt, begun: Attempt) -> None:
        if left.provider != begun.provider:
            self._around.ledger.observe(
                FailedOver(
                    message=self.record.message.id,
                    provider=left.provider,
                    to=begun.provider,
                    reason=left.reason,
                )
            )

    async def _attempt(self, candidate: Candidate) -> None:
        attempt = self.record.attempts[-1]
        unit = self._around.units[candidate.provider.name]
        left = self.record.deadline - attempt.started_at
        submission = fitted(candidate.submission, left)
        begun = self._around.clock.monotonic()
        try:
            answer = await submit(unit, submission, self._around.ledger.observe)
        except asyncio.CancelledError:
            if submission.wire.begun:
                with suppress(StoreUnavailable):  # stored when it is withdrawn
                    await self._told(candidate, attempt, INTERRUPTION, begun)
            raise
        await self._told(candidate, attempt, answer, begun)

    async def _told(
        self, candidate: Candidate, attempt: Attempt, answer: Answer, begun: float
    ) -> None:
        """Write an answer down; acceptance closes the record in the same step."""
        parts = segments(candidate, answer, self._around.ledger.observe)
        told = ended(attempt, answer, parts, self._around.clock.monotonic() - begun)

        def change(record: Record) -> Record:
            attempts = merged(record, told)
            if answer.outcome is not Outcome.ACCEPTED:
                return attrs.evolve(record, attempts=attempts)
            return closed(record, attempts, self._around.snapshot, self._route.policy)

        event = Attempted(message=self.record.message.id, attempt=told)
        await self._change(change, event)
        if answer.outcome is not Outcome.REJECTED:
            self.record = await self._around.receipts.take_parked(
                candidate.provider, self.record, told
            )

    async def _close(self, step: Stop) -> None:
        snapshot, policy = self._around.snapshot, self._route.policy
        await self._change(
            lambda r: closed(r, r.attempts, snapshot, policy, step.reason)
        )

    async def _withdraw(self) -> None:
        """Record that the sender was cancelled, and what may not have been recorded."""
        known = self.record.attempts

        def change(record: Record) -> Record:
            for told in known[: len(record.attempts)]:
                record = attrs.evolve(record, attempts=merged(record, told))
            return self._withdrawn(record)

        try:
            await self._change(change)
        except StoreUnavailable:
            self._tell_unrecorded()

    def _tell_unrecorded(self) -> None:
        message, status = self.record.message.id, self.record.status
        log.error("message %s is %s, which could not be recorded", message, status)

    def _withdrawn(self, record: Record) -> Record:
        return withdrawn(record, self._around.snapshot, self._route.policy)

    async def _change(self, to: Callable[[Record], Record], *told: Event) -> None:
        ledger = self._around.ledger
        try:
            self.record = await ledger.change(self.record.message.id, to, *told)
        except BaseException:
            self.record = to(self.record)  # known, if not recorded
            raise
