"""Begins the work on a message, puts it off, or ends it before an attempt: pure."""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

from notify_core.dispatch.admit import Admission, Said
from notify_core.model.checked import CheckedMessage
from notify_core.model.outcome import Reason
from notify_core.model.status import Status
from notify_core.outbox.record import Record
from notify_core.policy.decision import Verdict
from notify_core.policy.policy_set import PolicySet
from notify_core.routing.route import Route

#: How long a queued message that says nothing of its validity waits for a provider.
LONGEST_WAIT = timedelta(days=1)
_LONGEST = timedelta(days=3650)
_ENDINGS = {Verdict.SUPPRESS: Status.SUPPRESSED, Verdict.REJECT: Status.REJECTED}


def recorded(checked: CheckedMessage, route: Route) -> Record:
    """Return the record of a message that goes at once."""
    now, longest = checked.accepted_at, route.policy.deadline
    validity = route.policy.validity_of(checked.message)
    # Spans are compared, since there is no time of day a million years ahead.
    is_short = validity is not None and validity <= longest
    return Record(
        message=checked.message,
        recipient=checked.recipient,
        kind=checked.kind,
        accepted_at=now,
        deadline=now + (validity if is_short and validity else longest),
        deadline_reason=Reason.EXPIRED if is_short else Reason.DEADLINE_EXCEEDED,
        route=route.name,
        text=checked.text,
        content=checked.content,
    )


def placed(record: Record, admission: Admission) -> Record:
    """Return the record with the pool that a policy put in place of the route's."""
    if admission.instead is None:
        return record
    return attrs.evolve(record, instead=admission.instead)


def ended(record: Record, admission: Admission) -> Record:
    """Return the record of a message that a policy refused or dropped."""
    barred = admission.barred
    if barred is None:
        raise TypeError("nothing bars the message")
    said = barred.decision
    return attrs.evolve(
        record,
        planned=_ENDINGS.get(said.verdict, Status.REJECTED),
        reason=said.reason,
        why=_words(barred),
        final=True,
    )


def _words(said: Said) -> str:
    why = said.decision.why
    return f"{said.policy}: {why}" if why else said.policy


def deferred(record: Record, admission: Admission, policy: PolicySet) -> Record:
    """Return the record of a message that waits, or that ends before it is due."""
    barred, until = admission.barred, admission.until
    if barred is None or until is None:
        raise TypeError("nothing defers the message")
    expires = _expiry(record, policy)
    if expires is not None and expires <= until:
        return attrs.evolve(
            record,
            planned=Status.EXPIRED,
            reason=Reason.EXPIRED,
            why=_words(barred),
            final=True,
        )
    deadline, deadline_reason = _earlier(until + policy.deadline, expires)
    return attrs.evolve(
        record,
        planned=Status.DEFERRED,
        reason=barred.decision.reason,
        why=_words(barred),
        due_at=until,
        deadline=deadline,
        deadline_reason=deadline_reason,
    )


def outlives(
    waiting: Record, until: datetime, policy: PolicySet, *, keeps: bool
) -> bool:
    """Return whether somebody will be there to send a deferred message.

    Args:
        waiting: Its record.
        until: The deadline that it would have without the deferral.
        policy: The policy set of its route.
        keeps: Whether a store keeps it; else a process waits for it.
    """
    if keeps or waiting.due_at is None:
        return True
    return waiting.due_at + policy.shortest_attempt <= until


def begun(record: Record, policy: PolicySet, now: datetime) -> Record:
    """Return the record of a queued message whose work begins: its time runs now."""
    deadline, reason = _earlier(now + policy.deadline, _expiry(record, policy))
    return record.timed(deadline=deadline, deadline_reason=reason)


def put_off(record: Record, until: datetime, reason: Reason | None) -> Record:
    """Return the record of a queued message that waits for a provider."""
    return attrs.evolve(
        record.moved(record.attempts, Status.DEFERRED, reason=reason),
        due_at=until,
        why="waits for a provider",
    )


def gives_up_at(record: Record, policy: PolicySet) -> datetime:
    """Return when a queued message that nobody takes waits no longer."""
    return _expiry(record, policy) or _start(record) + LONGEST_WAIT


def _earlier(deadline: datetime, expires: datetime | None) -> tuple[datetime, Reason]:
    """Return which of the two comes first, and what it is called."""
    if expires is not None and expires <= deadline:
        return expires, Reason.EXPIRED
    return deadline, Reason.DEADLINE_EXCEEDED


def _start(record: Record) -> datetime:
    begins = record.message.not_before
    return record.accepted_at if begins is None else max(begins, record.accepted_at)


def _expiry(record: Record, policy: PolicySet) -> datetime | None:
    validity = policy.validity_of(record.message)
    # Longer than any deferral: a span that no calendar holds never ends.
    if validity is None or validity > _LONGEST:
        return None
    return _start(record) + validity
