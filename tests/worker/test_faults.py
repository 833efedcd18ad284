"""What goes wrong around a worker: the vendor, the clock, the order of what comes."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from notify_core.clock import SystemClock
from notify_core.model.attempt import Answer
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.receipt import Receipt
from notify_core.model.status import AttemptState, Status
from notify_core.notifier import Notifier
from notify_core.outbox import keeper
from notify_core.outbox.sqlite import SqliteOutbox
from notify_core.provider import Submission
from notify_core.testing import FakeClock, FakeVendor
from notify_core.trial.scripted import answer_for
from notify_core.worker import Worker
from tests.builders import accounts, code, notifier, provider, pushed, snapshot, webhook
from tests.dispatch.durable import durable, known, outbox_in, worked_off
from tests.worker.test_worker import enqueued, reached

HOUR = timedelta(hours=1)


# The vendor.


@pytest.mark.parametrize("trouble", [Reason.CONNECT_FAILED, Reason.NO_RESPONSE])
async def test_a_vendor_in_trouble_rests_while_the_outbox_grows_and_drains_afterwards(
    vendor: FakeVendor, outbox: SqliteOutbox, trouble: Reason
) -> None:
    clock = FakeClock()
    ends = clock.now() + HOUR

    async def in_trouble(submission: Submission) -> Answer:
        submission.wire.begin()
        return answer_for(trouble if clock.now() < ends else Reason.NONE)

    vendor["a"].answers(*[in_trouble] * 1000)

    async with durable(accounts(vendor, "a"), outbox, clock) as open_:
        messages = await enqueued(open_, 40)
        await worked_off(open_, outbox, clock, most=HOUR / 2)
        resting = open_.rest("a")
        shown = await _shown(open_, outbox, clock)
        left = await worked_off(open_, outbox, clock)
        results = [await known(open_, message) for message in messages]

    assert resting is not None
    assert shown["notify_provider_state"] == 2
    assert shown["notify_outbox_messages"] > 20
    assert left == 0
    assert sum(result.ok for result in results) > 20
    most = 3 if trouble is Reason.CONNECT_FAILED else 1
    assert {len(result.attempts) for result in results} <= set(range(most + 1))
    assert {result.reason for result in results if not result.ok} <= {trouble}


async def _shown(
    open_: Notifier, outbox: SqliteOutbox, clock: FakeClock
) -> dict[str, float]:
    """Return what metrics show of the provider and of what waits."""
    open_.plugins.observe(await keeper.read(outbox, clock.now()))
    wanted: dict[str, dict[str, str]] = {
        "notify_provider_state": {"provider": "a"},
        "notify_outbox_messages": {"status": "deferred"},
    }
    get = open_.metrics.registry.get_sample_value
    return {name: get(name, labels) or 0.0 for name, labels in wanted.items()}


async def test_a_receipt_that_another_process_takes_before_the_answer_is_kept_for_it(
    vendor: FakeVendor, outbox: SqliteOutbox, tmp_path: Path
) -> None:
    configured = snapshot(provider(vendor, webhook=webhook()))
    other, clock = outbox_in(tmp_path), SystemClock()
    early = Receipt(state=AttemptState.DELIVERED, provider_id="v-1")

    async def answers(submission: Submission) -> Answer:
        submission.wire.begin()
        reply = await elsewhere.receive("a", pushed(vendor, "a", early))
        assert reply.status == 200
        return Answer(outcome=Outcome.ACCEPTED, provider_id="v-1")

    vendor["a"].answers(answers)

    async with (
        notifier(configured, outbox=outbox, clock=clock) as open_,
        notifier(configured, outbox=other, clock=clock) as elsewhere,
    ):
        (message,) = await enqueued(open_, 1)
        async with Worker(open_) as working:
            await reached(lambda: working.worked)
        result = await known(open_, message)
    await other.aclose()

    assert (result.status, result.final) == (Status.DELIVERED, True)


# The clock.


class SetClock(SystemClock):
    """The machine's time, set to another by somebody."""

    def __init__(self) -> None:
        self.by = timedelta()

    def now(self) -> datetime:
        """Return the time of day."""
        return super().now() + self.by


@pytest.mark.parametrize("by", [HOUR, -HOUR])
async def test_a_clock_that_is_set_while_a_message_is_sent_has_it_sent_once(
    vendor: FakeVendor, outbox: SqliteOutbox, tmp_path: Path, by: timedelta
) -> None:
    other, clock, may_end = outbox_in(tmp_path), SetClock(), asyncio.Event()
    configured = accounts(vendor, "a")

    async def slow(submission: Submission) -> Answer:
        submission.wire.begin()
        clock.by = by
        await may_end.wait()
        return Answer(outcome=Outcome.ACCEPTED, provider_id="slow")

    vendor["a"].answers(slow)

    async with (
        notifier(configured, outbox=outbox, clock=clock) as one,
        notifier(configured, outbox=other, clock=clock) as two,
    ):
        async with Worker(one), Worker(two):
            (message,) = await enqueued(one, 1)
            await reached(lambda: clock.by)
            (after,) = await enqueued(one, 1)
            await reached(lambda: len(vendor["a"].submissions) == 2)
            may_end.set()
        results = [await known(one, each) for each in (message, after)]
    await other.aclose()

    assert [result.status for result in results] == [Status.ACCEPTED] * 2
    assert len(vendor["a"].submissions) == 2


async def test_what_a_clock_that_is_set_back_holds_up_is_sent_when_its_time_comes(
    vendor: FakeVendor, outbox: SqliteOutbox
) -> None:
    clock = SetClock()

    async with notifier(accounts(vendor, "a"), outbox=outbox, clock=clock) as open_:
        (before,) = await enqueued(open_, 1)
        clock.by = -HOUR
        (after,) = await enqueued(open_, 1)
        async with Worker(open_) as working:
            await reached(lambda: working.worked)
            early = [await known(open_, each) for each in (before, after)]
            clock.by = timedelta()
            await open_.enqueue(code())
            await reached(lambda: working.worked == 3)
        late = await known(open_, before)

    assert [result.status for result in early] == [Status.CREATED, Status.ACCEPTED]
    assert late.status is Status.ACCEPTED
    assert len(vendor["a"].submissions) == 3
