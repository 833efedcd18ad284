"""Situations to decide in, with three providers."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import attrs

from notify_core.dispatch.next_step import Situation, Stop, Try
from notify_core.model.attempt import Attempt
from notify_core.model.channel import Channel, Kind
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.status import AttemptState
from notify_core.policy.policy_set import PolicySet
from notify_core.provider import BoundTemplate, Submission
from notify_core.routing.plan import Candidate
from notify_core.testing import FakeVendor
from notify_core.trial.scripted import answer_for
from tests.builders import NOON, PHONE, provider

PAUSE = timedelta(seconds=0.3)
SECOND = timedelta(seconds=1)
REFUSED_PARAMS = Reason.TEMPLATE_PARAMS_INVALID
STATES = {
    Outcome.ACCEPTED: AttemptState.ACCEPTED,
    Outcome.REJECTED: AttemptState.REJECTED,
    Outcome.UNKNOWN: AttemptState.UNKNOWN,
}
VENDOR, OTHER_VENDOR = FakeVendor(), FakeVendor("other")
ONE = BoundTemplate(id="1", params=(("code", "1234"),))
TWO = BoundTemplate(id="2", params=(("code", "1234"),))


def candidate(
    name: str,
    template: BoundTemplate | None = None,
    *,
    vendor: FakeVendor = VENDOR,
    window: timedelta | None = None,
) -> Candidate:
    submission = Submission(
        message="m",
        reference="m",
        recipient=PHONE,
        channel=Channel.SMS,
        kind=Kind.OTP,
        template=template,
    )
    settings = provider(vendor, name, idempotent_reference=window)
    return Candidate(settings, submission)


A, B, C = candidate("a"), candidate("b"), candidate("c")


def tried(*ended: tuple[str, Reason] | Attempt) -> tuple[Attempt, ...]:
    """Return attempts that ended so, a second after one another."""
    return tuple(
        attrs.evolve(end, number=number)
        if isinstance(end, Attempt)
        else attempt(*end, number=number, started_at=NOON + (number - 1) * SECOND)
        for number, end in enumerate(ended, 1)
    )


def attempt(provider: str, reason: Reason, **fields: Any) -> Attempt:
    outcome = answer_for(reason).outcome
    usual: dict[str, Any] = {
        "number": 1,
        "started_at": NOON,
        "state": STATES[outcome],
        "outcome": outcome,
    }
    return Attempt(
        provider=provider, account=provider, reason=reason, **{**usual, **fields}
    )


def situation(
    *attempts: tuple[str, Reason] | Attempt,
    candidates: Iterable[Candidate] = (A, B, C),
    **fields: Any,
) -> Situation:
    usual: dict[str, Any] = {
        "policy": PolicySet(),
        "deadline": NOON + timedelta(seconds=30),
        "deadline_reason": Reason.DEADLINE_EXCEEDED,
        "now": NOON + len(attempts) * SECOND,
        "pause": PAUSE,
    }
    return Situation(
        candidates=tuple(candidates), attempts=tried(*attempts), **{**usual, **fields}
    )


def to(step: Try | Stop) -> str | None:
    """Return the provider that is tried next; None when none is."""
    return step.candidate.provider.name if isinstance(step, Try) else None
