"""When receipts are asked for, and when those that never came are given up: pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import attrs

from notify_core.config.snapshot import Snapshot
from notify_core.dispatch.settling import FIRST_PAUSE, lost_at
from notify_core.model.attempt import Attempt
from notify_core.model.status import AttemptState
from notify_core.outbox.record import Record, is_open
from notify_core.policy.policy_set import PolicySet
from notify_core.provider import QueryMode, ReceiptMode

#: How long a vendor is asked that tells only then, where no policy set says.
LONGEST_POLL = timedelta(hours=72)

#: The states of attempts whose receipt is waited for.
TAKEN = (AttemptState.ACCEPTED, AttemptState.SENT)


def missing_from(
    attempt: Attempt, snapshot: Snapshot, policy: PolicySet
) -> datetime | None:
    """Return when the receipt of an attempt is given up; None: none is waited for."""
    provider = snapshot.providers.get(attempt.provider)
    if provider is None or attempt.state not in TAKEN:
        return None
    receipts, deadline = provider.capabilities.receipts, policy.receipt_deadline
    if receipts is ReceiptMode.NONE:
        return None
    if deadline is not None:
        return lost_at(attempt) + deadline.within
    return lost_at(attempt) + LONGEST_POLL if receipts is ReceiptMode.POLL else None


def is_polled(attempt: Attempt, snapshot: Snapshot) -> bool:
    """Tell whether the vendor has to be asked for the receipt of an attempt."""
    provider = snapshot.providers.get(attempt.provider)
    if provider is None or attempt.state not in TAKEN:
        return False
    can = provider.capabilities
    return can.receipts is ReceiptMode.POLL and can.query is not QueryMode.NONE


def receipt_looks(
    record: Record, snapshot: Snapshot, policy: PolicySet, now: datetime | None = None
) -> Iterator[datetime]:
    """Yield when the receipts of a record are next asked for, or given up.

    Args:
        record: The message: closed, and not final.
        snapshot: Says which providers have receipts.
        policy: Says how long they are waited for.
        now: The time of the last look; None: there was none.
    """
    for attempt in record.attempts:
        end = missing_from(attempt, snapshot, policy)
        if end is not None:
            polls = is_polled(attempt, snapshot)
            yield min(end, _next_poll(attempt, now)) if polls else end


def timed_out(
    record: Record, snapshot: Snapshot, policy: PolicySet, now: datetime
) -> Record:
    """Return the record without hope for the receipts that should have come by now.

    It is final when nothing else is to be heard. Whether another provider follows
    says `follows_receipt`.
    """
    attempts = tuple(
        a if not _is_missing(a, snapshot, policy, now) else _without_receipt(a)
        for a in record.attempts
    )
    if attempts == record.attempts or not record.is_closed:
        return record
    is_awaited = any(is_open(a) or a.state in TAKEN for a in attempts)
    return attrs.evolve(record, attempts=attempts, final=record.final or not is_awaited)


def _is_missing(
    attempt: Attempt, snapshot: Snapshot, policy: PolicySet, now: datetime
) -> bool:
    end = missing_from(attempt, snapshot, policy)
    return end is not None and end <= now


def _without_receipt(attempt: Attempt) -> Attempt:
    return attrs.evolve(attempt, state=AttemptState.RECEIPT_TIMEOUT)


def _next_poll(attempt: Attempt, now: datetime | None) -> datetime:
    """Return a time twice as far from the answer as the last look was."""
    begin = lost_at(attempt)
    at = now or begin
    return at + max(FIRST_PAUSE, at - begin)
