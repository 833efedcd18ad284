"""Ends the work on a message, and says whether something is still to be heard."""

from __future__ import annotations

from datetime import datetime

import attrs

from notify_core.config.snapshot import Snapshot
from notify_core.dispatch.missing_receipts import receipt_looks
from notify_core.dispatch.settling import next_look
from notify_core.model.attempt import Attempt
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.status import AttemptState, Status
from notify_core.outbox.record import Record, is_open
from notify_core.policy.policy_set import PolicySet, Settling, Then
from notify_core.provider import Capabilities, QueryMode, ReceiptMode

#: Endings that no attempt explains; the others are `rejected`.
_ENDINGS = {Reason.EXPIRED: Status.EXPIRED, Reason.CANCELED: Status.CANCELED}


def closed(
    record: Record,
    attempts: tuple[Attempt, ...],
    snapshot: Snapshot,
    policy: PolicySet,
    reason: Reason | None = None,
) -> Record:
    """Return the record with these attempts and none ahead.

    It is final unless more is to be heard.
    """
    ending = _ENDINGS.get(reason) if reason else None
    awaited = [a for a in attempts if _is_awaited(a, snapshot, policy)]
    end = record.moved(attempts, ending, reason=reason, final=not awaited)
    settle_at = looked_at(end, snapshot, policy)
    if settle_at == end.settle_at:
        return end
    return end.timed(settle_at=settle_at)


def looked_at(
    record: Record, snapshot: Snapshot, policy: PolicySet, now: datetime | None = None
) -> datetime | None:
    """Return when a worker is to find out more after *now*; None: no need to."""
    if record.final or not record.is_closed:
        return None
    looks = list(receipt_looks(record, snapshot, policy, now))
    rule = policy.on_unknown
    if record.is_unsettled:
        looks += [
            next_look(a, record.kind, ways_to_settle(a, snapshot, policy), rule, now)
            for a in record.attempts
            if is_open(a)
        ]
    return min(looks, default=None)


def interrupted(
    record: Record, snapshot: Snapshot, policy: PolicySet, now: datetime
) -> Record:
    """Return the record of a message whose process ended while it was submitted.

    Whether the request was written is known by nobody: it is never made again.
    """
    attempts = tuple(
        a if a.state is not AttemptState.SUBMITTING else _lost(a, now)
        for a in record.attempts
    )
    return closed(record, attempts, snapshot, policy)


def _lost(attempt: Attempt, now: datetime) -> Attempt:
    return attrs.evolve(
        attempt,
        state=AttemptState.UNKNOWN,
        outcome=Outcome.UNKNOWN,
        reason=Reason.INTERRUPTED,
        text="the process ended before the answer was recorded",
        duration=max(0.0, (now - attempt.started_at).total_seconds()),
    )


def canceled(record: Record) -> Record:
    """Return the record of a message that its sender withdraws, if it can be.

    What a provider was asked to send, however that ended, is not withdrawn.
    """
    if record.is_closed or record.attempts:
        return record
    return record.moved((), Status.CANCELED, reason=Reason.CANCELED, final=True)


def returned(record: Record) -> Record:
    """Return the record of a message that goes back to the queue.

    An attempt that was not written never was; the rest goes on as if new.
    """
    real = tuple(a for a in record.attempts if a.state is not AttemptState.SUBMITTING)
    return record.moved(real, Status.CREATED)


def withdrawn(record: Record, snapshot: Snapshot, policy: PolicySet) -> Record:
    """Return the record of a message whose sender was cancelled.

    An attempt that was not written never was; one that was written stays.
    """
    if record.is_closed:
        return record
    real = tuple(a for a in record.attempts if a.state is not AttemptState.SUBMITTING)
    is_refused = all(a.state is AttemptState.REJECTED for a in real)
    reason = Reason.CANCELED if is_refused else None
    return closed(record, real, snapshot, policy, reason)


def ways_to_settle(
    attempt: Attempt, snapshot: Snapshot, policy: PolicySet
) -> tuple[Settling, ...]:
    """Return how it can still be found out what became of an `unknown` attempt."""
    provider = snapshot.providers.get(attempt.provider)
    if provider is None:
        return ()
    usable = _usable(provider.capabilities)
    return tuple(way for way in policy.on_unknown.settle if way in usable)


def is_hopeless(
    attempts: tuple[Attempt, ...], snapshot: Snapshot, policy: PolicySet
) -> bool:
    """Whether nothing can be found out of the last attempt, and so another follows."""
    if not attempts or policy.on_unknown.then is not Then.FAILOVER:
        return False
    return not ways_to_settle(attempts[-1], snapshot, policy)


def given_up(record: Record) -> Record:
    """Return the record of a message of which nothing more is found out."""
    return attrs.evolve(record, final=True) if record.is_unsettled else record


def _usable(can: Capabilities) -> set[Settling]:
    ways = set()
    if can.query is not QueryMode.NONE:
        ways.add(Settling.QUERY)
    if can.receipts is ReceiptMode.PUSH:
        ways.add(Settling.RECEIPT)
    return ways


def _is_awaited(attempt: Attempt, snapshot: Snapshot, policy: PolicySet) -> bool:
    """Whether something is still to be heard of an attempt."""
    if is_open(attempt):
        return bool(ways_to_settle(attempt, snapshot, policy))
    if attempt.state not in (AttemptState.ACCEPTED, AttemptState.SENT):
        return False
    provider = snapshot.providers.get(attempt.provider)
    return (
        provider is not None and provider.capabilities.receipts is not ReceiptMode.NONE
    )
