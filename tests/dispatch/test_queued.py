"""Messages of the queue on which the work fails, or ends otherwise than it began."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from notify_core.dispatch.leases import SPAN
from notify_core.errors import IdempotencyConflict, NotifyError
from notify_core.model.outcome import Disposition, Reason
from notify_core.model.receipt import Receipt
from notify_core.model.result import Result
from notify_core.model.status import AttemptState, Status
from notify_core.outbox.port import Addition, Entry
from notify_core.outbox.sqlite import SqliteOutbox
from notify_core.policy.decision import Decision, Verdict
from notify_core.policy.policy_set import OnUnknown, PolicySet, Then
from notify_core.routing.health.health import Health
from notify_core.routing.plan import Planner
from notify_core.testing import FakeClock, FakeVendor
from notify_core.testing.fakes import hangs
from tests.builders import (
    NOON,
    Says,
    accounts,
    code,
    is_written,
    policies,
    states,
    text,
    until,
)
from tests.dispatch.durable import KEY, durable, known, stored, worked

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
REFUSE = Decision(verdict=Verdict.REJECT, reason=Reason.POLICY_CONTENT)


class Unanswering(SqliteOutbox):
    """An outbox that records many messages and never says so."""

    recorded = False

    async def add_all(self, entries: Sequence[Entry]) -> list[Addition | NotifyError]:
        """Record them, and hang."""
        added = await super().add_all(entries)
        self.recorded = True
        await asyncio.Event().wait()
        return added


@pytest.fixture
async def unanswering(tmp_path: Path) -> AsyncIterator[Unanswering]:
    made = Unanswering(tmp_path / "notify.db", KEY)
    yield made
    await made.aclose()


def defect(*_: Any, **__: Any) -> Any:
    raise LookupError("a defect")


# Many at once.


async def test_who_is_cancelled_while_a_batch_is_recorded_withdraws_all_of_it(
    vendor: FakeVendor, unanswering: Unanswering, clock: FakeClock
) -> None:
    batch = [code(), code()]

    async with durable(accounts(vendor, "a"), unanswering, clock) as open_:
        adding = asyncio.create_task(open_.enqueue_all(batch))
        await until(lambda: unanswering.recorded)
        adding.cancel()
        with pytest.raises(asyncio.CancelledError):
            await adding
        left = [await known(open_, message.id) for message in batch]
        at_work = await worked(open_)

    assert [result.status for result in left] == [Status.CANCELED] * 2
    assert at_work == 0


async def test_a_key_that_conflicts_is_told_of_what_a_policy_refuses_too(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock
) -> None:
    configured = accounts(vendor, "a", policy=policies(mine=Says(REFUSE)))
    batch = [code(idempotency_key="k"), text(idempotency_key="k")]

    async with durable(configured, outbox, clock) as open_:
        refused, conflict = await open_.enqueue_all(batch)

    assert isinstance(refused, Result)
    assert refused.reason is Reason.POLICY_CONTENT
    assert isinstance(conflict, IdempotencyConflict)


# What is found out later.


async def test_a_lost_answer_of_a_provider_that_was_taken_away_is_noted_as_lost(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock
) -> None:
    vendor["a"].answers(hangs(written=True))
    message = code()

    async with (
        durable(accounts(vendor, "a"), outbox, clock) as dying,
        durable(accounts(vendor, "b"), outbox, clock) as open_,
    ):
        sending = asyncio.create_task(dying.send(message))
        await until(lambda: is_written(vendor))
        clock.advance(SPAN)
        await worked(open_)
        result = await known(open_, message.id)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)

    assert states(result) == [("a", AttemptState.UNKNOWN, Reason.INTERRUPTED)]
    assert not vendor["b"].submissions


async def test_another_provider_follows_when_the_vendor_says_that_it_did_not_arrive(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock
) -> None:
    follows = PolicySet(reasons={Reason.RECIPIENT_UNREACHABLE: Disposition.FAILOVER})
    message = code()
    vendor["a"].answers(Reason.NO_RESPONSE)
    vendor["a"].receipts[message.id] = Receipt(
        state=AttemptState.UNDELIVERED, reason=Reason.RECIPIENT_UNREACHABLE
    )

    async with durable(
        accounts(vendor, "a", "b", policy=follows), outbox, clock
    ) as open_:
        await open_.send(message)
        clock.advance(2)
        await worked(open_)
        reopened = await known(open_, message.id)
        await worked(open_)
        result = await known(open_, message.id)

    assert reopened.status is Status.SUBMITTING
    assert states(result) == [
        ("a", AttemptState.UNDELIVERED, Reason.RECIPIENT_UNREACHABLE),
        ("b", AttemptState.ACCEPTED, Reason.NONE),
    ]


# Defects.


async def test_a_message_is_given_up_on_which_the_work_still_fails_after_a_day(
    vendor: FakeVendor,
    outbox: SqliteOutbox,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with durable(accounts(vendor, "a"), outbox, clock) as open_:
        result = await open_.enqueue(code())
        monkeypatch.setattr(Planner, "plan", defect)
        await worked(open_)
        put_off = await known(open_, result.id)
        clock.advance(DAY)
        await worked(open_)
        given_up = await known(open_, result.id)

    assert (put_off.status, put_off.retry_at) == (Status.DEFERRED, NOON + MINUTE)
    assert (given_up.status, given_up.final, given_up.reason) == (
        Status.REJECTED,
        True,
        Reason.DEADLINE_EXCEEDED,
    )


async def test_a_defect_while_a_lost_answer_is_settled_has_it_settled_later(
    vendor: FakeVendor,
    outbox: SqliteOutbox,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    vendor["a"].answers(Reason.NO_RESPONSE)
    twice = PolicySet(
        duplicates=True,
        deadline=timedelta(hours=1),
        on_unknown=OnUnknown(within=timedelta(seconds=2), then=Then.FAILOVER),
    )

    async with durable(
        accounts(vendor, "a", "b", policy=twice), outbox, clock
    ) as open_:
        sent = await open_.send(code())
        clock.advance(2)
        with monkeypatch.context() as broken:
            broken.setattr(Planner, "plan", defect)
            await worked(open_)
        failed = await stored(outbox, sent.id)
        clock.advance(MINUTE)
        await worked(open_)
        result = await known(open_, sent.id)

    assert failed.status is Status.SUBMIT_UNKNOWN
    assert failed.settle_at == NOON + timedelta(seconds=2) + MINUTE
    assert [a.provider for a in result.attempts] == ["a", "b"]
    assert result.ok


async def test_a_defect_after_a_message_was_written_never_sends_it_twice(
    vendor: FakeVendor,
    outbox: SqliteOutbox,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with durable(accounts(vendor, "a", "b"), outbox, clock) as open_:
        queued = await open_.enqueue(code())
        with monkeypatch.context() as broken:
            broken.setattr(Health, "note", defect)
            await worked(open_)
        failed = await known(open_, queued.id)
        await worked(open_)
        result = await known(open_, queued.id)

    assert failed.status is Status.SUBMITTING
    assert states(result) == [("a", AttemptState.UNKNOWN, Reason.INTERRUPTED)]
    assert len(vendor["a"].submissions) == 1
    assert not vendor["b"].submissions
