"""Sent again by reference, or spoken for by a receipt: it stays one message."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from notify_core.model.attempt import Answer
from notify_core.model.event import Settled
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.receipt import Receipt
from notify_core.model.status import AttemptState, Status
from notify_core.notifier import Notifier
from notify_core.provider import Submission
from notify_core.testing import FakeClock, FakeVendor
from notify_core.trial.scripted import answer_for
from tests.builders import (
    Seen,
    code,
    notifier,
    provider,
    pushed,
    snapshot,
    until,
    webhook,
)

ACCEPTED = Answer(outcome=Outcome.ACCEPTED, provider_id="v-1")
WINDOW = timedelta(seconds=60)
DELIVERED = Receipt(state=AttemptState.DELIVERED, provider_id="v-1")


# Sent again by reference.


def safe(vendor: FakeVendor, name: str = "a") -> Notifier:
    """Return a notifier whose vendor recognises our reference."""
    known = provider(vendor, name, idempotent_reference=WINDOW, webhook=webhook())
    configured = snapshot(known, provider(vendor, "b"))
    return notifier(configured, clock=FakeClock())


async def test_a_repetition_that_is_accepted_settles_the_first_try(
    vendor: FakeVendor,
) -> None:
    vendor["a"].answers(Reason.NO_RESPONSE, answer_for(Reason.DUPLICATE_REQUEST))

    async with safe(vendor) as open_:
        result = await open_.send(code())

    assert result.status is Status.ACCEPTED
    assert [a.state for a in result.attempts] == [AttemptState.ACCEPTED] * 2
    assert [a.outcome for a in result.attempts] == [Outcome.UNKNOWN, Outcome.ACCEPTED]
    references = {s.reference for s in vendor["a"].submissions}
    assert references == {result.id}


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (AttemptState.DELIVERED, Status.DELIVERED),
        (AttemptState.UNDELIVERED, Status.UNDELIVERED),
    ],
)
async def test_a_receipt_speaks_for_both_tries(
    vendor: FakeVendor, state: AttemptState, status: Status
) -> None:
    vendor["a"].answers(Reason.NO_RESPONSE, ACCEPTED)

    async with safe(vendor) as open_:
        result = await open_.send(code())
        receipt = Receipt(state=state, provider_id="v-1")
        await open_.receive("a", pushed(vendor, "a", receipt))
        after = await open_.get(result.id)

    assert after is not None
    assert (after.status, after.final) == (status, True)


async def test_a_repetition_that_cannot_connect_leaves_it_unknown(
    vendor: FakeVendor,
) -> None:
    vendor["a"].answers(Reason.NO_RESPONSE, *[Reason.CONNECT_FAILED] * 2)

    async with safe(vendor) as open_:
        result = await open_.send(code())

    assert (result.status, result.reason) == (Status.SUBMIT_UNKNOWN, Reason.NO_RESPONSE)
    assert [a.provider for a in result.attempts] == ["a", "a", "a"]


async def test_an_unknown_that_is_sent_again_is_told_once_as_what_it_became(
    vendor: FakeVendor, seen: Seen
) -> None:
    vendor["a"].answers(Reason.NO_RESPONSE)
    known = provider(vendor, idempotent_reference=WINDOW)

    async with notifier(snapshot(known), seen, clock=FakeClock()) as open_:
        await open_.send(code())

    told = [(s.previous, s.status) for s in seen.of(Settled)]
    assert told == [(None, Status.ACCEPTED)]


# A receipt in the middle of a run.


def told_early(
    open_: Notifier, vendor: FakeVendor, answer: Answer, state: AttemptState
) -> Callable[[Submission], Awaitable[Answer]]:
    """Script an answer that is slower than its receipt."""

    async def answers(submission: Submission) -> Answer:
        submission.wire.begin()
        receipt = Receipt(state=state, reference=submission.reference, code="R1")
        await open_.receive("a", pushed(vendor, "a", receipt))
        return answer

    return answers


@pytest.mark.parametrize(
    "reason", [Reason.NONE, Reason.NO_RESPONSE, Reason.PROVIDER_ERROR], ids=str
)
@pytest.mark.parametrize(
    ("state", "status", "final"),
    [
        (AttemptState.SENT, Status.SENT, False),
        (AttemptState.DELIVERED, Status.DELIVERED, True),
        (AttemptState.UNDELIVERED, Status.UNDELIVERED, True),
    ],
)
async def test_a_receipt_before_the_answer_is_believed_and_nobody_else_asked(
    vendor: FakeVendor,
    seen: Seen,
    reason: Reason,
    state: AttemptState,
    status: Status,
    final: bool,
) -> None:
    configured = snapshot(
        provider(vendor, "a", webhook=webhook()), provider(vendor, "b")
    )

    async with notifier(configured, seen) as open_:
        vendor["a"].answers(told_early(open_, vendor, answer_for(reason), state))
        result = await open_.send(code())

    assert (result.status, result.final) == (status, final)
    assert [a.provider for a in result.attempts] == ["a"]
    assert result.attempts[0].code == "R1"
    assert [(s.previous, s.status) for s in seen.of(Settled)] == [(None, status)]


async def test_a_receipt_during_the_wait_for_a_repetition_saves_it(
    vendor: FakeVendor,
) -> None:
    vendor["a"].answers(Reason.NO_RESPONSE)
    known = provider(vendor, idempotent_reference=WINDOW, webhook=webhook())
    clock = FakeClock(runs=False)

    async with notifier(snapshot(known), clock=clock) as open_:
        message = code()
        sending = asyncio.create_task(open_.send(message))
        await until(lambda: clock.slept)
        receipt = Receipt(state=AttemptState.DELIVERED, reference=message.id)
        await open_.receive("a", pushed(vendor, "a", receipt))
        clock.advance(10)
        result = await sending

    assert (result.status, result.final) == (Status.DELIVERED, True)
    assert len(vendor["a"].submissions) == 1


async def test_a_receipt_that_overtakes_the_answer_by_id_is_in_the_result(
    vendor: FakeVendor,
) -> None:
    async def answers(submission: Submission) -> Answer:
        submission.wire.begin()
        await open_.receive("a", pushed(vendor, "a", DELIVERED))
        return ACCEPTED

    vendor["a"].answers(answers)
    configured = snapshot(provider(vendor, webhook=webhook()))

    async with notifier(configured) as open_:
        result = await open_.send(code())

    assert (result.status, result.final) == (Status.DELIVERED, True)
