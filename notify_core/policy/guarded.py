"""Keeps a policy of a stranger from letting a message through by raising."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import attrs

from notify_core.model.checked import Facts
from notify_core.model.outcome import Reason
from notify_core.policy.decision import Decision, Verdict
from notify_core.policy.policy import Compilation, Policy, PolicyType
from notify_core.policy.take import Refused, Take

#: A deferral beyond that is a fault of a policy, and no time can be counted from it.
LONGEST_DEFERRAL = timedelta(days=36525)

#: Told of what a policy raised.
Failed = Callable[[Exception], None]


@attrs.frozen
class GuardedPolicy:
    """A policy that rejects where the one behind it raises."""

    policy: Policy
    name: str
    failed: Failed = attrs.field(repr=False, eq=False)

    def needs(self, facts: Facts) -> tuple[Take, ...]:
        """Return what the policy needs; nothing where it raises."""
        try:
            return _sound_takes(self.policy.needs(facts))
        except Exception:  # noqa: BLE001 (`decide` asks again, and tells)
            return ()

    def decide(self, facts: Facts, now: datetime, refused: Refused) -> Decision:
        """Return what the policy decides; reject where it raises."""
        try:
            _sound_takes(self.policy.needs(facts))
            return _sound(self.policy.decide(facts, now, refused), now)
        except Exception as error:  # noqa: BLE001 (a stranger's code; it fails closed)
            self.failed(error)
            why = f"policy {self.name} failed: {type(error).__name__}"
            return Decision(
                verdict=Verdict.REJECT, reason=Reason.POLICY_BLOCKED, why=why
            )


def _sound_takes(takes: Any) -> tuple[Take, ...]:
    """Return takes that can be counted."""
    if not isinstance(takes, tuple) or not all(isinstance(t, Take) for t in takes):
        raise TypeError("a policy needs a tuple of Takes")
    return takes


def _sound(decision: Decision, now: datetime) -> Decision:
    """Return a decision that can be followed."""
    if not isinstance(decision, Decision):
        raise TypeError("a policy returns a Decision")
    if decision.verdict is Verdict.DEFER:
        until = decision.until
        if until is None or until.utcoffset() is None:
            raise ValueError("a deferral ends at a time with a time zone")
        if not timedelta() < until - now <= LONGEST_DEFERRAL:
            raise ValueError("a deferral ends later, and within a hundred years")
    if decision.verdict is not Verdict.ALLOW and decision.reason is None:
        return attrs.evolve(decision, reason=Reason.POLICY_BLOCKED)
    return decision


def guarded_type(type_: PolicyType, failed: Failed) -> PolicyType:
    """Return a policy type whose policies never raise."""
    make = type_.compile

    def compiled(settings: Any, compilation: Compilation) -> GuardedPolicy:
        return GuardedPolicy(make(settings, compilation), type_.name, failed)

    return attrs.evolve(type_, compile=compiled)
