"""Asks a route's policies about a message, and does what they say: pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import attrs

from notify_core.model.checked import CheckedMessage, Facts
from notify_core.model.outcome import Reason
from notify_core.model.status import Status
from notify_core.outbox.record import Record
from notify_core.policy.decision import ALLOW, Decision, Verdict
from notify_core.policy.policy import NamedPolicy
from notify_core.policy.policy_set import PolicySet
from notify_core.policy.take import NOTHING_REFUSED, Refused, Take
from notify_core.routing.route import Route

_NOTHING: tuple[Take, ...] = ()


@attrs.frozen(kw_only=True)
class Said:
    """What one policy said, where that is not simply yes."""

    #: Name of the policy.
    policy: str
    decision: Decision


@attrs.frozen(kw_only=True)
class Admission:
    """What all policies of a route say of a message together."""

    #: What decides: the first that refuses or drops it, else the deferral at whose end
    #: no policy defers it further; None: it goes at once.
    barred: Said | None = None
    #: Name of the pool or provider that gets it in place of the route's.
    instead: str | None = None
    #: Every policy that said more than yes, in order.
    said: tuple[Said, ...] = ()

    @property
    def until(self) -> datetime | None:
        """When it is due, if it was deferred."""
        return self.barred.decision.until if self.barred else None

    @property
    def is_deferred(self) -> bool:
        """Whether it may go later."""
        barred = self.barred
        return barred is not None and barred.decision.verdict is Verdict.DEFER


ADMITTED = Admission()


def needs(facts: Facts, policies: Iterable[NamedPolicy]) -> tuple[Take, ...]:
    """Return what the message takes from counters."""
    takes = _NOTHING
    for named in policies:
        takes += named.policy.needs(facts)
    return takes


def admit(
    facts: Facts,
    policies: tuple[NamedPolicy, ...],
    now: datetime,
    refused: Refused = NOTHING_REFUSED,
) -> Admission:
    """Ask each policy, and return what follows of it all."""
    said = _said(facts, policies, now, refused)
    if not said:
        return ADMITTED
    barred = next((one for one in said if one.decision.verdict in _ENDINGS), None)
    if barred is None and (latest := _latest(said)) is not None:
        barred = _agreed(facts, policies, latest)
    return Admission(barred=barred, instead=_instead(said), said=tuple(said))


def _said(
    facts: Facts, policies: Iterable[NamedPolicy], now: datetime, refused: Refused
) -> list[Said]:
    return [
        Said(policy=named.name, decision=decision)
        for named in policies
        if (decision := named.policy.decide(facts, now, refused)) is not ALLOW
        and not is_plain(decision)
    ]


def is_plain(decision: Decision) -> bool:
    """Whether a decision is yes and nothing else."""
    return decision.verdict is Verdict.ALLOW and decision.instead is None


def _latest(said: Iterable[Said]) -> Said | None:
    deferrals = [one for one in said if one.decision.verdict is Verdict.DEFER]
    return max(deferrals, key=_end, default=None)


def _agreed(facts: Facts, policies: Iterable[NamedPolicy], latest: Said) -> Said:
    """Return the deferral at whose end no other policy defers the message further.

    Only those are asked that are asked again when it is due. A policy need not be asked
    at the end that it named itself.
    """
    asked = [named for named in policies if named.recurs]
    for _ in range(_ROUNDS):
        others = [named for named in asked if named.name != latest.policy]
        end = _end(latest)
        said = _said(facts, others, end, NOTHING_REFUSED)
        further = _latest(said)
        if further is None or _end(further) <= end:
            break
        latest = further
    return latest


def _end(said: Said) -> datetime:
    until = said.decision.until
    if until is None:
        raise TypeError(f"policy {said.policy} defers and does not say until when")
    return until


def _instead(said: list[Said]) -> str | None:
    named = [one.decision.instead for one in said if one.decision.instead]
    return named[0] if named else None


def scheduled(
    admission: Admission,
    facts: Facts,
    policies: tuple[NamedPolicy, ...],
    now: datetime,
) -> Admission:
    """Return the admission of a message, which may not be to go before a time."""
    begins = facts.message.not_before
    until, barred = admission.until, admission.barred
    is_over = begins is None or begins <= now or (until is not None and until >= begins)
    if is_over or (barred is not None and not admission.is_deferred):
        return admission
    waits = Decision(verdict=Verdict.DEFER, until=begins, why="not_before")
    said = Said(policy="schedule", decision=waits)
    barred = _agreed(facts, policies, said)
    return attrs.evolve(admission, barred=barred, said=(*admission.said, said))


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
    deadline = until + policy.deadline
    is_short = expires is not None and expires <= deadline
    return attrs.evolve(
        record,
        planned=Status.DEFERRED,
        reason=barred.decision.reason,
        why=_words(barred),
        due_at=until,
        deadline=expires if is_short and expires else deadline,
        deadline_reason=Reason.EXPIRED if is_short else Reason.DEADLINE_EXCEEDED,
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
    deadline, expires = now + policy.deadline, _expiry(record, policy)
    is_short = expires is not None and expires <= deadline
    return attrs.evolve(
        record,
        deadline=expires if is_short and expires else deadline,
        deadline_reason=Reason.EXPIRED if is_short else Reason.DEADLINE_EXCEEDED,
    )


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


def _start(record: Record) -> datetime:
    begins = record.message.not_before
    return record.accepted_at if begins is None else max(begins, record.accepted_at)


def _expiry(record: Record, policy: PolicySet) -> datetime | None:
    validity = policy.validity_of(record.message)
    # Longer than any deferral: a span that no calendar holds never ends.
    if validity is None or validity > _LONGEST:
        return None
    return _start(record) + validity


#: Policies that send a message on from one to the other so often may never agree.
_ROUNDS = 100
#: How long a queued message that says nothing of its validity waits for a provider.
LONGEST_WAIT = timedelta(days=1)
_LONGEST = timedelta(days=3650)
_ENDINGS = {Verdict.SUPPRESS: Status.SUPPRESSED, Verdict.REJECT: Status.REJECTED}
