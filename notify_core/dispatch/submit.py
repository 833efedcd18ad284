"""One attempt: from a rendered message to a recorded answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import attrs

from notify_core.http import Timeouts, Wire
from notify_core.model.attempt import Answer, Attempt
from notify_core.model.event import Event, PluginFailed
from notify_core.model.masking import masked
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.status import AttemptState, rises
from notify_core.outbox.record import Record
from notify_core.provider import Submission
from notify_core.routing.plan import Candidate
from notify_core.unit import Unit

#: Characters of a vendor's words that are kept.
KEPT_TEXT = 200

_STATES = {
    Outcome.ACCEPTED: AttemptState.ACCEPTED,
    Outcome.REJECTED: AttemptState.REJECTED,
    Outcome.UNKNOWN: AttemptState.UNKNOWN,
}

#: What we say when we were stopped after writing began.
INTERRUPTION = Answer(
    outcome=Outcome.UNKNOWN,
    reason=Reason.INTERRUPTED,
    text="cancelled after the request was written",
)


def started(candidate: Candidate, number: int, now: datetime, config: str) -> Attempt:
    """Return the attempt as recorded before its request is written."""
    return Attempt(
        number=number,
        provider=candidate.provider.name,
        account=candidate.provider.account,
        state=AttemptState.SUBMITTING,
        reference=candidate.submission.reference,
        started_at=now,
        config=config,
    )


def fitted(submission: Submission, left: timedelta) -> Submission:
    """Return the submission for one attempt that ends within the time that is left."""
    timeouts = submission.timeouts
    room = left.total_seconds() - timeouts.connect
    if not submission.wire.begun and room >= timeouts.read:
        return submission
    read = min(timeouts.read, room)
    return attrs.evolve(
        submission, timeouts=Timeouts(timeouts.connect, read), wire=Wire()
    )


async def submit(
    unit: Unit, submission: Submission, observe: Callable[[Event], None]
) -> Answer:
    """Submit once; a provider that raises is answered for."""
    try:
        return await unit.provider.submit(submission)
    except Exception as error:  # noqa: BLE001 (a stranger's code must not lose a message)
        kind = type(error).__name__
        name = unit.settings.type.name
        observe(PluginFailed(plugin=name, hook="submit", error=kind))
        return _broken(kind, was_written=submission.wire.begun)


def _broken(kind: str, *, was_written: bool) -> Answer:
    """Return what a defect in the plugin means: after writing, nobody knows."""
    text = f"the provider's plugin raised {kind}"
    if was_written:
        return Answer(outcome=Outcome.UNKNOWN, reason=Reason.NO_RESPONSE, text=text)
    return Answer(outcome=Outcome.REJECTED, reason=Reason.INVALID_REQUEST, text=text)


def ended(
    attempt: Attempt, answer: Answer, candidate: Candidate, duration: float
) -> Attempt:
    """Return the attempt with its answer; vendor's words are masked and cut."""
    # Built anew: on the hot path this takes a third of `attrs.evolve`.
    return Attempt(
        number=attempt.number,
        provider=attempt.provider,
        account=attempt.account,
        state=_STATES[answer.outcome],
        outcome=answer.outcome,
        reason=answer.reason,
        scope=answer.scope,
        code=answer.code,
        text=masked(answer.text)[:KEPT_TEXT] if answer.text else None,
        provider_id=answer.provider_id,
        reference=attempt.reference,
        started_at=attempt.started_at,
        duration=duration,
        retry_at=answer.retry_at,
        repeatable=answer.repeatable,
        segments=_segments(candidate) if answer.outcome is Outcome.ACCEPTED else 0,
        config=attempt.config,
    )


def _segments(candidate: Candidate) -> int:
    count = candidate.provider.type.segments
    if count is None:
        return 1
    return count(candidate.provider.settings, candidate.submission)


def merged(record: Record, told: Attempt) -> tuple[Attempt, ...]:
    """Return the attempts with an answer; what a receipt said first stays."""
    known = record.attempt(told.number)
    if not rises(known.state, told.state):
        told = attrs.evolve(told, state=known.state)
    return record.attempts_with(told)
