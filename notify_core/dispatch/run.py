"""One run of a message: plan, attempt after attempt, close."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import attrs

from notify_core.dispatch.closing import (
    closed,
    given_up,
    is_hopeless,
    returned,
    withdrawn,
)
from notify_core.dispatch.gate import Gate, Leave
from notify_core.dispatch.how import DIRECTLY, How
from notify_core.dispatch.next_step import Situation, Stop, Try, next_step
from notify_core.dispatch.opening import put_off
from notify_core.dispatch.patience import PATIENCE, back_at, is_worth_waiting
from notify_core.dispatch.submit import (
    INTERRUPTION,
    ended,
    fitted,
    late,
    merged,
    segments,
    started,
    submit,
)
from notify_core.dispatch.surroundings import Surroundings
from notify_core.dispatch.telling import failed_over, planned
from notify_core.errors import StoreUnavailable
from notify_core.model.attempt import Answer, Attempt
from notify_core.model.event import Attempted, Event, Planned
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.status import Status
from notify_core.outbox.port import Change, LeaseLost
from notify_core.outbox.record import Record
from notify_core.routing.plan import Candidate
from notify_core.routing.route import Route

NO_PAUSE = timedelta()
#: Seconds for which what became of a queued message is held for a store that is away,
#: and between two tries to record it.
KEEP_ANSWER, TRY_EVERY = 30.0, 0.5
_ABOUT_THE_RECIPIENT = frozenset({Reason.RECIPIENT_BLOCKED, Reason.RECIPIENT_OPTED_OUT})

log = logging.getLogger("notify_core.dispatch")


class Run:
    """One message on its way through the providers of its route.

    Args:
        record: The message as it stands.
        route: Its route.
        around: What it works with.
        now: The time, with time zone.
        how: How it goes.

    Attributes:
        record: The message as it stands: at first with its first attempt begun, where
            that can be at once, to be put into the outbox before `to_end`.
    """

    def __init__(
        self,
        record: Record,
        route: Route,
        around: Surroundings,
        now: datetime,
        how: How = DIRECTLY,
    ) -> None:
        self._route = route
        self._around = around
        self._epoch = how.epoch
        self._is_queued = how.is_queued
        self._given_up = how.given_up
        self._on_accepted = how.on_accepted
        self._first = len(record.attempts) + 1
        self._busy: frozenset[str] = frozenset()
        self._leave: Leave | None = None
        self._plan = around.planner.plan(record, route, now)
        self.record = record
        self._step = self._next(now)
        attempts = record.attempts
        if isinstance(self._step, Try) and self._step.at is None:
            candidate = self._step.candidate
            self._leave = self._gate(candidate).at_once(self._room(now))
            if self._leave is not None:
                attempts = (*attempts, self._started(candidate, now))
        excluded = self._plan.excluded
        self.record = record.moved(attempts, Status.SUBMITTING, excluded=excluded)

    @property
    def lease(self) -> tuple[str, int]:
        """The message, and the number of the run."""
        return self.record.message.id, self._epoch or 0

    def abandon(self) -> None:
        """Give back what an attempt was let through with: it is not made."""
        leave, self._leave = self._leave, None
        if leave is not None:
            leave.unused()

    async def to_end(self) -> Record:
        """Try providers until one has the message or nothing is left to try."""
        if self._around.is_observed(Planned):
            told = planned(self.record, self._route.name, self._plan)
            self._around.ledger.observe(told)
        try:
            await self._try()
        except asyncio.CancelledError:
            await self._withdraw()
            raise
        except LeaseLost as lost:
            log.info("%s", lost)
            self.record = await self._known()
        except StoreUnavailable:
            if self._is_queued:
                return await self.put_back()
            self.record = self._withdrawn(self.record)
            if self.record.reason is Reason.CANCELED:
                raise  # nothing was sent
            self._tell_unrecorded()
        finally:
            self.abandon()
        return self.record

    async def put_back(self) -> Record:
        """Have a message worked on again of which a step could not be recorded.

        Whether it was nobody knows. An attempt that was not written never was.

        Raises:
            StoreUnavailable: The store stays away; it is taken up again when its lease
                is over.
        """
        try:
            await self._insist(self._so_far())
        except LeaseLost as lost:
            log.info("%s", lost)
            self.record = await self._known()
        return self.record

    async def _try(self) -> None:
        while isinstance(self._step, Try):
            leave = self._leave or await self._begin(self._step)
            if leave is not None:
                await self._let_through(self._step.candidate, leave)
            if not self.record.is_running:
                return
            self._step = self._next(self._around.clock.now())
        await self._close(self._step)

    def _next(self, now: datetime) -> Try | Stop:
        if self._is_queued and self._plan.rests_until is not None:
            return Stop(Reason.THROTTLED)  # nobody is asked who rests: it can wait
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
            busy=self._busy,
            given_up=self._given_up
            or is_hopeless(attempts, self._around.snapshot, self._route.policy),
        )

    def _pause(self) -> timedelta:
        retries = len(self.record.attempts) - 1
        return self._route.policy.retry.pause(retries, self._around.random)

    def _gate(self, candidate: Candidate) -> Gate:
        around = self._around
        pacer = around.units[candidate.provider.name].pacer
        is_last = not self._is_queued and self._is_last(candidate)
        anyway = candidate.anyway or is_last
        return Gate(candidate, anyway, pacer, around.planner.health, around.clock)

    def _is_last(self, candidate: Candidate) -> bool:
        """Whether nobody else is left to try, should this one rest by now."""
        if len(self._plan.candidates) == 1:
            return True
        tried = {attempt.provider for attempt in self.record.attempts}
        left_out = tried | self._busy | {candidate.provider.name}
        return all(c.provider.name in left_out for c in self._plan.candidates)

    def _room(self, now: datetime) -> float:
        """Return the seconds until the last moment at which an attempt can start."""
        last = self.record.deadline - self._route.policy.shortest_attempt
        room = last - now
        return (min(room, PATIENCE) if self._is_queued else room).total_seconds()

    async def _begin(self, step: Try) -> Leave | None:
        """Wait until the step may be taken; record its attempt before it is written.

        Returns:
            Leave for the attempt; None where it is not to be: the wait would take too
            long, or a receipt came.
        """
        clock, known = self._around.clock, self.record.attempts
        if self._is_queued and step.at is not None and step.at > clock.now() + PATIENCE:
            await self._put_off(step.at, self.record.attempts[-1].reason)
            return None
        if step.at is not None:
            await clock.sleep(max(0.0, (step.at - clock.now()).total_seconds()))
        leave = await self._gate(step.candidate).passed(self._room(clock.now()))
        now = clock.now()
        if leave is None or not self._situation(now).fits(now):
            if leave is not None:
                leave.unused()
            self._busy |= {step.candidate.provider.name}
            return None
        attempt = self._started(step.candidate, now)
        self._leave = leave
        await self._change(
            lambda r: r.with_attempt(attempt) if r.attempts == known else r
        )
        if len(self.record.attempts) == len(known):
            self._leave = None
            leave.unused()
            return None
        self._tell_failover(known, attempt)
        return leave

    def _started(self, candidate: Candidate, now: datetime) -> Attempt:
        number = len(self.record.attempts) + 1
        return started(candidate, number, now, self._around.snapshot.hash)

    def _tell_failover(self, known: tuple[Attempt, ...], begun: Attempt) -> None:
        if known and known[-1].provider != begun.provider:
            told = failed_over(self.record.message.id, known[-1], begun)
            self._around.ledger.observe(told)

    async def _let_through(self, candidate: Candidate, leave: Leave) -> None:
        self._leave = None
        try:
            await self._attempt(candidate)
        finally:
            # After its answer was noted: nobody else comes before that.
            leave.used()

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
                # Stored when it is withdrawn, or late by whom it was lost to.
                with suppress(StoreUnavailable, LeaseLost):
                    await self._told(candidate, attempt, INTERRUPTION, begun)
            raise
        if answer.outcome is Outcome.ACCEPTED:
            self._on_accepted()
        await self._told(candidate, attempt, answer, begun)

    async def _told(
        self, candidate: Candidate, attempt: Attempt, answer: Answer, begun: float
    ) -> None:
        """Write an answer down; acceptance closes the record in the same step."""
        parts = segments(candidate, answer, self._around.ledger.observe)
        told = ended(attempt, answer, parts, self._around.clock.monotonic() - begun)

        snapshot, policy = self._around.snapshot, self._route.policy

        def change(record: Record) -> Record:
            attempts = merged(record, told)
            if answer.outcome is not Outcome.ACCEPTED:
                return attrs.evolve(record, attempts=attempts)
            return closed(record, attempts, snapshot, policy)

        message = self.record.message.id
        self._around.planner.health.note(told, message, *candidate.units[1:])
        event = Attempted(message=message, attempt=told)
        try:
            has_parked = await self._insist(change, event)
        except LeaseLost:
            # True whoever has the message now.
            ledger = self._around.ledger
            await ledger.change(message, lambda r: late(r, told, snapshot, policy))
            raise
        if told.reason in _ABOUT_THE_RECIPIENT:
            await self._note_recipient(told)
        if has_parked is not False and answer.outcome is not Outcome.REJECTED:
            self.record = await self._around.receipts.take_parked(
                candidate.provider, self.record, told
            )

    async def _insist(
        self, change: Callable[[Record], Record], *told: Event
    ) -> bool | None:
        """Write what happened; what is queued waits for a store that is away.

        Returns:
            As `Change.has_parked`.
        """
        try:
            return (await self._change(change, *told)).has_parked
        except StoreUnavailable:
            if not self._is_queued:
                raise
        await self._repeat(change)
        return None

    async def _repeat(self, change: Callable[[Record], Record]) -> None:
        """Write again what may be recorded, and of which nobody was told then."""
        clock, found = self._around.clock, self.record
        end = clock.monotonic() + KEEP_ANSWER

        def again(record: Record) -> Record:
            nonlocal found
            found = record
            return change(record)

        while True:
            await clock.sleep(TRY_EVERY)
            try:
                await self._change(again)
            except StoreUnavailable:
                if clock.monotonic() > end:
                    raise
            else:
                break
        if self.record.is_closed and self.record == found:
            self._around.ledger.tell_settled(found)

    async def _note_recipient(self, told: Attempt) -> None:
        """Note whom a vendor refuses, and who said stop to one."""
        around, address = self._around, self.record.recipient.address
        if told.reason is Reason.RECIPIENT_BLOCKED:
            refusals = around.planner.refusals
            refusals.note(told.account, address, around.clock.now())
            return
        why = f"told by {told.provider}"
        try:
            await around.suppressions.opt_out(address, why=why)
        except StoreUnavailable:
            log.exception(
                "message %s: an opt-out is not stored", self.record.message.id
            )

    async def _close(self, step: Stop) -> None:
        now = self._around.clock.now()
        if self._is_queued and self._waits(step, now):
            back = back_at(self.record, self._plan, self._around.random, now)
            await self._put_off(back, step.reason)
            return
        snapshot, policy = self._around.snapshot, self._route.policy
        is_over = self._given_up and len(self.record.attempts) < self._first
        await self._change(
            lambda r: (
                given_up(closed(r, r.attempts, snapshot, policy, step.reason))
                if is_over
                else closed(r, r.attempts, snapshot, policy, step.reason)
            )
        )

    def _waits(self, step: Stop, now: datetime) -> bool:
        policy, reason = self._route.policy, step.reason
        return is_worth_waiting(self.record, self._plan, policy, reason, now)

    async def _put_off(self, until: datetime, reason: Reason | None) -> None:
        await self._change(lambda r: put_off(r, until, reason))

    async def _known(self) -> Record:
        """Return the message as the later run has it."""
        with suppress(StoreUnavailable):
            outbox = self._around.ledger.outbox
            return await outbox.get(self.record.message.id) or self.record
        return self.record

    async def _withdraw(self) -> None:
        """Record that the sender was cancelled, and what may not have been recorded."""
        try:
            await self._change(self._so_far())
        except StoreUnavailable:
            self._tell_unrecorded()
        except LeaseLost as lost:
            log.info("%s", lost)

    def _so_far(self) -> Callable[[Record], Record]:
        """Return what notes all answers that are known, and ends the run."""
        known = self.record.attempts

        def change(record: Record) -> Record:
            for told in known[: len(record.attempts)]:
                record = attrs.evolve(record, attempts=merged(record, told))
            return self._withdrawn(record)

        return change

    def _tell_unrecorded(self) -> None:
        message, status = self.record.message.id, self.record.status
        log.error("message %s is %s, which could not be recorded", message, status)

    def _withdrawn(self, record: Record) -> Record:
        end = withdrawn(record, self._around.snapshot, self._route.policy)
        if self._is_queued and end.reason is Reason.CANCELED:
            return returned(record)
        return end

    async def _change(self, to: Callable[[Record], Record], *told: Event) -> Change:
        ledger = self._around.ledger
        try:
            change = await ledger.changed(
                self.record.message.id, to, *told, epoch=self._epoch
            )
        except BaseException:
            self.record = to(self.record)  # known, if not recorded
            raise
        self.record = change.after
        return change
