"""One run of a message: what is tried, what is kept, and what the caller is told."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notify_core.dispatch.submit import GRACE, KEPT_TEXT
from notify_core.errors import MessageNotSent, OutcomeUnknown, StoreUnavailable
from notify_core.http import Timeouts
from notify_core.model.attempt import Answer
from notify_core.model.event import (
    Accepted,
    Attempted,
    FailedOver,
    Planned,
    PluginFailed,
    Settled,
)
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.receipt import Receipt
from notify_core.model.result import Exclusion, Result
from notify_core.model.status import AttemptState, Status
from notify_core.notifier import Notifier
from notify_core.outbox.memory import MemoryOutbox
from notify_core.policy.policy_set import PolicySet
from notify_core.provider import QueryMode, ReceiptMode, Submission
from notify_core.testing import FakeClock, FakeVendor
from notify_core.testing.fakes import Scripted, answer_for, hangs
from tests.builders import (
    NOON,
    NUMBER,
    FailingOutbox,
    Seen,
    SlowOutbox,
    accounts,
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


@pytest.fixture
def vendor() -> FakeVendor:
    return FakeVendor()


@pytest.fixture
def seen() -> Seen:
    return Seen()


def states(result: Result) -> list[tuple[str, AttemptState, Reason]]:
    return [(a.provider, a.state, a.reason) for a in result.attempts]


# What the caller is told.


async def test_the_first_provider_takes_it(vendor: FakeVendor, seen: Seen) -> None:
    async with notifier(accounts(vendor, "a", "b"), seen) as open_:
        result = await open_.send(code())

    assert (result.status, result.reason, result.final) == (
        Status.ACCEPTED,
        None,
        False,
    )
    assert states(result) == [("a", AttemptState.ACCEPTED, Reason.NONE)]
    kinds = [type(event) for event in seen.events[1:]]
    assert kinds == [Accepted, Planned, Attempted, Settled]


async def test_acceptance_is_final_where_no_receipts_come(vendor: FakeVendor) -> None:
    deaf = provider(vendor, receipts=ReceiptMode.NONE)

    async with notifier(snapshot(deaf)) as open_:
        result = await open_.send(code())

    assert (result.status, result.final) == (Status.ACCEPTED, True)


async def test_a_failure_goes_to_the_next_provider_with_its_reason_kept(
    vendor: FakeVendor, seen: Seen
) -> None:
    vendor["a"].answers(Reason.CONNECT_FAILED)

    async with notifier(accounts(vendor, "a", "b"), seen) as open_:
        result = await open_.send(code())

    assert result.ok
    assert states(result) == [
        ("a", AttemptState.REJECTED, Reason.CONNECT_FAILED),
        ("b", AttemptState.ACCEPTED, Reason.NONE),
    ]
    left = FailedOver(
        message=result.id, provider="a", to="b", reason=Reason.CONNECT_FAILED
    )
    assert seen.of(FailedOver) == [left]


async def test_a_retry_at_the_same_provider_is_no_failover(
    vendor: FakeVendor, seen: Seen
) -> None:
    vendor["a"].answers(Reason.THROTTLED)
    clock = FakeClock()

    async with notifier(accounts(vendor, "a"), seen, clock=clock) as open_:
        result = await open_.send(code())

    assert [a.provider for a in result.attempts] == ["a", "a"]
    assert seen.of(FailedOver) == []
    assert 0 < clock.slept[0] <= 0.5


async def test_it_is_rejected_with_the_last_reason_when_nobody_takes_it(
    vendor: FakeVendor,
) -> None:
    vendor["a"].answers(Reason.AUTH_FAILED)
    vendor["b"].answers(Reason.CONTENT_REJECTED)

    async with notifier(accounts(vendor, "a", "b")) as open_:
        result = await open_.send(code())

    assert (result.status, result.final) == (Status.REJECTED, True)
    assert result.reason is Reason.CONTENT_REJECTED
    with pytest.raises(MessageNotSent, match="a rejected auth_failed"):
        result.raise_for_status()


async def test_the_vendors_time_to_come_again_is_given_back(vendor: FakeVendor) -> None:
    tomorrow = NOON + timedelta(days=1)
    limited = attrs.evolve(answer_for(Reason.RECIPIENT_RATE_LIMITED), retry_at=tomorrow)
    vendor["a"].answers(limited)

    async with notifier(accounts(vendor, "a", "b")) as open_:
        result = await open_.send(code())

    assert (result.status, result.retry_at) == (Status.REJECTED, tomorrow)
    assert len(result.attempts) == 1


async def test_nothing_eligible_says_why_for_each_provider(vendor: FakeVendor) -> None:
    wrong = provider(vendor, countries=frozenset({"US"}))

    async with notifier(snapshot(wrong)) as open_:
        result = await open_.send(code())

    assert (result.status, result.reason) == (Status.REJECTED, Reason.NO_PROVIDER)
    assert (result.final, result.attempts) == (True, ())
    assert result.excluded == (
        Exclusion(provider="a", why="destination CN is not served"),
    )


async def test_an_unknown_ends_the_tries_and_says_so(vendor: FakeVendor) -> None:
    vendor["a"].answers(Reason.NO_RESPONSE)

    async with notifier(accounts(vendor, "a", "b")) as open_:
        result = await open_.send(code())

    assert (result.status, result.reason) == (Status.SUBMIT_UNKNOWN, Reason.NO_RESPONSE)
    assert (result.final, len(result.attempts)) == (False, 1)
    with pytest.raises(OutcomeUnknown):
        result.raise_for_status()


async def test_an_unknown_is_final_where_nothing_more_can_be_heard(
    vendor: FakeVendor,
) -> None:
    vendor["a"].answers(Reason.NO_RESPONSE)
    deaf = provider(vendor, receipts=ReceiptMode.NONE, query=QueryMode.NONE)

    async with notifier(snapshot(deaf)) as open_:
        result = await open_.send(code())

    assert (result.status, result.final) == (Status.SUBMIT_UNKNOWN, True)


async def test_the_vendors_words_are_masked_and_cut(vendor: FakeVendor) -> None:
    words = f"{NUMBER} is on the list {'!' * 500}"
    vendor["a"].answers(
        attrs.evolve(answer_for(Reason.RECIPIENT_BLOCKED), text=words, code="4085")
    )

    async with notifier(accounts(vendor, "a")) as open_:
        result = await open_.send(code())

    told = result.attempts[0].text or ""
    assert told.startswith("+86138****8000 is on the list")
    assert len(told) == KEPT_TEXT
    assert result.attempts[0].code == "4085"


async def test_each_attempt_records_the_configuration_it_ran_under(
    vendor: FakeVendor,
) -> None:
    configured = accounts(vendor, "a")

    async with notifier(configured) as open_:
        result = await open_.send(code())

    assert [a.config for a in result.attempts] == [configured.hash]


async def test_billable_parts_are_counted_for_the_accepted_attempt_only() -> None:
    vendor = FakeVendor(segments=lambda settings, submission: 3)
    vendor["a"].answers(Reason.CONNECT_FAILED)

    async with notifier(accounts(vendor, "a", "b")) as open_:
        result = await open_.send(code())

    assert [a.segments for a in result.attempts] == [0, 3]
    assert result.segments == 3


# Time.


async def test_a_deadline_shorter_than_an_attempt_tries_nobody(
    vendor: FakeVendor,
) -> None:
    short = PolicySet(deadline=timedelta(seconds=2.5))

    async with notifier(accounts(vendor, "a", policy=short)) as open_:
        result = await open_.send(code())

    assert (result.status, result.reason) == (Status.REJECTED, Reason.DEADLINE_EXCEEDED)
    assert (result.final, result.attempts, vendor["a"].submissions) == (True, (), [])


async def test_a_validity_shorter_than_an_attempt_expires(vendor: FakeVendor) -> None:
    async with notifier(accounts(vendor, "a")) as open_:
        result = await open_.send(code(validity=timedelta(seconds=2.5)))

    assert (result.status, result.reason) == (Status.EXPIRED, Reason.EXPIRED)
    assert (result.final, vendor["a"].submissions) == (True, [])


async def test_an_attempt_gets_no_more_time_than_is_left(vendor: FakeVendor) -> None:
    policy = PolicySet(attempt_timeout=Timeouts(connect=2, read=5))

    async with notifier(accounts(vendor, "a", policy=policy)) as open_:
        await open_.send(code(validity=timedelta(seconds=4.5)))
        await open_.send(code())

    limits = [s.timeouts for s in vendor["a"].submissions]
    assert limits == [Timeouts(connect=2, read=2.5), Timeouts(connect=2, read=5)]


async def test_a_validity_that_ends_between_tries_leaves_the_refusal_and_says_why(
    vendor: FakeVendor,
) -> None:
    vendor["a"].answers(*[Reason.THROTTLED] * 3)
    clock = FakeClock()

    async with notifier(accounts(vendor, "a"), clock=clock) as open_:
        vendor["a"].answers(*[Reason.THROTTLED] * 9)
        result = await open_.send(code(validity=timedelta(seconds=3.0001)))

    assert (result.status, result.reason) == (Status.REJECTED, Reason.EXPIRED)
    assert result.final


class SleepyClock(FakeClock):
    """A clock whose machine was suspended during the wait."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds + 29)


async def test_no_attempt_starts_after_a_wait_that_took_too_long(
    vendor: FakeVendor,
) -> None:
    vendor["a"].answers(Reason.THROTTLED)

    async with notifier(accounts(vendor, "a"), clock=SleepyClock()) as open_:
        result = await open_.send(code())

    assert (result.status, result.reason) == (Status.REJECTED, Reason.DEADLINE_EXCEEDED)
    assert len(vendor["a"].submissions) == 1


# A provider whose plugin is broken.


async def test_a_plugin_that_raises_before_writing_is_left_for_the_next(
    vendor: FakeVendor, seen: Seen
) -> None:
    async def breaks(_: Submission) -> Answer:
        raise KeyError("a secret")

    vendor["a"].answers(breaks)

    async with notifier(accounts(vendor, "a", "b"), seen) as open_:
        result = await open_.send(code())

    assert states(result)[0] == ("a", AttemptState.REJECTED, Reason.INVALID_REQUEST)
    assert result.attempts[0].text == "the provider's plugin raised KeyError"
    assert result.ok
    failed = PluginFailed(plugin="fake", hook="submit", error="KeyError")
    assert seen.of(PluginFailed) == [failed]


async def test_a_plugin_that_raises_after_writing_leaves_it_unknown(
    vendor: FakeVendor,
) -> None:
    vendor["a"].answers(KeyError("a secret"))

    async with notifier(accounts(vendor, "a", "b")) as open_:
        result = await open_.send(code())

    assert states(result) == [("a", AttemptState.UNKNOWN, Reason.NO_RESPONSE)]
    assert result.status is Status.SUBMIT_UNKNOWN


NAIVE = attrs.evolve(
    answer_for(Reason.THROTTLED),
    retry_at=datetime(2026, 1, 1),
)


@pytest.mark.parametrize("answer", [None, "OK", NAIVE], ids=["none", "text", "naive"])
async def test_what_is_no_answer_is_unknown(
    vendor: FakeVendor, seen: Seen, answer: Answer
) -> None:
    async def answers(submission: Submission) -> Answer:
        submission.wire.begin()
        return answer

    vendor["a"].answers(answers)

    async with notifier(accounts(vendor, "a", "b"), seen) as open_:
        result = await open_.send(code())

    assert states(result) == [("a", AttemptState.UNKNOWN, Reason.NO_RESPONSE)]
    assert [f.hook for f in seen.of(PluginFailed)] == ["submit"]


async def test_a_plugin_that_never_answers_is_not_waited_for(
    vendor: FakeVendor,
) -> None:
    vendor["a"].answers(hangs(written=False))
    vendor["c"].answers(hangs(written=True))
    brief = PolicySet(attempt_timeout=Timeouts(connect=0.01, read=0.01))
    first, second = (
        accounts(vendor, "a", "b", policy=brief),
        accounts(vendor, "c", "d", policy=brief),
    )

    async with notifier(first) as one, notifier(second) as other:
        async with asyncio.timeout(4 * GRACE):
            results = await asyncio.gather(one.send(code()), other.send(code()))

    assert [a.provider for a in results[0].attempts] == ["a", "b"]
    assert states(results[1]) == [("c", AttemptState.UNKNOWN, Reason.NO_RESPONSE)]


async def test_a_plugin_that_cancels_itself_does_not_cancel_the_caller(
    vendor: FakeVendor,
) -> None:
    async def cancels(_: Submission) -> Answer:
        raise asyncio.CancelledError

    vendor["a"].answers(cancels)

    async with notifier(accounts(vendor, "a", "b")) as open_:
        result = await open_.send(code())

    assert result.ok
    assert len(result.attempts) == 2


async def test_a_plugin_that_cannot_count_parts_loses_no_message(seen: Seen) -> None:
    vendor = FakeVendor(segments=lambda settings, submission: settings["missing"])

    async with notifier(accounts(vendor, "a"), seen) as open_:
        result = await open_.send(code())

    assert (result.status, result.segments) == (Status.ACCEPTED, 1)
    failed = PluginFailed(plugin="fake", hook="segments", error="KeyError")
    assert seen.of(PluginFailed) == [failed]


async def test_a_plugin_that_cannot_say_whether_it_refuses_is_left_out() -> None:
    broken = FakeVendor("broken", refuses=lambda settings, _: settings["missing"])
    sound = FakeVendor("sound")
    configured = snapshot(provider(broken, "a"), provider(sound, "b"))

    async with notifier(configured) as open_:
        result = await open_.send(code())

    assert [a.provider for a in result.attempts] == ["b"]
    assert result.excluded[0].why == "its plugin raised KeyError"


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


# Cancelled.


def is_written(vendor: FakeVendor) -> bool:
    return any(submission.wire.begun for submission in vendor["a"].submissions)


async def cancelled(open_: Notifier, reached: Callable[[], object]) -> Result:
    """Send, cancel once it is *reached*, and return what is known then."""
    message = code()
    sending = asyncio.create_task(open_.send(message))
    await until(reached)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    known = await open_.get(message.id)
    assert known is not None
    return known


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


# The outbox is out of reach.


def failing(vendor: FakeVendor, *methods: str, spared: int = 0) -> Notifier:
    outbox = FailingOutbox(*methods, spared=spared)
    return notifier(accounts(vendor, "a", "b"), outbox=outbox, clock=FakeClock())


async def test_a_message_that_cannot_be_recorded_is_not_sent(
    vendor: FakeVendor,
) -> None:
    async with failing(vendor, "add") as open_:
        with pytest.raises(StoreUnavailable, match="the disk is full"):
            await open_.send(code())

    assert vendor["a"].submissions == []


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        (Reason.NONE, Status.ACCEPTED),
        (Reason.NO_RESPONSE, Status.SUBMIT_UNKNOWN),
    ],
)
async def test_an_answer_that_cannot_be_recorded_is_told_all_the_same(
    vendor: FakeVendor,
    seen: Seen,
    caplog: pytest.LogCaptureFixture,
    reason: Reason,
    status: Status,
) -> None:
    vendor["a"].answers(reason)
    outbox = FailingOutbox("change")

    async with notifier(accounts(vendor, "a", "b"), seen, outbox=outbox) as open_:
        result = await open_.send(code())

    assert result.status is status
    assert len(result.attempts) == 1
    assert [e.attempt.reason for e in seen.of(Attempted)] == [reason]
    assert f"{result.id} is {status}, which could not be recorded" in caplog.text


async def test_a_refusal_that_cannot_be_recorded_raises_since_nothing_was_sent(
    vendor: FakeVendor,
) -> None:
    vendor["a"].answers(Reason.CONNECT_FAILED)

    async with failing(vendor, "change") as open_:
        with pytest.raises(StoreUnavailable):
            await open_.send(code())

    assert vendor["b"].submissions == []


async def test_a_second_attempt_that_cannot_be_recorded_is_not_made(
    vendor: FakeVendor,
) -> None:
    vendor["a"].answers(Reason.CONNECT_FAILED)

    async with failing(vendor, "change", spared=1) as open_:
        with pytest.raises(StoreUnavailable):
            await open_.send(code())

    assert vendor["b"].submissions == []


async def test_a_repetition_that_cannot_be_recorded_is_not_made(
    vendor: FakeVendor,
) -> None:
    vendor["a"].answers(Reason.NO_RESPONSE)
    known = provider(vendor, idempotent_reference=WINDOW)
    outbox = FailingOutbox("change", spared=1)

    async with notifier(snapshot(known), outbox=outbox, clock=FakeClock()) as open_:
        result = await open_.send(code())

    assert result.status is Status.SUBMIT_UNKNOWN
    assert [a.state for a in result.attempts] == [AttemptState.UNKNOWN]
    assert len(vendor["a"].submissions) == 1


async def test_an_end_that_cannot_be_recorded_is_told(vendor: FakeVendor) -> None:
    vendor["a"].answers(Reason.RECIPIENT_INVALID)

    async with failing(vendor, "change", spared=1) as open_:
        result = await open_.send(code())

    assert (result.status, result.final) == (Status.REJECTED, True)


@pytest.mark.parametrize("method", ["take_parked", "get"])
async def test_an_outbox_that_cannot_look_for_early_receipts_does_not_hide_acceptance(
    vendor: FakeVendor, method: str
) -> None:
    async with failing(vendor, method) as open_:
        result = await open_.send(code(), wait_for="delivered", timeout=0)

    assert result.status is Status.ACCEPTED


async def test_a_cancellation_that_cannot_be_recorded_is_a_cancellation(
    vendor: FakeVendor, caplog: pytest.LogCaptureFixture
) -> None:
    vendor["a"].answers(hangs(written=True))

    async with failing(vendor, "change") as open_:
        await cancelled(open_, lambda: is_written(vendor))

    assert "is submit_unknown, which could not be recorded" in caplog.text


# In general.

SCRIPTS = st.lists(st.sampled_from(Reason), max_size=4)


@settings(deadline=None, max_examples=60)
@given(
    scripts=st.tuples(SCRIPTS, SCRIPTS, SCRIPTS),
    attempts=st.integers(1, 6),
    has_window=st.booleans(),
)
async def test_whatever_providers_answer_one_at_most_may_have_delivered(
    scripts: tuple[list[Reason], ...], attempts: int, has_window: bool
) -> None:
    vendor, seen, outbox = FakeVendor(), Seen(), MemoryOutbox()
    window = WINDOW if has_window else None
    for name, script in zip("abc", scripts, strict=True):
        told: list[Scripted] = list(script)
        vendor[name].answers(*told)
    configured = snapshot(
        *(provider(vendor, name, idempotent_reference=window) for name in "abc"),
        policy=PolicySet(max_attempts=attempts),
    )

    async with notifier(configured, seen, outbox=outbox, clock=FakeClock()) as open_:
        result = await open_.send(code())
        stored = await outbox.get(result.id)

    held = {a.provider for a in result.attempts if a.state is not AttemptState.REJECTED}
    assert len(held) <= 1
    assert len(result.attempts) <= attempts
    assert stored is not None
    assert stored.is_closed
    assert [s.status for s in seen.of(Settled) if s.previous is None] == [result.status]
    assert tuple(e.attempt.number for e in seen.of(Attempted)) == tuple(
        a.number for a in result.attempts
    )
