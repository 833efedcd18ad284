"""A worker drains an outbox, and is drained itself."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from notify_core.clock import SystemClock
from notify_core.dispatch import leases, run
from notify_core.errors import ConfigurationError, StoreUnavailable
from notify_core.model.attempt import Answer
from notify_core.model.event import Attempted
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.status import AttemptState, Status
from notify_core.notifier import Notifier
from notify_core.outbox.port import Change, Claimed
from notify_core.outbox.sqlite import SqliteOutbox
from notify_core.provider import Submission
from notify_core.testing import FakeVendor
from notify_core.testing.fakes import hangs
from notify_core.worker import Worker, worker
from tests.builders import Seen, accounts, code, notifier, states
from tests.dispatch.durable import KEY, known, outbox_in

SECONDS = 60


def on(vendor: FakeVendor, outbox: SqliteOutbox, seen: Seen | None = None) -> Notifier:
    """Return a notifier by the machine's time."""
    configured = accounts(vendor, "a")
    return notifier(configured, seen or Seen(), outbox=outbox, clock=SystemClock())


async def reached(is_so: Callable[[], object]) -> None:
    """Wait until something has come about, but not for ever."""
    async with asyncio.timeout(SECONDS):
        while not is_so():  # noqa: ASYNC110 (what is waited for tells nobody)
            await asyncio.sleep(0.002)


async def enqueued(open_: Notifier, many: int) -> list[str]:
    """Enqueue messages, and return their ids."""
    return [(await open_.enqueue(code())).id for _ in range(many)]


async def test_what_is_enqueued_is_sent(
    vendor: FakeVendor, outbox: SqliteOutbox
) -> None:
    async with on(vendor, outbox) as open_, Worker(open_) as worker:
        messages = await enqueued(open_, 10)
        await reached(lambda: worker.worked == 10)
        results = [await known(open_, message) for message in messages]

    assert {result.status for result in results} == {Status.ACCEPTED}
    assert len(vendor["a"].submissions) == 10


async def test_what_another_process_enqueues_is_sent(
    vendor: FakeVendor, outbox: SqliteOutbox, tmp_path: Path
) -> None:
    other = outbox_in(tmp_path)

    async with (
        on(vendor, outbox) as open_,
        on(FakeVendor(), other) as elsewhere,
        Worker(open_),
    ):
        await asyncio.sleep(0.05)
        await elsewhere.enqueue(code())
        await reached(lambda: vendor["a"].submissions)
    await other.aclose()


async def test_no_more_messages_are_at_work_than_it_may_have(
    vendor: FakeVendor, outbox: SqliteOutbox
) -> None:
    at_work, most = 0, 0

    async def slow(submission: Submission) -> Answer:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        await asyncio.sleep(0.005)
        at_work -= 1
        return Answer(outcome=Outcome.ACCEPTED)

    vendor["a"].answers(*[slow] * 40)

    async with on(vendor, outbox) as open_:
        await open_.enqueue_all([code() for _ in range(40)])
        async with Worker(open_, concurrency=3) as worker:
            await reached(lambda: worker.worked == 40)

    assert most == 3


class Slow(SqliteOutbox):
    """An outbox that takes no answer while it is told to wait."""

    may_answer: asyncio.Event

    async def change(self, message: str, to: Any, epoch: int | None = None) -> Change:
        """Change a record; first wait, if that is its answer."""
        stored = await self.get(message)
        if stored is not None and stored.attempts:
            await self.may_answer.wait()
        return await super().change(message, to, epoch)


async def test_the_next_message_is_sent_while_the_answer_to_one_is_recorded(
    vendor: FakeVendor, tmp_path: Path
) -> None:
    slow = Slow(tmp_path / "notify.db", KEY)
    slow.may_answer = asyncio.Event()

    async with on(vendor, slow) as open_:
        await enqueued(open_, 2)
        async with Worker(open_, concurrency=1) as worker:
            await reached(lambda: len(vendor["a"].submissions) == 2)
            worked = worker.worked
            slow.may_answer.set()
            await reached(lambda: worker.worked == 2)
    await slow.aclose()

    assert worked == 0


async def test_workers_share_what_there_is(
    vendor: FakeVendor, outbox: SqliteOutbox, tmp_path: Path
) -> None:
    other = outbox_in(tmp_path)
    second = FakeVendor()

    async with on(vendor, outbox) as one, on(second, other) as two:
        await one.enqueue_all([code() for _ in range(200)])
        async with Worker(one, concurrency=4) as a, Worker(two, concurrency=4) as b:
            await reached(lambda: a.worked + b.worked == 200)
    await other.aclose()

    sent = [s.message for v in (vendor, second) for s in v["a"].submissions]
    assert len(sent) == len(set(sent)) == 200
    assert a.worked
    assert b.worked


# Its own end.


async def test_drained_it_ends_what_runs_and_hands_the_rest_back(
    vendor: FakeVendor, outbox: SqliteOutbox
) -> None:
    may_end = asyncio.Event()

    async def slow(submission: Submission) -> Answer:
        await may_end.wait()
        return Answer(outcome=Outcome.ACCEPTED)

    vendor["a"].answers(*[slow] * 2)

    async with on(vendor, outbox) as open_:
        messages = await enqueued(open_, 4)
        working = Worker(open_, concurrency=2)
        run_of = asyncio.create_task(working.run())
        await reached(lambda: len(vendor["a"].submissions) == 2)
        working.drain()
        may_end.set()
        await run_of
        left = [await known(open_, message) for message in messages]
        due = await outbox.next_due()

    assert sorted(result.status for result in left) == sorted(
        [Status.ACCEPTED] * 2 + [Status.CREATED] * 2
    )
    assert due is not None
    assert due <= SystemClock().now()


@pytest.mark.parametrize("written", [True, False])
async def test_what_runs_too_long_is_given_back_unless_it_was_written(
    vendor: FakeVendor, outbox: SqliteOutbox, *, written: bool
) -> None:
    vendor["a"].answers(hangs(written=written))

    async with on(vendor, outbox) as open_:
        (message,) = await enqueued(open_, 1)
        working = Worker(open_, grace=0)
        run_of = asyncio.create_task(working.run())
        await reached(lambda: vendor["a"].submissions)
        working.drain()
        await run_of
        left = await known(open_, message)
        async with Worker(open_) as next_one:
            await reached(lambda: next_one.worked or written)
            at_last = await known(open_, message)

    if written:
        assert states(left) == [("a", AttemptState.UNKNOWN, Reason.INTERRUPTED)]
        assert len(vendor["a"].submissions) == 1
    else:
        assert (left.status, left.attempts) == (Status.CREATED, ())
        assert at_last.ok


async def test_cancelled_it_leaves_nothing_leased(
    vendor: FakeVendor, outbox: SqliteOutbox
) -> None:
    vendor["a"].answers(*[hangs(written=False)] * 3)

    async with on(vendor, outbox) as open_:
        await enqueued(open_, 3)
        run_of = asyncio.create_task(Worker(open_, concurrency=2).run())
        await reached(lambda: len(vendor["a"].submissions) == 2)
        run_of.cancel()
        await asyncio.gather(run_of, return_exceptions=True)
        due = await open_.engine.leases.claimed(10)

    assert len(due) == 3


# What goes wrong.


async def test_a_run_that_takes_longer_than_a_lease_keeps_its_message(
    vendor: FakeVendor,
    outbox: SqliteOutbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(leases, "SPAN", timedelta(seconds=0.3))
    monkeypatch.setattr(leases, "RENEW_EVERY", 0.05)
    other = outbox_in(tmp_path)

    async def slow(submission: Submission) -> Answer:
        await asyncio.sleep(0.5)
        return Answer(outcome=Outcome.ACCEPTED)

    vendor["a"].answers(slow)

    async with on(vendor, outbox) as one, on(vendor, other) as two:
        async with Worker(one) as a, Worker(two) as b:
            (message,) = await enqueued(one, 1)
            await reached(lambda: a.worked + b.worked)
        result = await known(one, message)
    await other.aclose()

    assert states(result) == [("a", AttemptState.ACCEPTED, Reason.NONE)]
    assert len(vendor["a"].submissions) == 1


class Flaky(SqliteOutbox):
    """An outbox on a disk that is away when it is told to be."""

    is_away = False

    async def change(self, *given: Any, **named: Any) -> Change:
        """Change a record, or fail."""
        self._check()
        return await super().change(*given, **named)

    async def claim(self, *given: Any) -> list[Claimed]:
        """Claim, or fail."""
        self._check()
        return await super().claim(*given)

    def _check(self) -> None:
        if self.is_away:
            raise StoreUnavailable("the disk is away")


@pytest.fixture
async def flaky(tmp_path: Path) -> AsyncIterator[Flaky]:
    made = Flaky(tmp_path / "notify.db", KEY)
    yield made
    await made.aclose()


async def test_an_outbox_that_is_away_is_waited_for(
    vendor: FakeVendor,
    flaky: Flaky,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(worker, "FIRST_RETRY", 0.01)
    caplog.set_level(logging.INFO, "notify_core.worker")

    async with on(vendor, flaky) as open_:
        (message,) = await enqueued(open_, 1)
        flaky.is_away = True
        async with Worker(open_) as working:
            await reached(lambda: "nothing is claimed" in caplog.text)
            flaky.is_away = False
            await reached(lambda: working.worked)
        result = await known(open_, message)

    assert result.ok
    assert "the outbox is back" in caplog.text


async def test_an_answer_is_kept_for_an_outbox_that_is_away(
    vendor: FakeVendor, flaky: Flaky, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "TRY_EVERY", 0.01)

    async def meanwhile(submission: Submission) -> Answer:
        flaky.is_away = True
        return Answer(outcome=Outcome.ACCEPTED)

    vendor["a"].answers(meanwhile)

    async with on(vendor, flaky, seen=seen) as open_, Worker(open_) as working:
        (message,) = await enqueued(open_, 1)
        await reached(lambda: seen.of(Attempted))
        unrecorded = await known(open_, message)
        flaky.is_away = False
        await reached(lambda: working.worked)
        result = await known(open_, message)

    assert unrecorded.status is Status.SUBMITTING
    assert result.ok
    assert len(vendor["a"].submissions) == len(seen.of(Attempted)) == 1


async def test_a_defect_puts_one_message_off_and_no_other(
    vendor: FakeVendor, outbox: SqliteOutbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad: list[str] = []

    async with on(vendor, outbox) as open_:
        plan = type(open_.engine.planner).plan

        def broken(self, record, *rest):  # type: ignore[no-untyped-def]
            if record.message.id in bad:
                raise LookupError("a defect")
            return plan(self, record, *rest)

        monkeypatch.setattr(type(open_.engine.planner), "plan", broken)
        first, second = await enqueued(open_, 2)
        bad.append(first)
        async with Worker(open_) as working:
            await reached(lambda: working.worked == 2)
        results = [await known(open_, message) for message in (first, second)]

    assert [r.status for r in results] == [Status.DEFERRED, Status.ACCEPTED]


def test_a_worker_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="one message at once or more"):
        Worker(None, concurrency=0)  # type: ignore[arg-type]


async def test_a_worker_needs_an_outbox_that_outlives_it(vendor: FakeVendor) -> None:
    async with notifier(accounts(vendor, "a")) as open_:
        with pytest.raises(ConfigurationError, match="outlive"):
            await Worker(open_).run()
