"""Works on messages that were claimed from the queue."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import attrs

from notify_core.dispatch.closing import interrupted, looked_at, ways_to_settle
from notify_core.dispatch.inquiry import inquire
from notify_core.dispatch.missing_receipts import is_polled
from notify_core.dispatch.opening import LONGEST_WAIT, put_off
from notify_core.dispatch.sending import Sending
from notify_core.dispatch.settling import settled_by
from notify_core.dispatch.surroundings import Surroundings
from notify_core.model.attempt import Attempt
from notify_core.model.event import Attempted
from notify_core.model.outcome import Reason
from notify_core.model.status import AttemptState, Status
from notify_core.outbox.port import Claimed, Found
from notify_core.outbox.record import Record, is_open
from notify_core.policy.policy_set import PolicySet, Settling, Then

#: How long a message is put off on which the work failed by a defect.
AFTER_A_DEFECT = timedelta(minutes=1)


@attrs.frozen
class Queued:
    """Does what a claimed message needs: to be sent, or to be settled."""

    _sending: Sending
    _around: Surroundings

    async def work(self, claimed: Claimed, on_accepted: Callable[[], None]) -> Record:
        """Work on a message, and return how it stands then.

        Args:
            claimed: The message.
            on_accepted: Called when a provider has taken it: that is to be recorded.

        Raises:
            LeaseLost: A later run has it.
            StoreUnavailable: The store is away; the message is due again later.
        """
        record, epoch = claimed.record, claimed.epoch
        if record.is_closed:
            return await self._settled(record, epoch)
        if _submitting(record):
            return await self._interrupted(record, epoch)
        return await self._sending.take_up(record, epoch, on_accepted)

    async def put_off(self, claimed: Claimed) -> Record:
        """Put off a message on which the work failed; in the end, give it up."""
        now, message = self._around.clock.now(), claimed.record.message.id
        return await self._around.ledger.change(
            message, lambda r: _failed(r, now), epoch=claimed.epoch
        )

    async def _interrupted(self, record: Record, epoch: int) -> Record:
        """Note that nobody knows whether the last attempt was written."""
        around, policy = self._around, self._policy(record)
        now = around.clock.now()
        known = await around.ledger.change(
            record.message.id,
            lambda r: interrupted(r, around.snapshot, policy, now),
            epoch=epoch,
        )
        for begun in _submitting(record):
            lost = known.attempt(begun.number)
            around.ledger.observe(Attempted(message=known.message.id, attempt=lost))
            known = await self._heard_early(known, lost)
        return known

    async def _heard_early(self, record: Record, lost: Attempt) -> Record:
        unit = self._around.units.get(lost.provider)
        if unit is None:
            return record
        receipts = self._around.receipts
        return await receipts.take_parked(unit.settings, record, lost)

    async def _settled(self, record: Record, epoch: int) -> Record:
        """Find out what became of a message, give it up, or look again later."""
        record = await self._asked(record)
        if not record.is_closed:
            return record  # a receipt says that it goes on
        if self._sending.missed(record) is not record:
            return await self._missed(record, epoch)
        policy, now = self._policy(record), self._around.clock.now()
        is_over = any(_end(record, a, policy) <= now for a in _lost(record))
        if not is_over:
            return await self._looked_at_later(record, epoch)
        if policy.on_unknown.then is Then.FAILOVER:
            return await self._sending.go_on(record, epoch=epoch)
        return await self._around.ledger.change(
            record.message.id, _given_up, epoch=epoch
        )

    async def _missed(self, record: Record, epoch: int) -> Record:
        """Give up a receipt, and go on where the policy set has it so."""
        known = await self._around.ledger.change(
            record.message.id, self._sending.missed, epoch=epoch
        )
        if known.is_closed:
            return await self._looked_at_later(known, epoch)
        return await self._sending.go_on(known, epoch=epoch)

    async def _asked(self, record: Record) -> Record:
        snapshot = self._around.snapshot
        for attempt in record.attempts:
            if is_polled(attempt, snapshot) or self._settles_by_query(record, attempt):
                found = Found(record=record, number=attempt.number)
                await inquire(self._around, found)
        return await self._around.ledger.outbox.get(record.message.id) or record

    def _settles_by_query(self, record: Record, attempt: Attempt) -> bool:
        ways = ways_to_settle(attempt, self._around.snapshot, self._policy(record))
        return is_open(attempt) and Settling.QUERY in ways

    async def _looked_at_later(self, record: Record, epoch: int) -> Record:
        snapshot, policy = self._around.snapshot, self._policy(record)
        now = self._around.clock.now()
        return await self._around.ledger.change(
            record.message.id,
            lambda r: r.timed(settle_at=looked_at(r, snapshot, policy, now)),
            epoch=epoch,
        )

    def _policy(self, record: Record) -> PolicySet:
        return self._around.snapshot.routes.taken_by(record).policy


def _submitting(record: Record) -> list[Attempt]:
    return [a for a in record.attempts if a.state is AttemptState.SUBMITTING]


def _lost(record: Record) -> list[Attempt]:
    return [attempt for attempt in record.attempts if is_open(attempt)]


def _end(record: Record, attempt: Attempt, policy: PolicySet) -> datetime:
    return settled_by(attempt, record.kind, policy.on_unknown)


def _given_up(record: Record) -> Record:
    return attrs.evolve(
        record, settle_at=None, final=record.final or record.is_unsettled
    )


def _failed(record: Record, now: datetime) -> Record:
    """Return the record of a message on which the work failed by a defect."""
    if _submitting(record):
        return record  # the next run notes that its answer was lost
    if record.is_closed:
        return attrs.evolve(record, settle_at=now + AFTER_A_DEFECT)
    if now < record.accepted_at + LONGEST_WAIT:
        return put_off(record, now + AFTER_A_DEFECT, record.reason)
    ending = Reason.DEADLINE_EXCEEDED
    return record.moved(record.attempts, Status.REJECTED, reason=ending, final=True)
