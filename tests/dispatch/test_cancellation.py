"""What is known of a message whose sender was cancelled."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest

from notify_core.model.attempt import Answer
from notify_core.model.event import Settled
from notify_core.model.outcome import Reason
from notify_core.model.status import AttemptState, Status
from notify_core.provider import Submission
from notify_core.testing import FakeClock, FakeVendor
from notify_core.testing.fakes import hangs
from notify_core.trial.scripted import answer_for
from tests.builders import (
    Seen,
    SlowOutbox,
    accounts,
    cancelled,
    code,
    is_written,
    notifier,
    provider,
    snapshot,
    states,
    until,
)

WINDOW = timedelta(seconds=60)


async def test_cancelled_before_writing_it_is_cancelled_without_an_attempt(
    vendor: FakeVendor, seen: Seen
) -> None:
    vendor["a"].answers(hangs(written=False))

    async with notifier(accounts(vendor, "a"), seen) as open_:
        known = await cancelled(open_, lambda: vendor["a"].submissions)

    assert (known.status, known.reason) == (Status.CANCELED, Reason.CANCELED)
    assert (known.final, known.attempts) == (True, ())
    assert [s.status for s in seen.of(Settled)] == [Status.CANCELED]


async def test_cancelled_after_writing_it_is_unknown_and_says_interrupted(
    vendor: FakeVendor,
) -> None:
    vendor["a"].answers(hangs(written=True))

    async with notifier(accounts(vendor, "a")) as open_:
        known = await cancelled(open_, lambda: is_written(vendor))

    assert (known.status, known.reason) == (Status.SUBMIT_UNKNOWN, Reason.INTERRUPTED)
    assert known.final is False


async def test_cancelled_during_a_pause_it_keeps_the_refusal(
    vendor: FakeVendor,
) -> None:
    vendor["a"].answers(Reason.THROTTLED)
    clock = FakeClock(runs=False)

    async with notifier(accounts(vendor, "a"), clock=clock) as open_:
        known = await cancelled(open_, lambda: clock.slept)

    assert (known.status, known.reason) == (Status.REJECTED, Reason.CANCELED)
    assert states(known) == [("a", AttemptState.REJECTED, Reason.THROTTLED)]


async def test_cancelled_after_an_unknown_that_was_to_be_sent_again(
    vendor: FakeVendor,
) -> None:
    vendor["a"].answers(Reason.NO_RESPONSE, Reason.CONNECT_FAILED)
    clock = FakeClock(runs=False)
    known_there = provider(vendor, idempotent_reference=WINDOW)

    async with notifier(snapshot(known_there), clock=clock) as open_:
        sending = asyncio.create_task(open_.send(code()))
        await until(lambda: clock.slept)
        clock.advance(1)
        await until(lambda: len(clock.slept) == 2)
        sending.cancel()
        with suppress(asyncio.CancelledError):
            await sending
        known = await open_.get(vendor["a"].submissions[0].message)

    assert known is not None
    assert (known.status, known.reason) == (Status.SUBMIT_UNKNOWN, Reason.NO_RESPONSE)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (Reason.NONE, Status.ACCEPTED),
        (Reason.NO_RESPONSE, Status.SUBMIT_UNKNOWN),
        (Reason.RECIPIENT_INVALID, Status.REJECTED),
    ],
)
async def test_cancelled_while_the_answer_is_being_stored_the_answer_stays(
    vendor: FakeVendor, answer: Reason, status: Status
) -> None:
    answered = False

    async def answers(submission: Submission) -> Answer:
        nonlocal answered
        submission.wire.begin()
        answered = True
        return answer_for(answer)

    vendor["a"].answers(answers)

    async with notifier(accounts(vendor, "a"), outbox=SlowOutbox()) as open_:
        known = await cancelled(open_, lambda: answered)

    assert known.status is status
    assert [a.outcome for a in known.attempts] == [answer_for(answer).outcome]


async def test_cancelled_twice_after_writing_it_is_still_unknown(
    vendor: FakeVendor,
) -> None:
    vendor["a"].answers(hangs(written=True))
    message = code()

    async with notifier(accounts(vendor, "a"), outbox=SlowOutbox()) as open_:
        sending = asyncio.create_task(open_.send(message))
        await until(lambda: is_written(vendor))
        sending.cancel()
        await asyncio.sleep(0)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        known = await open_.get(message.id)

    assert known is not None
    assert known.status is Status.SUBMIT_UNKNOWN
