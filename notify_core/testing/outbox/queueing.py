"""The durable contract's own part: what is due is worked on once."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import attrs
import pytest

from notify_core.errors import IdempotencyConflict
from notify_core.model.channel import Importance
from notify_core.model.status import AttemptState, Status
from notify_core.outbox.port import (
    ADDED,
    Claimed,
    DurableOutbox,
    Entry,
    Lease,
    LeaseLost,
)
from notify_core.outbox.record import Record
from notify_core.policy.take import Sliding, Take
from notify_core.testing.outbox.subject import (
    MINUTE,
    NOON,
    Subject,
    attempt,
    begun,
    closing,
    ended,
    kept,
    message,
    record,
    rejected,
    submitting,
    unknown,
)

SPAN = timedelta(seconds=15)
SOON = timedelta(seconds=1)
PLENTY = 1000


class QueueContract(Subject):
    """Leases, epochs, lanes."""

    async def test_a_message_is_claimed_once(self, outbox: DurableOutbox) -> None:
        """By one of those who ask."""
        given = record()
        await kept(outbox, given)
        assert await claimed(outbox, "w1") == [Claimed(record=given, epoch=1)]
        assert await claimed(outbox, "w2") == []

    async def test_workers_that_claim_at_once_share_what_is_due(
        self, outbox: DurableOutbox
    ) -> None:
        """Each message goes to one of them."""
        records = [record() for _ in range(100)]
        await kept(outbox, *records)
        shares = await asyncio.gather(
            *(claimed(outbox, f"w{n}", limit=10) for n in range(12))
        )
        given = [c.record.message.id for share in shares for c in share]
        assert sorted(given) == sorted(r.message.id for r in records)

    async def test_what_is_due_later_waits(self, outbox: DurableOutbox) -> None:
        """Until its time, and not longer."""
        later = record(planned=Status.DEFERRED, due_at=NOON + MINUTE)
        await kept(outbox, later)
        assert await outbox.next_due() == NOON + MINUTE
        assert await claimed(outbox, now=NOON + MINUTE - SOON) == []
        assert [c.record for c in await claimed(outbox, now=NOON + MINUTE)] == [later]

    async def test_what_is_closed_is_due_when_it_is_to_be_settled(
        self, outbox: DurableOutbox
    ) -> None:
        """And never when it is final."""
        lost = ended(unknown(), settle_at=NOON + MINUTE)
        done = ended(attempt(), final=True, settle_at=NOON, due_at=NOON)
        nothing_to_do = ended(attempt(), due_at=NOON)
        await kept(outbox, lost, done, nothing_to_do)
        assert await claimed(outbox) == []
        assert [c.record for c in await claimed(outbox, now=NOON + MINUTE)] == [lost]

    async def test_a_lease_that_ended_gives_the_message_to_another(
        self, outbox: DurableOutbox
    ) -> None:
        """With the record as the dead worker left it, and a higher epoch."""
        given = record()
        await kept(outbox, given)
        (first,) = await claimed(outbox, "w1")
        change = await outbox.change(given.message.id, submitting, first.epoch)
        assert await outbox.next_due() == NOON + SPAN
        assert await claimed(outbox, "w2", now=NOON + SPAN - SOON) == []
        second = await claimed(outbox, "w2", now=NOON + SPAN)
        assert second == [Claimed(record=change.after, epoch=first.epoch + 1)]

    async def test_a_renewed_lease_holds_on(self, outbox: DurableOutbox) -> None:
        """Only for who has it."""
        given = record()
        await kept(outbox, given)
        await claimed(outbox, "w1")
        runs, renewed = {given.message.id: 1}, lease("w1", NOON + SOON)
        assert await outbox.renew(runs, renewed) == {given.message.id}
        assert await claimed(outbox, "w2", now=NOON + SPAN) == []
        assert await claimed(outbox, "w2", now=NOON + SOON + SPAN)
        assert await outbox.renew(runs, lease("w1", NOON + MINUTE)) == set()

    async def test_a_write_of_an_earlier_run_is_refused(
        self, outbox: DurableOutbox
    ) -> None:
        """What is true whoever has the message is merged."""
        given = record()
        await kept(outbox, given)
        await claimed(outbox, "w1")
        (later,) = await claimed(outbox, "w2", now=NOON + MINUTE)
        with pytest.raises(LeaseLost):
            await outbox.change(given.message.id, submitting, 1)
        assert await outbox.get(given.message.id) == given
        change = await outbox.change(given.message.id, submitting)
        assert await outbox.get(given.message.id) == change.after
        await outbox.change(given.message.id, lambda r: closing(r, attempt()), 2)
        assert later.epoch == 2  # noqa: PLR2004 (the second run)

    async def test_a_write_after_the_end_of_an_unclaimed_lease_counts(
        self, outbox: DurableOutbox
    ) -> None:
        """Nobody else has begun."""
        given = record()
        await kept(outbox, given)
        await claimed(outbox)
        change = await outbox.change(given.message.id, submitting, 1)
        assert change.after.status is Status.SUBMITTING

    @pytest.mark.parametrize(
        "attempts", [(), (attempt(provider_id="v"),), (rejected(),)]
    )
    async def test_a_lease_ends_with_the_work(
        self, outbox: DurableOutbox, attempts: tuple[object, ...]
    ) -> None:
        """A message that is closed is not due again."""
        given = record()
        await kept(outbox, given)
        await claimed(outbox)
        await outbox.change(given.message.id, lambda r: closing(r, *attempts), 1)  # type: ignore[arg-type]
        assert await outbox.next_due() is None
        assert await outbox.renew({given.message.id: 1}, lease("w", NOON)) == set()
        assert await claimed(outbox, now=NOON + 1000 * MINUTE) == []

    async def test_a_message_deferred_by_its_run_is_due_then(
        self, outbox: DurableOutbox
    ) -> None:
        """Its lease has ended, and it may be due before the lease would have."""

        def defer(r: Record) -> Record:
            later = attrs.evolve(r, due_at=NOON + SOON)
            return later.moved((rejected(),), Status.DEFERRED)

        given = record()
        await kept(outbox, given)
        await claimed(outbox)
        await outbox.change(given.message.id, defer, 1)
        (again,) = await claimed(outbox, now=NOON + SOON)
        assert (again.epoch, again.record.status) == (2, Status.DEFERRED)

    async def test_a_receipt_does_not_end_the_lease_of_a_running_message(
        self, outbox: DurableOutbox
    ) -> None:
        """The worker goes on."""
        given = record()
        await kept(outbox, given)
        await claimed(outbox)
        sent = begun(state=AttemptState.SENT)
        await outbox.change(given.message.id, submitting, 1)
        await outbox.change(given.message.id, lambda r: r.with_attempt(sent))
        assert await claimed(outbox, "w2", now=NOON + SOON) == []

    async def test_a_message_given_back_is_due_at_once(
        self, outbox: DurableOutbox
    ) -> None:
        """A worker that stops leaves nothing waiting for its lease to end."""
        given = record()
        await kept(outbox, given)
        await claimed(outbox, "w1")
        await outbox.hand_back(given.message.id, 1)
        assert await claimed(outbox, "w2") == [Claimed(record=given, epoch=2)]
        await outbox.hand_back(given.message.id, 1)
        assert await claimed(outbox, "w3") == []

    async def test_a_message_added_with_a_lease_is_its_senders(
        self, outbox: DurableOutbox
    ) -> None:
        """Until the sender is gone."""
        given = submitting(record())
        addition = await outbox.add(given, lease=lease("sender"))
        assert addition == ADDED
        assert await claimed(outbox, "w") == []
        await outbox.change(given.message.id, lambda r: r, 1)
        (taken_over,) = await claimed(outbox, "w", now=NOON + SPAN)
        assert (taken_over.record, taken_over.epoch) == (given, 2)
        with pytest.raises(LeaseLost):
            await outbox.change(given.message.id, lambda r: r, 1)

    async def test_important_messages_go_first_four_to_one(
        self, outbox: DurableOutbox
    ) -> None:
        """The rest is not forgotten over them."""
        usual = [record(message(importance=Importance.LOW)) for _ in range(50)]
        urgent = [record(message(importance=Importance.CRITICAL)) for _ in range(50)]
        await kept(outbox, *usual, *urgent)
        first = [c.record for c in await claimed(outbox, limit=25)]
        one_by_one = [(await claimed(outbox, limit=1))[0].record for _ in range(25)]
        for served in (first, one_by_one):
            counted = sum(r.message.importance is Importance.LOW for r in served)
            assert counted == len(served) // 5
        assert len(await claimed(outbox)) == 50  # noqa: PLR2004 (all that are left)

    async def test_an_empty_lane_leaves_its_turns_to_the_other(
        self, outbox: DurableOutbox
    ) -> None:
        """Nobody waits for nothing."""
        await kept(outbox, *(record() for _ in range(10)))
        assert len(await claimed(outbox, limit=10)) == 10  # noqa: PLR2004 (all)

    async def test_of_equals_the_first_comes_first(self, outbox: DurableOutbox) -> None:
        """By the time at which they are due."""
        later, sooner = record(accepted_at=NOON), record(accepted_at=NOON - SOON)
        await kept(outbox, later, sooner)
        (first,) = await claimed(outbox, limit=1)
        assert first.record == sooner

    async def test_each_of_a_batch_has_its_own_result(
        self, outbox: DurableOutbox
    ) -> None:
        """In the order given; one that is refused leaves the others alone."""
        take = Take("c", Sliding(MINUTE), most=1)
        said = message(idempotency_key="k")
        other = message(idempotency_key="k", params={"code": "9999"})
        entries = [
            Entry(record=record(said), takes=(take,)),
            Entry(record=record(other)),
            Entry(record=record(message(idempotency_key="k"))),
            Entry(record=record(), takes=(take,)),
            Entry(record=record()),
        ]
        first, conflict, same, full, last = await outbox.add_all(entries)
        assert first == last == ADDED
        assert isinstance(conflict, IdempotencyConflict)
        assert not isinstance(same, Exception)
        assert same.known == entries[0].record
        assert not isinstance(full, Exception)
        assert set(full.refused) == {take}
        assert len(await claimed(outbox)) == 2  # noqa: PLR2004 (the first and the last)

    async def test_a_worker_that_waits_is_told_of_a_new_message(
        self, outbox: DurableOutbox
    ) -> None:
        """Long before its time is over."""
        waiting = asyncio.create_task(outbox.wait(60))
        await asyncio.sleep(0.05)
        await kept(outbox, record())
        async with asyncio.timeout(2):
            await waiting

    async def test_waiting_ends_when_its_time_is_over(
        self, outbox: DurableOutbox
    ) -> None:
        """Also when nothing comes."""
        async with asyncio.timeout(2):
            await outbox.wait(0.01)

    async def test_closing_twice_is_harmless(self, outbox: DurableOutbox) -> None:
        """What was given is written by then."""
        await kept(outbox, record())
        await outbox.aclose()
        await outbox.aclose()


def lease(owner: str = "w", now: datetime = NOON) -> Lease:
    """Return a lease of the usual length."""
    return Lease(owner=owner, until=now + SPAN)


async def claimed(
    outbox: DurableOutbox,
    owner: str = "w",
    *,
    now: datetime = NOON,
    limit: int = PLENTY,
) -> list[Claimed]:
    """Claim what is due."""
    return await outbox.claim(lease(owner, now), now, limit)
