"""Receipts that do not come: asked for, given up, and followed by another provider."""

from datetime import timedelta
from typing import Any

import pytest

from notify_core.config.snapshot import Snapshot
from notify_core.dispatch.missing_receipts import missing_from, receipt_looks
from notify_core.model.attempt import Attempt
from notify_core.model.outcome import Reason
from notify_core.model.receipt import Receipt
from notify_core.model.recipient import Recipient
from notify_core.model.result import Result
from notify_core.model.status import AttemptState, Status
from notify_core.notifier import Notifier
from notify_core.outbox.dead_letter import dead_letter
from notify_core.outbox.sqlite import SqliteOutbox
from notify_core.policy.policy_set import PolicySet, ReceiptDeadline, Then
from notify_core.provider import QueryMode, ReceiptMode
from notify_core.testing import FakeClock, FakeProvider, FakeVendor
from tests.builders import (
    NOON,
    code,
    notifier,
    provider,
    pushed,
    record,
    snapshot,
    until,
    webhook,
)
from tests.dispatch.durable import durable, known, stored, worked

SPAN = timedelta(hours=72)
SOON = timedelta(seconds=10)
PATIENT = PolicySet(receipt_deadline=ReceiptDeadline(within=SPAN))
HASTY = PolicySet(
    receipt_deadline=ReceiptDeadline(within=SOON, then=Then.FAILOVER), duplicates=True
)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(runs=False)


def configured(vendor: FakeVendor, policy: PolicySet, **can: Any) -> Snapshot:
    """Return two accounts that have receipts."""
    receipts = {"receipts": ReceiptMode.PUSH, **can}
    both = (provider(vendor, n, webhook=webhook(), **receipts) for n in "ab")
    return snapshot(*both, policy=policy)


async def test_a_message_without_its_receipt_ends_as_receipt_timeout(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock
) -> None:
    async with durable(configured(vendor, PATIENT), outbox, clock) as open_:
        sent = await open_.send(code())
        clock.advance(SPAN - timedelta(seconds=1))
        early = await worked(open_)
        clock.advance(1)
        await worked(open_)
        result = await known(open_, sent.id)

    assert (sent.status, sent.final, early) == (Status.ACCEPTED, False, 0)
    assert (result.status, result.final) == (Status.RECEIPT_TIMEOUT, True)
    assert dead_letter(await stored(outbox, sent.id)) == "receipt_timeout"


async def test_a_receipt_in_time_ends_the_waiting(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock
) -> None:
    async with durable(configured(vendor, PATIENT), outbox, clock) as open_:
        sent = await open_.send(code())
        told = Receipt(state=AttemptState.DELIVERED, provider_id="a-1")
        await open_.receive("a", pushed(vendor, "a", told))
        clock.advance(SPAN)
        due = await worked(open_)
        result = await known(open_, sent.id)

    assert (due, result.status) == (0, Status.DELIVERED)


async def test_a_late_receipt_still_raises_the_status(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock
) -> None:
    async with durable(configured(vendor, PATIENT), outbox, clock) as open_:
        sent = await open_.send(code())
        clock.advance(SPAN)
        await worked(open_)
        told = Receipt(state=AttemptState.DELIVERED, provider_id="a-1")
        await open_.receive("a", pushed(vendor, "a", told))
        result = await known(open_, sent.id)

    assert result.status is Status.DELIVERED


async def test_another_provider_follows_once_where_the_policy_set_has_it_so(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock
) -> None:
    async with durable(configured(vendor, HASTY), outbox, clock) as open_:
        sent = await open_.send(code())
        for _ in range(3):
            clock.advance(SOON)
            await worked(open_)
        result = await known(open_, sent.id)

    assert [a.provider for a in result.attempts] == ["a", "b"]
    assert (result.status, result.final) == (Status.RECEIPT_TIMEOUT, True)


async def test_nobody_waits_for_a_provider_that_has_no_receipts(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock
) -> None:
    mute = configured(vendor, PATIENT, receipts=ReceiptMode.NONE)
    async with durable(mute, outbox, clock) as open_:
        sent = await open_.send(code())
        clock.advance(SPAN)
        due = await worked(open_)

    assert (sent.status, sent.final, due) == (Status.ACCEPTED, True, 0)


async def test_a_vendor_that_pushes_nothing_is_asked_with_growing_pauses(
    vendor: FakeVendor,
    outbox: SqliteOutbox,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[float] = []

    async def query(_: object, attempt: Attempt, to: Recipient) -> Receipt | None:
        asked.append(clock.monotonic())
        is_there = len(asked) == 4
        return Receipt(state=AttemptState.DELIVERED) if is_there else None

    monkeypatch.setattr(FakeProvider, "query", query, raising=False)
    can = {"receipts": ReceiptMode.POLL, "query": QueryMode.REFERENCE}
    async with durable(configured(vendor, PATIENT, **can), outbox, clock) as open_:
        sent = await open_.send(code())
        for _ in range(30):
            clock.advance(1)
            await worked(open_)
        result = await known(open_, sent.id)

    assert asked == [2, 4, 8, 16]
    assert (result.status, result.final) == (Status.DELIVERED, True)


def attempted(state: AttemptState) -> Attempt:
    """Return an attempt through the account "a"."""
    return Attempt(
        number=1, provider="a", account="C1", state=state, started_at=NOON, config=""
    )


@pytest.mark.parametrize("state", [AttemptState.REJECTED, AttemptState.ACCEPTED])
def test_no_receipt_is_missing_of_what_has_none(state: AttemptState) -> None:
    silent = snapshot(provider(FakeVendor(), "a", receipts=ReceiptMode.NONE))

    assert missing_from(attempted(state), silent, PATIENT) is None


def test_no_receipt_is_missing_of_a_provider_that_is_gone() -> None:
    assert missing_from(attempted(AttemptState.SENT), snapshot(), PATIENT) is None


def test_a_vendor_is_asked_twice_as_late_each_time_but_not_after_the_end() -> None:
    can = {"receipts": ReceiptMode.POLL, "query": QueryMode.REFERENCE}
    both = configured(FakeVendor(), PATIENT, **can)
    sent = record(attempts=(attempted(AttemptState.SENT),))
    last = (None, NOON + timedelta(minutes=4), NOON + timedelta(hours=50))

    looks = [list(receipt_looks(sent, both, PATIENT, look)) for look in last]

    assert looks == [
        [NOON + timedelta(seconds=2)],
        [NOON + timedelta(minutes=8)],
        [NOON + SPAN],
    ]


# Without a store: the notifier itself waits.


async def waited(open_: Notifier, clock: FakeClock, span: timedelta) -> Result:
    """Send, move the clock once somebody waits for it, and return the end."""
    sent = await open_.send(code())
    await until(lambda: span.total_seconds() in clock.slept)
    clock.advance(span)
    ended = await open_.wait(sent.id, timeout=30)
    assert ended is not None
    return ended


async def test_a_notifier_in_memory_gives_a_receipt_up_too(
    vendor: FakeVendor, clock: FakeClock
) -> None:
    async with notifier(configured(vendor, PATIENT), clock=clock) as open_:
        result = await waited(open_, clock, SPAN)

    assert (result.status, result.final) == (Status.RECEIPT_TIMEOUT, True)


async def test_a_receipt_is_waited_for_after_it_was_found_out_that_one_comes(
    vendor: FakeVendor,
) -> None:
    vendor["a"].answers(Reason.NO_RESPONSE)
    clock = FakeClock()
    asked = configured(vendor, PATIENT, query=QueryMode.REFERENCE)

    async with notifier(asked, clock=clock) as open_:
        message = code()
        vendor["a"].receipts[message.id] = Receipt(state=AttemptState.SENT)
        result = await open_.send(message, wait_for="delivered", timeout=60)

    assert (result.status, result.final) == (Status.RECEIPT_TIMEOUT, True)
    assert clock.now() - NOON == SPAN


async def test_a_notifier_in_memory_asks_another_provider_too(
    vendor: FakeVendor, clock: FakeClock
) -> None:
    async with notifier(configured(vendor, HASTY), clock=clock) as open_:
        sent = await open_.send(code())
        await until(lambda: SOON.total_seconds() in clock.slept)
        clock.advance(SOON)
        await until(lambda: len(vendor["b"].submissions) == 1)
        result = await known(open_, sent.id)

    assert [a.provider for a in result.attempts] == ["a", "b"]
