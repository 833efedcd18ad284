"""One attempt: from a rendered message to a recorded answer."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import datetime, timedelta

import attrs

from notify_core.config.snapshot import Snapshot
from notify_core.dispatch.closing import closed
from notify_core.estimate import billed_segments
from notify_core.model.attempt import Answer, Attempt
from notify_core.model.channel import Kind
from notify_core.model.event import Event, PluginFailed
from notify_core.model.masking import masked
from notify_core.model.outcome import RULES, Outcome, Reason
from notify_core.model.status import AttemptState, rises
from notify_core.outbox.record import Record, are_one
from notify_core.policy.policy_set import PolicySet
from notify_core.provider import Submission
from notify_core.routing.plan import Candidate
from notify_core.transmission import Timeouts, Wire
from notify_core.unit import Unit

#: Characters of a vendor's words that are kept.
KEPT_TEXT = 200
#: Seconds beyond its time-outs that a provider has to keep them itself.
GRACE = 0.5

#: What a verification code looks like in a text.
_CODE = re.compile(r"[0-9]{4,}")

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
    unit: Unit,
    submission: Submission,
    observe: Callable[[Event], None],
) -> Answer:
    """Submit once; a provider that raises, or never answers, is answered for."""
    longest = submission.timeouts.connect + submission.timeouts.read + GRACE
    try:
        async with asyncio.timeout(longest):
            answer = _checked(await unit.provider.submit(submission))
            return _discreet(answer, unit, submission)
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        failure: BaseException = error  # somebody cancelled inside the plugin, not us
    except Exception as error:  # noqa: BLE001 (a stranger's code must not lose a message)
        failure = error
    kind = type(failure).__name__
    name = unit.settings.type.name
    observe(PluginFailed(plugin=name, hook="submit", error=kind))
    may_have_left = submission.wire.begun or not unit.http.carries_submissions
    return _broken(kind, was_written=may_have_left)


def _checked(answer: Answer) -> Answer:
    if not isinstance(answer, Answer):
        raise TypeError("not an Answer")
    if answer.text is not None and not isinstance(answer.text, str):
        raise TypeError("words that are no text")
    if answer.outcome not in _STATES or answer.reason not in RULES:
        raise ValueError("not an outcome or a reason")
    if answer.retry_at is not None and answer.retry_at.utcoffset() is None:
        raise ValueError("retry_at without a time zone")
    return answer


def _discreet(answer: Answer, unit: Unit, submission: Submission) -> Answer:
    """Return the answer without secrets and codes that the vendor's words repeat."""
    words = answer.text
    if not words:
        return answer
    for hidden in (*unit.secrets, *_codes_in(submission)):
        words = words.replace(hidden, "***")
    return answer if words == answer.text else attrs.evolve(answer, text=words)


def _codes_in(submission: Submission) -> list[str]:
    return _CODE.findall(submission.text or "") if submission.kind is Kind.OTP else []


def _broken(kind: str, *, was_written: bool) -> Answer:
    """Return what a defect in the plugin means: nobody knows, unless nothing left.

    That is only known of providers whose submissions go through `HttpClient`.
    """
    text = f"the provider's plugin raised {kind}"
    if was_written:
        return Answer(outcome=Outcome.UNKNOWN, reason=Reason.NO_RESPONSE, text=text)
    return Answer(outcome=Outcome.REJECTED, reason=Reason.INVALID_REQUEST, text=text)


def ended(attempt: Attempt, answer: Answer, segments: int, duration: float) -> Attempt:
    """Return the attempt with its answer."""
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
        text=kept(answer.text),
        provider_id=answer.provider_id,
        reference=attempt.reference,
        started_at=attempt.started_at,
        duration=duration,
        retry_at=answer.retry_at,
        repeatable=answer.repeatable,
        segments=segments,
        config=attempt.config,
    )


def kept(words: str | None) -> str | None:
    """Return a vendor's words as they are stored: masked and cut."""
    return masked(words)[:KEPT_TEXT] if words else None


def segments(
    candidate: Candidate, answer: Answer, observe: Callable[[Event], None]
) -> int:
    """Return how many parts the vendor bills; one where its plugin cannot tell."""
    if answer.outcome is not Outcome.ACCEPTED:
        return 0
    if answer.segments is not None:
        return answer.segments
    provider = candidate.provider
    try:
        return billed_segments(provider, candidate.submission)
    except Exception as error:  # noqa: BLE001 (as above: the vendor has the message)
        failed, plugin = type(error).__name__, provider.type.name
        observe(PluginFailed(plugin=plugin, hook="segments", error=failed))
        return 1


def merged(record: Record, told: Attempt) -> tuple[Attempt, ...]:
    """Return the attempts with an answer; what a receipt said first stays."""
    known = record.attempt(told.number)
    if not rises(known.state, told.state):
        told = attrs.evolve(
            told,
            state=known.state,
            reason=known.reason,
            code=known.code or told.code,
            text=known.text or told.text,
            provider_id=told.provider_id or known.provider_id,
        )
    attempts = record.attempts_with(told)
    if told.state is not AttemptState.ACCEPTED or told.number == 1:
        return attempts
    return tuple(_settled_by(told, attempt) for attempt in attempts)


def _settled_by(told: Attempt, earlier: Attempt) -> Attempt:
    """Return an attempt after its repetition was accepted: it was that message."""
    if earlier.state is AttemptState.UNKNOWN and are_one(earlier, told):
        return attrs.evolve(earlier, state=told.state)
    return earlier


def late(
    record: Record, told: Attempt, snapshot: Snapshot, policy: PolicySet
) -> Record:
    """Return the record with an answer that came when another run had the message."""
    known = record.attempts[told.number - 1 : told.number]
    if not known or known[0].started_at != told.started_at:
        return record
    attempts = merged(record, told)
    if not record.is_closed:
        return attrs.evolve(record, attempts=attempts)
    end = closed(record, attempts, snapshot, policy, record.reason)
    return attrs.evolve(end, final=end.final or record.final)
