"""Decides what follows an attempt: one pure function over declared rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import attrs

from notify_core.model.attempt import Attempt
from notify_core.model.outcome import Disposition, Reason, Rule, rule_for
from notify_core.model.status import AttemptState
from notify_core.outbox.record import Record
from notify_core.policy.policy_set import PolicySet, Settling, Then
from notify_core.provider import BoundTemplate
from notify_core.routing.plan import Candidate


@attrs.frozen
class Try:
    """Submit to this candidate."""

    candidate: Candidate
    #: When; None: at once.
    at: datetime | None = None


@attrs.frozen
class Stop:
    """Nothing more in this run."""

    #: Why, where the last attempt does not say.
    reason: Reason | None = None


@attrs.frozen(kw_only=True)
class Situation:
    """All that the decision depends on."""

    #: Eligible providers, first first.
    candidates: tuple[Candidate, ...]
    #: Ended attempts of this message, in order.
    attempts: tuple[Attempt, ...]
    policy: PolicySet
    deadline: datetime
    #: What it is called when the deadline stands in the way.
    deadline_reason: Reason
    now: datetime
    #: The backoff, should the same provider be asked again.
    pause: timedelta
    #: Names of providers that are not to be asked now: paced, or resting.
    busy: frozenset[str] = frozenset()
    #: The time to find out about an `unknown` is up.
    given_up: bool = False

    @property
    def last(self) -> Attempt:
        """The attempt that just ended."""
        return self.attempts[-1]

    def candidate(self, provider: str) -> Candidate | None:
        """Return the candidate of that provider's name, if it still is one."""
        named = (c for c in self.candidates if c.provider.name == provider)
        return next(named, None)

    def rule(self, attempt: Attempt) -> Rule:
        """Return what is done after that attempt, as this policy set has it."""
        return rule_for(attempt.reason, attempt.scope, self.policy.reasons)

    def fits(self, at: datetime) -> bool:
        """Whether an attempt started then can end before the deadline."""
        return at + self.policy.shortest_attempt <= self.deadline


def next_step(situation: Situation) -> Try | Stop:
    """Return what to do now; never a step that a deadline or a cap forbids."""
    if not situation.candidates:
        return Stop(Reason.NO_PROVIDER)
    step = _wanted(situation)
    if isinstance(step, Stop):
        return step
    if not situation.fits(step.at or situation.now):
        return Stop(situation.deadline_reason)
    return step


def _wanted(situation: Situation) -> Try | Stop:
    if not situation.attempts:
        return _first(situation)
    if len(situation.attempts) >= situation.policy.max_attempts:
        return Stop()
    # States, not outcomes: a receipt may have come before the answer.
    states = {attempt.state for attempt in situation.attempts}
    if states == {AttemptState.REJECTED}:
        return _after_refusal(situation)
    if states <= {AttemptState.REJECTED, AttemptState.UNKNOWN}:
        return _after_unknown(situation)
    if states <= _REFUSED_OR_UNDELIVERED:
        return _after_receipt(situation)
    return Stop()


def _first(situation: Situation) -> Try | Stop:
    for candidate in situation.candidates:
        if candidate.provider.name not in situation.busy:
            return Try(candidate)
    return Stop(Reason.THROTTLED)


def _after_refusal(situation: Situation) -> Try | Stop:
    last = situation.last
    same = situation.candidate(last.provider)
    if last.repeatable and same is not None and not _was_repeated(situation):
        return Try(same)
    rule = situation.rule(last)
    return _BY_DISPOSITION[rule.disposition](situation, rule)


def _after_unknown(situation: Situation) -> Try | Stop:
    """Ask nobody else, unless the policy set says that twice is better than never."""
    policy, last = situation.policy, situation.last
    if policy.duplicates and last.state is AttemptState.UNKNOWN:
        rule = situation.rule(last)
        if situation.given_up and policy.on_unknown.then is Then.FAILOVER:
            return _failed_over(situation, rule)
        if rule.disposition is not Disposition.SETTLE:
            return _BY_DISPOSITION[rule.disposition](situation, rule)
    return _repeated_by_reference(situation)


def follows_receipt(record: Record, policy: PolicySet, now: datetime) -> bool:
    """Tell whether another provider may follow a negative or missing receipt."""
    taken = [a for a in record.attempts if a.state is not AttemptState.REJECTED]
    if len(taken) != 1 or taken[0].state not in _REFUSED_OR_UNDELIVERED:
        return False
    is_wanted = _is_followed(taken[0], policy)
    is_late = now + policy.shortest_attempt > record.deadline
    is_spent = len(record.attempts) >= policy.max_attempts
    return is_wanted and not is_late and not is_spent


def _after_receipt(situation: Situation) -> Try | Stop:
    """Follow such a receipt with one failover, where the policy set has it so."""
    ended = [a for a in situation.attempts if a.state is not AttemptState.REJECTED]
    if len(ended) > 1 or not _is_followed(ended[-1], situation.policy):
        return Stop()
    return _failed_over(situation, situation.rule(ended[-1]))


def _is_followed(attempt: Attempt, policy: PolicySet) -> bool:
    """Tell whether another provider follows a negative receipt, or a missing one."""
    if attempt.state is not AttemptState.RECEIPT_TIMEOUT:
        return policy.reasons.get(attempt.reason) is Disposition.FAILOVER
    missing = policy.receipt_deadline
    is_wanted = missing is not None and missing.then is Then.FAILOVER
    return is_wanted and policy.duplicates


def _stopped(situation: Situation, rule: Rule) -> Stop:
    return Stop()


def _was_repeated(situation: Situation) -> bool:
    same = [a for a in situation.attempts if a.provider == situation.last.provider]
    return sum(attempt.repeatable for attempt in same) > 1


def _failed_over(situation: Situation, rule: Rule) -> Try | Stop:
    reason = situation.last.reason
    ended_so = sum(attempt.reason is reason for attempt in situation.attempts)
    if rule.most is not None and ended_so > rule.most:
        return Stop()
    tried = {attempt.provider for attempt in situation.attempts}
    for candidate in _useful(situation):
        name = candidate.provider.name
        if name not in tried and name not in situation.busy:
            return Try(candidate)
    return _second_round(situation)


def _useful(situation: Situation) -> list[Candidate]:
    """Return the candidates without those that know the template as a refuser does."""
    refused = [
        _binding(candidate)
        for attempt in situation.attempts
        if situation.rule(attempt).other_binding
        and (candidate := situation.candidate(attempt.provider)) is not None
    ]
    return [c for c in situation.candidates if _binding(c) not in refused]


def _binding(candidate: Candidate) -> tuple[str, BoundTemplate] | None:
    template = candidate.submission.template
    return None if template is None else (candidate.provider.type.name, template)


def _second_round(situation: Situation) -> Try | Stop:
    """Ask those again whose last reason allows it; the one free first goes first."""
    last_by_provider = {attempt.provider: attempt for attempt in situation.attempts}
    again = [
        (_earliest(situation, attempt), attempt.number, candidate)
        for candidate in _useful(situation)
        if (attempt := last_by_provider.get(candidate.provider.name)) is not None
        and situation.rule(attempt).retries
    ]
    if not again:
        return Stop()
    at, _, candidate = min(again, key=lambda choice: choice[:2])
    return Try(candidate, at)


def _earliest(situation: Situation, attempt: Attempt) -> datetime:
    paused = situation.now + situation.pause
    return paused if attempt.retry_at is None else max(paused, attempt.retry_at)


def _retried(situation: Situation, rule: Rule) -> Try | Stop:
    last = situation.last
    if last.retry_at is None and rule.needs_retry_at:
        return Stop()
    at, same = _earliest(situation, last), situation.candidate(last.provider)
    if same is not None and situation.fits(at):
        return Try(same, at)
    return _failed_over(situation, rule) if rule.fails_over else Stop()


def _repeated_by_reference(situation: Situation) -> Try | Stop:
    """Send an `unknown` again only where the vendor recognises our reference."""
    last = situation.last
    unknown = next(a for a in situation.attempts if a.state is AttemptState.UNKNOWN)
    candidate = situation.candidate(unknown.provider)
    if candidate is None:
        return Stop()
    window = candidate.provider.capabilities.idempotent_reference
    is_wanted = Settling.REFERENCE in situation.policy.on_unknown.settle
    if window is None or not is_wanted:
        return Stop()
    is_refused = last.state is AttemptState.REJECTED
    if is_refused and not situation.rule(last).retries:
        return Stop()
    at = _earliest(situation, last)
    if at > unknown.started_at + window or not situation.fits(at):
        return Stop()
    return Try(candidate, at)


_REFUSED_OR_UNDELIVERED = frozenset(
    {
        AttemptState.REJECTED,
        AttemptState.UNDELIVERED,
        AttemptState.EXPIRED,
        AttemptState.RECEIPT_TIMEOUT,
    }
)
_BY_DISPOSITION: dict[Disposition, Callable[[Situation, Rule], Try | Stop]] = {
    Disposition.STOP: _stopped,
    Disposition.RETRY: _retried,
    Disposition.FAILOVER: _failed_over,
    Disposition.ACCOUNT: _failed_over,
    # Only a plugin that contradicts itself refuses with such a reason.
    Disposition.SETTLE: _stopped,
}
