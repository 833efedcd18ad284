"""Messages that are recorded for a worker."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from notify_core.dispatch import pauses
from notify_core.errors import (
    ConfigurationError,
    IdempotencyConflict,
    InvalidMessage,
    NotifyError,
)
from notify_core.model.attempt import Answer
from notify_core.model.checked import Facts
from notify_core.model.event import Accepted, Settled
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.result import Result
from notify_core.model.status import Status
from notify_core.outbox.sqlite import SqliteOutbox
from notify_core.policy.decision import Decision, Verdict
from notify_core.policy.policy_set import PolicySet
from notify_core.policy.take import Refused, Sliding, Take
from notify_core.testing import FakeClock, FakeVendor
from tests.builders import NOON, Says, Seen, accounts, code, notifier, policies, text
from tests.dispatch.durable import Night, durable, known, outbox_in, worked

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
OVER = Decision(verdict=Verdict.REJECT, reason=Reason.POLICY_RATE_LIMITED)
FIVE = Take("c", Sliding(MINUTE), 5)


async def test_a_message_is_recorded_and_sent_by_a_worker(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock, seen: Seen
) -> None:
    async with durable(accounts(vendor, "a"), outbox, clock, seen) as open_:
        result = await open_.enqueue(code())
        before = list(vendor["a"].submissions)
        await worked(open_)
        sent = await known(open_, result.id)

    assert (result.status, result.final, result.attempts) == (Status.CREATED, False, ())
    assert not before
    assert sent.ok
    assert len(vendor["a"].submissions) == 1
    assert len(seen.of(Accepted)) == 1
    assert [e.status for e in seen.of(Settled)] == [Status.ACCEPTED]


async def test_an_outbox_in_memory_takes_nothing_for_a_worker(
    vendor: FakeVendor,
) -> None:
    async with notifier(accounts(vendor, "a")) as open_:
        with pytest.raises(ConfigurationError, match=r"outbox: \{url: sqlite"):
            await open_.enqueue(code())
        with pytest.raises(ConfigurationError, match=r"outbox: \{url: sqlite"):
            await open_.enqueue_all([code()])


async def test_a_message_that_cannot_be_sent_is_refused_at_once(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock
) -> None:
    async with durable(accounts(vendor, "a"), outbox, clock) as open_:
        with pytest.raises(InvalidMessage):
            await open_.enqueue(code(to="nobody"))

        assert await outbox.next_due() is None


async def test_what_a_policy_refuses_is_refused_at_once(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock
) -> None:
    limited = accounts(vendor, "a", policy=policies(limit=Says(OVER, FIVE)))

    async with durable(limited, outbox, clock) as open_:
        results = await asyncio.gather(*(open_.enqueue(code()) for _ in range(20)))
        at_work = await worked(open_)

    assert sum(r.status is Status.CREATED for r in results) == at_work == 5
    assert {r.reason for r in results if r.final} == {Reason.POLICY_RATE_LIMITED}


async def test_two_hundred_with_one_key_are_one_message(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock
) -> None:
    async with durable(accounts(vendor, "a"), outbox, clock) as open_:
        asked = (open_.enqueue(code(idempotency_key="k")) for _ in range(200))
        results = await asyncio.gather(*asked)
        await worked(open_)
        again = await open_.enqueue(code(idempotency_key="k"))
        with pytest.raises(IdempotencyConflict):
            await open_.enqueue(text(idempotency_key="k"))

    assert len({result.id for result in results}) == 1
    assert (again.id, again.status) == (results[0].id, Status.ACCEPTED)
    assert len(vendor["a"].submissions) == 1


async def test_a_batch_has_a_result_or_an_error_for_each(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock
) -> None:
    limited = accounts(vendor, "a", policy=policies(limit=Says(OVER, FIVE)))
    batch = [
        code(idempotency_key="k"),
        code(to="nobody"),
        code(idempotency_key="k"),
        text(idempotency_key="k"),
        *(code() for _ in range(5)),
    ]

    async with durable(limited, outbox, clock) as open_:
        told = await open_.enqueue_all(batch)
        at_work = await worked(open_)

    first, invalid, same, conflict, *rest = told
    assert isinstance(first, Result)
    assert isinstance(invalid, InvalidMessage)
    assert isinstance(same, Result)
    assert same.id == first.id
    assert isinstance(conflict, IdempotencyConflict)
    assert not any(isinstance(one, NotifyError) for one in rest)
    assert [r.status for r in rest if isinstance(r, Result)] == [
        *[Status.CREATED] * 4,
        Status.REJECTED,
    ]
    assert at_work == 5


async def test_an_empty_batch_is_nothing(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock
) -> None:
    async with durable(accounts(vendor, "a"), outbox, clock) as open_:
        assert await open_.enqueue_all([]) == []


# Later.


@pytest.mark.parametrize("way", ["send", "enqueue"])
async def test_a_scheduled_message_goes_at_its_time(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock, way: str
) -> None:
    later = code(not_before=NOON + MINUTE)

    async with durable(accounts(vendor, "a"), outbox, clock) as open_:
        result = await getattr(open_, way)(later)
        clock.advance(59)
        too_early = await worked(open_)
        clock.advance(1)
        await worked(open_)
        sent = await known(open_, result.id)

    assert (result.status, result.retry_at) == (Status.DEFERRED, NOON + MINUTE)
    assert "schedule" in result.why
    assert too_early == 0
    assert sent.ok


async def test_what_it_is_good_for_counts_from_the_time_it_is_scheduled_for(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock
) -> None:
    later = code(not_before=NOON + timedelta(hours=1), validity=MINUTE)

    async with durable(accounts(vendor, "a"), outbox, clock) as open_:
        result = await open_.enqueue(later)
        clock.advance(timedelta(hours=1) + 30 * SECOND)
        await worked(open_)
        sent = await known(open_, result.id)

    assert sent.ok


async def test_a_policy_may_put_a_scheduled_message_off_further(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock
) -> None:
    night = policies(night=Night(ends=NOON + 2 * MINUTE))
    later = code(not_before=NOON + MINUTE)

    async with durable(accounts(vendor, "a", policy=night), outbox, clock) as open_:
        result = await open_.enqueue(later)

    assert result.retry_at == NOON + 2 * MINUTE


async def test_the_deadline_counts_from_when_a_worker_takes_the_message_up(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock
) -> None:
    async with durable(accounts(vendor, "a"), outbox, clock) as open_:
        result = await open_.enqueue(code())
        clock.advance(timedelta(hours=1))
        await worked(open_)
        sent = await known(open_, result.id)

    assert sent.ok


async def test_a_message_that_is_good_no_more_is_not_sent(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock
) -> None:
    async with durable(accounts(vendor, "a"), outbox, clock) as open_:
        result = await open_.enqueue(code(validity=MINUTE))
        clock.advance(MINUTE)
        await worked(open_)
        late = await known(open_, result.id)

    assert (late.status, late.final, late.reason) == (
        Status.EXPIRED,
        True,
        Reason.EXPIRED,
    )
    assert not vendor["a"].submissions


async def test_what_lay_long_in_the_queue_is_asked_again_what_minds_the_time(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock
) -> None:
    configured = accounts(vendor, "a", policy=policies(evening=_Evening()))

    async with durable(configured, outbox, clock) as open_:
        result = await open_.enqueue(code())
        clock.advance(2 * MINUTE)
        await worked(open_)
        waiting = await known(open_, result.id)

    assert (result.status, waiting.status) == (Status.CREATED, Status.DEFERRED)


class _Evening(Night):
    """Lets nothing go after a minute past noon until the next morning."""

    def __init__(self) -> None:
        super().__init__(ends=NOON + timedelta(hours=20))

    def decide(self, facts: Facts, now: datetime, refused: Refused) -> Decision:
        """Defer what comes too late."""
        if now <= NOON + MINUTE:
            return Decision(verdict=Verdict.ALLOW)
        return super().decide(facts, now, refused)


# Waiting for a provider.


async def test_a_wait_that_the_vendor_asks_for_is_spent_in_the_queue(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock
) -> None:
    soon = clock.now() + timedelta(hours=2)
    vendor["a"].answers(
        Answer(outcome=Outcome.REJECTED, reason=Reason.THROTTLED, retry_at=soon)
    )
    many = PolicySet(deadline=timedelta(hours=3))

    async with durable(accounts(vendor, "a", policy=many), outbox, clock) as open_:
        result = await open_.enqueue(code(validity=timedelta(hours=4)))
        await worked(open_)
        waiting = await known(open_, result.id)

    assert (waiting.status, waiting.retry_at) == (Status.DEFERRED, soon)


# Withdrawing.


async def test_a_message_that_waits_can_be_cancelled(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock, seen: Seen
) -> None:
    async with durable(accounts(vendor, "a"), outbox, clock, seen) as open_:
        result = await open_.enqueue(code())
        canceled = await open_.cancel(result.id)
        again = await open_.cancel(result.id)
        at_work = await worked(open_)

    assert canceled is not None
    assert (canceled.status, canceled.final) == (Status.CANCELED, True)
    assert again == canceled
    assert at_work == 0
    assert not vendor["a"].submissions
    assert [e.status for e in seen.of(Settled)] == [Status.CANCELED]


async def test_a_message_that_was_sent_cannot_be_cancelled(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock
) -> None:
    async with durable(accounts(vendor, "a"), outbox, clock) as open_:
        result = await open_.send(code())

        assert await open_.cancel(result.id) == result
        assert await open_.cancel("unheard-of") is None


async def test_what_a_cancelled_message_took_is_free_again(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock
) -> None:
    limited = accounts(vendor, "a", policy=policies(limit=Says(OVER, FIVE)))

    async with durable(limited, outbox, clock) as open_:
        first = [await open_.enqueue(code()) for _ in range(5)]
        await open_.cancel(first[0].id)
        next_one = await open_.enqueue(code())

    assert next_one.status is Status.CREATED


# Again.


async def test_what_ended_unsent_can_be_sent_again(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock
) -> None:
    vendor["a"].answers(Reason.CONTENT_REJECTED)

    async with durable(accounts(vendor, "a"), outbox, clock) as open_:
        dead = await open_.send(text())
        listed = await open_.dead_letters()
        again = await open_.replay(dead.id)
        left = await open_.dead_letters()
        clock.advance(timedelta(days=2))
        twice = await open_.replay(dead.id)
        await worked(open_)
        assert again is not None
        sent = await known(open_, again.id)

    assert dead.status is Status.REJECTED
    assert [record.message.id for record in listed.records] == [dead.id]
    assert left.records == ()
    assert again.id != dead.id
    assert again == twice
    assert sent.ok


async def test_dead_letters_come_a_page_at_a_time_newest_first(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock
) -> None:
    vendor["a"].answers(*[Reason.CONTENT_REJECTED] * 3)

    async with durable(accounts(vendor, "a"), outbox, clock) as open_:
        dead = [(await open_.send(text())).id for _ in range(3)]
        newer = await open_.dead_letters(limit=2)
        oldest = await open_.dead_letters(limit=2, cursor=newer.cursor)

    pages = [[record.message.id for record in page.records] for page in (newer, oldest)]
    assert pages == [[dead[2], dead[1]], [dead[0]]]
    assert oldest.cursor is None


async def test_a_message_that_may_have_been_sent_is_not_replayed(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock
) -> None:
    vendor["a"].answers(Reason.NO_RESPONSE)

    async with durable(accounts(vendor, "a"), outbox, clock) as open_:
        lost = await open_.send(text())
        sent = await open_.send(text())

        assert await open_.replay(lost.id) == lost
        assert await open_.replay(sent.id) == sent
        assert await open_.replay("unheard-of") is None


# Paused providers.


async def test_a_paused_provider_gets_nothing(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock
) -> None:
    async with durable(accounts(vendor, "a", "b"), outbox, clock) as open_:
        await open_.pause("a", "invoice open")
        result = await open_.send(code())

    assert [a.provider for a in result.attempts] == ["b"]
    assert [(e.provider, e.why) for e in result.excluded] == [
        ("a", "paused: invoice open")
    ]


async def test_messages_wait_while_nobody_but_a_paused_provider_may_have_them(
    vendor: FakeVendor, outbox: SqliteOutbox, clock: FakeClock
) -> None:
    async with durable(accounts(vendor, "a"), outbox, clock) as open_:
        await open_.pause("a", "invoice open")
        result = await open_.enqueue(code())
        await worked(open_)
        waiting = await known(open_, result.id)
        await open_.resume("a")
        clock.advance(MINUTE)
        await worked(open_)
        sent = await known(open_, result.id)

    assert (waiting.status, waiting.reason) == (Status.DEFERRED, Reason.NO_PROVIDER)
    assert sent.ok


async def test_a_pause_that_another_process_made_is_heeded(
    vendor: FakeVendor,
    outbox: SqliteOutbox,
    clock: FakeClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pauses, "LOOK_EVERY", 0.01)
    other = outbox_in(tmp_path)

    async with durable(accounts(vendor, "a", "b"), outbox, clock) as open_:
        await other.pause("a", "moves house", clock.now())
        async with asyncio.timeout(60):
            while not open_.engine.pauses.why:  # noqa: ASYNC110 (nobody tells)
                await asyncio.sleep(0.01)
        result = await open_.send(code())
    await other.aclose()

    assert [a.provider for a in result.attempts] == ["b"]
