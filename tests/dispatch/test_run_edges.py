"""Runs at whose edge something else happens: a lost lease, a store that is away."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest

from notify_core.dispatch import leases, pauses
from notify_core.dispatch.leases import SPAN
from notify_core.dispatch.ledger import Ledger
from notify_core.errors import ConfigurationError, StoreUnavailable
from notify_core.model.attempt import Answer
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.rate import Rate
from notify_core.model.status import Status
from notify_core.outbox.memory import MemoryOutbox
from notify_core.outbox.port import Lease
from notify_core.outbox.sqlite import SqliteOutbox
from notify_core.policy.policy_set import PolicySet
from notify_core.provider import Submission
from notify_core.routing.health.settings import HealthSettings
from notify_core.testing import FakeClock, FakeVendor
from notify_core.testing.fakes import hangs
from tests.builders import (
    NOON,
    FailingOutbox,
    Seen,
    accounts,
    code,
    is_written,
    notifier,
    provider,
    record,
    snapshot,
    until,
)
from tests.dispatch.durable import KEY, durable, known, stored, worked

OTHER = Lease(owner="another", until=NOON + timedelta(hours=1))


class Broken(SqliteOutbox):
    """An outbox whose methods of some names raise."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, KEY)
        self.broken: dict[str, Exception] = {}
        self.asked: list[str] = []

    def __getattribute__(self, name: str) -> Any:
        get = super().__getattribute__
        if name.startswith("_") or name not in get("__dict__").get("broken", ()):
            return get(name)

        async def fail(*_: object, **__: object) -> None:
            self.asked.append(name)
            raise get("broken")[name]

        return fail


AWAY = StoreUnavailable("the disk is away")


@pytest.fixture
async def outbox(tmp_path: Path) -> AsyncIterator[Broken]:
    made = Broken(tmp_path / "notify.db")
    yield made
    await made.aclose()


# A store that is away.


async def test_a_queued_message_whose_store_is_away_is_taken_up_again_later(
    vendor: FakeVendor,
    outbox: Broken,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def leaves(submission: Submission) -> Answer:
        outbox.broken["change"] = AWAY
        clock.advance(31)  # longer than the answer is held
        return Answer(outcome=Outcome.REJECTED, reason=Reason.CONNECT_FAILED)

    vendor["a"].answers(leaves)

    async with durable(accounts(vendor, "a"), outbox, clock) as open_:
        message = (await open_.enqueue(code())).id
        working = asyncio.create_task(worked(open_))
        while not working.done():
            await asyncio.sleep(0)
            clock.advance(1)
        outbox.broken.clear()
        left = await stored(outbox, message)

    assert f"message {message} is taken up again later: the disk is away" in caplog.text
    assert left.is_running


async def test_an_opt_out_that_cannot_be_stored_does_not_hide_the_refusal(
    vendor: FakeVendor, caplog: pytest.LogCaptureFixture
) -> None:
    vendor["a"].answers(Reason.RECIPIENT_OPTED_OUT)

    async with notifier(accounts(vendor, "a"), outbox=FailingOutbox("hold")) as open_:
        result = await open_.send(code())

    assert (result.status, result.reason) == (
        Status.REJECTED,
        Reason.RECIPIENT_OPTED_OUT,
    )
    assert f"message {result.id}: an opt-out is not stored" in caplog.text


async def test_pauses_that_cannot_be_read_hold_as_they_were_known(
    vendor: FakeVendor,
    outbox: Broken,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pauses, "LOOK_EVERY", 0.0)
    await outbox.pause("a", "moves house", clock.now())

    async with durable(accounts(vendor, "a", "b"), outbox, clock) as open_:
        outbox.broken["paused"] = AWAY
        await until(lambda: outbox.asked.count("paused") >= 2)
        result = await open_.send(code())

    assert [a.provider for a in result.attempts] == ["b"]


@pytest.mark.parametrize("broken", [{}, {"claim": AWAY}])
async def test_what_is_claimed_for_who_is_cancelled_meanwhile_is_due_again_at_once(
    vendor: FakeVendor, outbox: Broken, clock: FakeClock, broken: dict[str, Exception]
) -> None:
    async with durable(accounts(vendor, "a"), outbox, clock) as open_:
        message = (await open_.enqueue(code())).id
        outbox.broken |= broken
        claiming = asyncio.create_task(open_.engine.leases.claimed(1))
        await asyncio.sleep(0)
        claiming.cancel()
        with pytest.raises(asyncio.CancelledError):
            await claiming
        outbox.broken.clear()
        claims = await outbox.claim(OTHER, clock.now(), 1)

    assert [claim.record.message.id for claim in claims] == [message]


async def test_leases_that_cannot_be_renewed_are_tried_again(
    vendor: FakeVendor,
    outbox: Broken,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(leases, "RENEW_EVERY", 0.0)
    outbox.broken["renew"] = AWAY

    async with durable(accounts(vendor, "a"), outbox, clock) as open_:
        with open_.engine.leases.held("m", 1):
            await until(lambda: outbox.asked.count("renew") >= 2)

    assert "leases are not renewed: the disk is away" in caplog.text


async def test_a_lease_that_was_lost_is_renewed_no_more(
    vendor: FakeVendor,
    outbox: Broken,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(leases, "RENEW_EVERY", 0.0)

    async with durable(accounts(vendor, "a"), outbox, clock) as open_:
        with open_.engine.leases.held("gone", 1):
            await until(lambda: not open_.engine.leases._runs)
        result = await open_.send(code())

    assert result.ok


async def test_work_in_the_background_that_ends_by_a_defect_is_logged(
    vendor: FakeVendor,
    outbox: Broken,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(leases, "RENEW_EVERY", 0.0)
    outbox.broken["renew"] = RuntimeError("a defect")

    async with durable(accounts(vendor, "a"), outbox, clock) as open_:
        with open_.engine.leases.held("m", 1):
            await until(lambda: "notify-leases ended with RuntimeError" in caplog.text)
        result = await open_.send(code())

    assert result.ok


async def test_a_memory_outbox_has_no_queue(vendor: FakeVendor) -> None:
    async with notifier(accounts(vendor, "a")) as open_:
        with pytest.raises(ConfigurationError, match=r"outbox: \{url: sqlite"):
            _ = open_.engine.queue


# A lease that was lost.


async def test_a_message_that_another_took_before_the_work_began_is_left_to_it(
    vendor: FakeVendor, outbox: Broken, clock: FakeClock
) -> None:
    async with durable(accounts(vendor, "a"), outbox, clock) as open_:
        await open_.enqueue(code())
        (claim,) = await open_.engine.leases.claimed(1)
        clock.advance(SPAN)
        (taken,) = await outbox.claim(OTHER, clock.now(), 1)
        await open_.engine.work(claim)

    assert taken.epoch > claim.epoch
    assert not vendor["a"].submissions
    assert await outbox.claim(OTHER, clock.now(), 1) == []


@pytest.mark.parametrize("broken", [{}, {"get": AWAY}])
async def test_a_message_that_another_took_during_the_work_stays_with_it(
    vendor: FakeVendor, outbox: Broken, clock: FakeClock, broken: dict[str, Exception]
) -> None:
    async def slow(submission: Submission) -> Answer:
        clock.advance(SPAN)
        await outbox.claim(OTHER, clock.now(), 1)
        outbox.broken |= broken
        return Answer(outcome=Outcome.REJECTED, reason=Reason.CONNECT_FAILED)

    vendor["a"].answers(slow)

    async with durable(accounts(vendor, "a", "b"), outbox, clock) as open_:
        await open_.enqueue(code())
        await worked(open_)

    assert not vendor["b"].submissions
    assert await outbox.claim(OTHER, clock.now(), 1) == []


async def test_a_sender_that_is_cancelled_after_its_lease_was_lost_is_cancelled(
    vendor: FakeVendor, outbox: Broken, clock: FakeClock
) -> None:
    vendor["a"].answers(hangs(written=True))
    message = code()

    async with durable(accounts(vendor, "a"), outbox, clock) as open_:
        sending = asyncio.create_task(open_.send(message))
        await until(lambda: is_written(vendor))
        clock.advance(SPAN)
        await worked(open_)  # as another process would
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        result = await known(open_, message.id)

    assert (result.status, result.reason) == (
        Status.SUBMIT_UNKNOWN,
        Reason.INTERRUPTED,
    )


async def test_a_cancelled_worker_hands_its_message_back(
    vendor: FakeVendor, outbox: Broken, clock: FakeClock
) -> None:
    vendor["a"].answers(hangs(written=False))

    async with durable(accounts(vendor, "a"), outbox, clock) as open_:
        await open_.enqueue(code())
        working = asyncio.create_task(worked(open_))
        await until(lambda: vendor["a"].submissions)
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await working
        claims = await outbox.claim(OTHER, clock.now(), 1)

    assert len(claims) == 1


# What stood before the attempt, or comes after it.


async def test_a_message_that_was_recorded_otherwise_is_not_withdrawn(
    seen: Seen,
) -> None:
    outbox, given = MemoryOutbox(), record()
    other = attrs.evolve(given, planned=Status.SUBMITTING)
    await outbox.add(other)

    await Ledger(outbox, seen.notify_observe, FakeClock()).withdraw(given)

    assert await outbox.get(given.message.id) == other


async def test_a_slot_of_a_message_that_was_known_already_goes_to_another(
    vendor: FakeVendor,
) -> None:
    paced = attrs.evolve(provider(vendor), max_rate=Rate.parse("2/s"))

    async with notifier(snapshot(paced)) as open_:
        first = await open_.send(code(idempotency_key="k"))
        again = await open_.send(code(idempotency_key="k"))
        async with asyncio.timeout(1):
            other = await open_.send(code())

    assert again.id == first.id
    assert other.ok
    assert len(vendor["a"].submissions) == 2


async def test_a_turn_that_does_not_come_before_the_deadline_ends_the_message(
    vendor: FakeVendor,
) -> None:
    clock = FakeClock(runs=False)
    frail = HealthSettings(failures=1, rest=timedelta(hours=1))
    vendor["a"].answers(Reason.CONNECT_FAILED, hangs(written=False))
    once = PolicySet(max_attempts=1)
    configured = snapshot(attrs.evolve(provider(vendor), health=frail), policy=once)

    async with notifier(configured, clock=clock) as open_:
        await open_.send(code())
        first = asyncio.create_task(open_.send(code()))
        await until(lambda: len(vendor["a"].submissions) == 2)
        second = asyncio.create_task(open_.send(code()))
        await until(lambda: clock.slept)
        clock.advance(clock.slept[-1])
        result = await second
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)

    assert (result.status, result.attempts) == (Status.REJECTED, ())


async def test_nobody_is_asked_for_an_answer_after_a_reload_took_the_provider_away(
    vendor: FakeVendor, caplog: pytest.LogCaptureFixture
) -> None:
    vendor["a"].answers(Reason.NO_RESPONSE)
    clock = FakeClock(runs=False)

    async with notifier(accounts(vendor, "a"), clock=clock) as open_:
        result = await open_.send(code())
        await until(lambda: clock.slept)
        await open_.engine.swap(accounts(vendor, "b"))
        asked = len(clock.slept)
        clock.advance(2)
        await until(lambda: len(clock.slept) > asked)
        left = await known(open_, result.id)

    assert left.status is Status.SUBMIT_UNKNOWN
    assert "not settled yet" not in caplog.text
