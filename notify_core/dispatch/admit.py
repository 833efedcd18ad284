"""Asks a route's policies about a message: pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import attrs

from notify_core.model.checked import Facts
from notify_core.policy.decision import ALLOW, Decision, Verdict
from notify_core.policy.policy import NamedPolicy
from notify_core.policy.take import NOTHING_REFUSED, Refused, Take

_NOTHING: tuple[Take, ...] = ()
#: Policies that send a message on from one to the other so often may never agree.
_ROUNDS = 100
_ENDINGS = frozenset({Verdict.SUPPRESS, Verdict.REJECT})


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
