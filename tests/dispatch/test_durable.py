"""Messages in an outbox that outlives the process: recorded, leased, sent once."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from notify_core.dispatch.leases import SPAN
from notify_core.errors import ConfigurationError
from notify_core.model.attempt import Answer
from notify_core.model.event import Attempted, Settled
from notify_core.model.outcome import Disposition, Outcome, Reason
from notify_core.model.receipt import Receipt
from notify_core.model.status import AttemptState, Status
from notify_core.notifier import Notifier
from notify_core.outbox.port import Lease
from notify_core.outbox.sqlite import SqliteOutbox
from notify_core.policy.policy_set import OnUnknown, PolicySet, Settling, Then
from notify_core.provider import Submission
from notify_core.testing import FakeClock, FakeVendor
from notify_core.testing.fakes import hangs
from tests.builders import (
    NOON,
    Seen,
    accounts,
    code,
    is_written,
    policies,
    provider,
    pushed,
    snapshot,
    states,
    text,
    until,
    webhook,
)
from tests.dispatch.durable import KEY, Night, durable, known, stored, worked

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
OTHER = Lease(owner="another", until=NOON + timedelta(hours=1))


# Sending at once.


async def test_a_message_is_recorded_with_its_attempt_before_it_is_written(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock
) -> None:
    message, found = code(), []

    async def look(submission: Submission) -> Answer:
        record = await stored(outbox, message.id)
        claims = await outbox.claim(OTHER, clock.now(), 10)
        found.append(([a.state for a in record.attempts], claims))
        return Answer(outcome=Outcome.ACCEPTED)

    vendor["a"].answers(look)

    async with durable(accounts(vendor, "a"), outbox, clock) as open_:
        result = await open_.send(message)

    assert result.ok
    assert found == [([AttemptState.SUBMITTING], [])]
    assert (await stored(outbox, message.id)).result() == result
    assert await outbox.next_due() is None


async def test_a_deferred_message_returns_at_once_and_a_worker_sends_it(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock
) -> None:
    night = policies(night=Night(ends=NOON + MINUTE))

    async with durable(accounts(vendor, "a", policy=night), outbox, clock) as open_:
        result = await open_.send(code())
        too_early = await worked(open_)
        clock.advance(MINUTE)
        in_time = await worked(open_)
        sent = await known(open_, result.id)

    assert (result.status, result.retry_at) == (Status.DEFERRED, NOON + MINUTE)
    assert (too_early, in_time) == (0, 1)
    assert sent.ok


async def test_a_run_that_lost_its_message_adds_its_answer_and_no_more(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock, seen: Seen
) -> None:
    answered = asyncio.Event()

    async def slow(submission: Submission) -> Answer:
        submission.wire.begin()
        await answered.wait()
        return Answer(outcome=Outcome.ACCEPTED, provider_id="v-1")

    vendor["a"].answers(slow)
    message = code()

    async with durable(accounts(vendor, "a", "b"), outbox, clock, seen) as open_:
        sending = asyncio.create_task(open_.send(message))
        await until(lambda: is_written(vendor))
        clock.advance(SPAN)
        await worked(open_)  # as another process would
        meanwhile = await known(open_, message.id)
        answered.set()
        result = await sending

    assert states(meanwhile) == [("a", AttemptState.UNKNOWN, Reason.INTERRUPTED)]
    assert meanwhile.status is Status.SUBMIT_UNKNOWN
    assert states(result) == [("a", AttemptState.ACCEPTED, Reason.NONE)]
    assert len(vendor["a"].submissions) == 1
    assert not vendor["b"].submissions
    assert [e.status for e in seen.of(Settled)] == [
        Status.SUBMIT_UNKNOWN,
        Status.ACCEPTED,
    ]


async def test_a_run_that_lost_its_message_asks_nobody_else(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock
) -> None:
    refused = asyncio.Event()

    async def slow(submission: Submission) -> Answer:
        await refused.wait()
        return Answer(outcome=Outcome.REJECTED, reason=Reason.CONNECT_FAILED)

    vendor["a"].answers(slow)
    message = code()

    async with durable(accounts(vendor, "a", "b"), outbox, clock) as open_:
        sending = asyncio.create_task(open_.send(message))
        await until(lambda: vendor["a"].submissions)
        clock.advance(SPAN)
        await worked(open_)
        refused.set()
        result = await sending

    assert result.status is Status.REJECTED
    assert not vendor["b"].submissions


async def test_who_is_cancelled_while_the_message_is_recorded_withdraws_it(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock
) -> None:
    cancelled = []

    async with durable(accounts(vendor, "a"), outbox, clock) as open_:
        for turns in range(20):
            message = code()
            sending = asyncio.create_task(open_.enqueue(message))
            for _ in range(turns % 4):
                await asyncio.sleep(0)
            if sending.cancel():  # it was not recorded yet
                cancelled.append(message.id)
            await asyncio.gather(sending, return_exceptions=True)
        left = [await open_.get(message) for message in cancelled]
        await worked(open_)

    assert cancelled
    assert {r.status for r in left if r} <= {Status.CANCELED}
    assert not {s.message for s in vendor["a"].submissions} & {*cancelled}


async def test_a_sender_that_is_cancelled_leaves_no_message_half_sent(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock
) -> None:
    vendor["a"].answers(hangs(written=False))
    message = code()

    async with durable(accounts(vendor, "a"), outbox, clock) as open_:
        sending = asyncio.create_task(open_.send(message))
        await until(lambda: vendor["a"].submissions)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        result = await known(open_, message.id)

    assert (result.status, result.attempts) == (Status.CANCELED, ())


# Lost answers.


async def test_a_lost_answer_is_asked_for_by_whoever_works(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock
) -> None:
    vendor["a"].answers(Reason.NO_RESPONSE)
    message = code()
    vendor["a"].receipts[message.id] = Receipt(state=AttemptState.DELIVERED)

    async with durable(accounts(vendor, "a"), outbox, clock) as open_:
        result = await open_.send(message)
        at_once = await worked(open_)
        clock.advance(2 * SECOND)
        later = await worked(open_)
        settled = await known(open_, message.id)

    assert result.status is Status.SUBMIT_UNKNOWN
    assert (at_once, later) == (0, 1)
    assert (settled.status, settled.final) == (Status.DELIVERED, True)


async def test_what_nobody_finds_out_is_given_up_at_the_end_of_its_time(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock
) -> None:
    vendor["a"].answers(Reason.NO_RESPONSE)
    looks = []

    async with durable(accounts(vendor, "a"), outbox, clock) as open_:
        result = await open_.send(code())
        while not (now := await known(open_, result.id)).final:
            due = await outbox.next_due()
            assert due is not None
            looks.append(due - NOON)
            clock.advance(due - clock.now())
            await worked(open_)

    assert looks == [2 * SECOND, 4 * SECOND, 8 * SECOND, 16 * SECOND, 30 * SECOND]
    assert (now.status, now.final) == (Status.SUBMIT_UNKNOWN, True)
    assert len(vendor["a"].submissions) == 1
    assert await outbox.next_due() is None


async def test_another_provider_follows_where_the_policy_set_has_it_so(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock
) -> None:
    vendor["a"].answers(Reason.NO_RESPONSE)
    twice = PolicySet(
        duplicates=True,
        deadline=timedelta(hours=1),
        on_unknown=OnUnknown(
            settle=(Settling.QUERY,), within=2 * SECOND, then=Then.FAILOVER
        ),
    )
    configured = accounts(vendor, "a", "b", policy=twice)

    async with durable(configured, outbox, clock) as open_:
        result = await open_.send(code())
        clock.advance(2)
        await worked(open_)
        settled = await known(open_, result.id)

    assert result.status is Status.SUBMIT_UNKNOWN
    assert [a.provider for a in settled.attempts] == ["a", "b"]
    assert settled.ok


async def test_a_negative_receipt_has_a_worker_ask_another_provider(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock
) -> None:

    follows = PolicySet(reasons={Reason.RECIPIENT_UNREACHABLE: Disposition.FAILOVER})
    configured = snapshot(
        provider(vendor, "a", webhook=webhook()), provider(vendor, "b"), policy=follows
    )
    failed = Receipt(
        state=AttemptState.UNDELIVERED,
        provider_id="a-1",
        reason=Reason.RECIPIENT_UNREACHABLE,
    )

    async with durable(configured, outbox, clock) as open_:
        result = await open_.send(code())
        await open_.receive("a", pushed(vendor, "a", failed))
        before = await known(open_, result.id)
        await worked(open_)
        after = await known(open_, result.id)

    assert before.status is Status.SUBMITTING
    assert [a.provider for a in after.attempts] == ["a", "b"]
    assert after.ok


# A process that died.


async def test_a_message_whose_process_died_while_submitting_is_never_sent_again(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock, seen: Seen
) -> None:
    vendor["a"].answers(hangs(written=True))
    message = code()

    async with durable(accounts(vendor, "a", "b"), outbox, clock, seen) as open_:
        dying = asyncio.create_task(open_.send(message))
        await until(lambda: is_written(vendor))
        clock.advance(SPAN)
        await worked(open_)
        taken_up = await known(open_, message.id)
        while not (known_last := await known(open_, message.id)).final:
            clock.advance(10)
            await worked(open_)
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
        at_last = await known(open_, message.id)

    assert states(taken_up) == [("a", AttemptState.UNKNOWN, Reason.INTERRUPTED)]
    assert known_last.status is at_last.status is Status.SUBMIT_UNKNOWN
    assert len(vendor["a"].submissions) == 1
    assert not vendor["b"].submissions
    assert [e.attempt.reason for e in seen.of(Attempted)][:1] == [Reason.INTERRUPTED]


async def test_a_message_that_waited_for_its_second_try_goes_on(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock
) -> None:
    vendor["a"].answers(Reason.CONNECT_FAILED)
    patient = PolicySet(deadline=timedelta(hours=1))
    message = code()

    async with durable(accounts(vendor, "a", policy=patient), outbox, clock) as first:
        dying = asyncio.create_task(first.send(message))
        await until(lambda: clock.slept)
        (claim,) = await outbox.claim(OTHER, clock.now() + SPAN, 10)
        going_on = asyncio.create_task(first.engine.work(claim))
        await until(lambda: len(clock.slept) > 1 or going_on.done())
        clock.advance(10)
        await going_on
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
        result = await known(first, message.id)

    assert states(result)[-1] == ("a", AttemptState.ACCEPTED, Reason.NONE)
    assert len(vendor["a"].submissions) == 2


# The outbox of the configuration.


async def test_an_open_notifier_keeps_its_outbox(
    vendor: FakeVendor, tmp_path: Path
) -> None:
    configured = {
        "version": 1,
        "outbox": {"url": f"sqlite:///{tmp_path}/notify.db"},
        "privacy": {"hash_key": KEY},
        "providers": {"a": {"type": "fake"}},
        "routes": {"pool": "a"},
    }
    other = {**configured, "outbox": {"url": f"sqlite:///{tmp_path}/other.db"}}

    async with Notifier.from_config(configured, plugins={"v": vendor}) as open_:
        with pytest.raises(ConfigurationError, match="start it again"):
            await open_.reload(other)
        result = await open_.send(text())

    assert result.ok
    assert not (tmp_path / "other.db").exists()


async def test_closing_leaves_what_is_unsettled_to_workers(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock
) -> None:
    vendor["a"].answers(Reason.NO_RESPONSE)

    async with durable(accounts(vendor, "a"), outbox, clock) as open_:
        result = await open_.send(code())
        left = await open_.aclose()

    assert result.status is Status.SUBMIT_UNKNOWN
    assert left == ()
    assert await outbox.next_due() is not None
