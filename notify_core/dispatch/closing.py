"""Ends the work on a message, and says whether something is still to be heard."""

from __future__ import annotations

from notify_core.config.snapshot import Snapshot
from notify_core.model.attempt import Attempt
from notify_core.model.outcome import Reason
from notify_core.model.status import AttemptState, Status
from notify_core.outbox.record import Record, is_open
from notify_core.policy.policy_set import PolicySet, Settling
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
    return record.moved(attempts, ending, reason=reason, final=not awaited)


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
