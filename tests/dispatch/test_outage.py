"""What is sent, and what is told, while the outbox is out of reach."""

from datetime import timedelta

import pytest

from notify_core.errors import StoreUnavailable
from notify_core.model.event import Attempted
from notify_core.model.outcome import Reason
from notify_core.model.status import AttemptState, Status
from notify_core.notifier import Notifier
from notify_core.testing import FakeClock, FakeVendor
from notify_core.testing.fakes import hangs
from tests.builders import (
    FailingOutbox,
    Seen,
    accounts,
    cancelled,
    code,
    is_written,
    notifier,
    provider,
    snapshot,
)

WINDOW = timedelta(seconds=60)


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
