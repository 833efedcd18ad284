"""The contract's fourth part: counters are exact."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from notify_core.model.status import AttemptState, Status
from notify_core.outbox.port import Outbox
from notify_core.outbox.record import Record
from notify_core.policy.take import CalendarDay, Refusal, Sliding, Take
from notify_core.testing.outbox.subject import (
    MINUTE,
    NOON,
    Subject,
    attempt,
    closing,
    message,
    record,
    rejected,
    submitting,
    took,
    unknown,
)

AT_ONCE = 200
MOST = 5
SECOND = timedelta(seconds=1)
TICK = timedelta(microseconds=1)


def per_minute(most: int = 1, counter: str = "c", *, asks: bool = False) -> Take:
    """Return a take with a window of a minute."""
    return Take(counter, Sliding(MINUTE), most, asks)


class CountingContract(Subject):
    """Takings, their windows, and giving them back."""

    async def test_a_window_slides_exactly(self, outbox: Outbox) -> None:
        """A taking counts for its span, to the microsecond."""
        assert await took(outbox, per_minute())
        assert await took(outbox, per_minute(), now=NOON + MINUTE - TICK) is None
        assert await took(outbox, per_minute(), now=NOON + MINUTE)

    async def test_a_day_ends_at_midnight_in_its_zone(self, outbox: Outbox) -> None:
        """Not a day after the taking, and not at midnight somewhere else."""
        day = Take("c", CalendarDay(ZoneInfo("Asia/Shanghai")), 1)
        midnight = datetime(2026, 1, 1, 16, tzinfo=UTC)
        assert await took(outbox, day, now=NOON)
        assert await took(outbox, day, now=midnight - TICK) is None
        assert await took(outbox, day, now=midnight)

    async def test_a_refusal_says_who_took_last_and_when_there_is_room(
        self, outbox: Outbox
    ) -> None:
        """Room is there as soon as the oldest of as many as may be counts no more."""
        take = per_minute(2)
        await took(outbox, take, now=NOON)
        last = await took(outbox, take, now=NOON + SECOND)
        addition = await outbox.add(record(accepted_at=NOON + 2 * SECOND), (take,))
        assert last is not None
        assert addition.refused == {
            take: Refusal(free_at=NOON + MINUTE, holder=last.message.id)
        }
        assert await took(outbox, take, now=NOON + MINUTE)

    async def test_only_the_windows_without_room_refuse(self, outbox: Outbox) -> None:
        """Several windows on one counter count one taking."""
        short = per_minute(1)
        day = Take("c", CalendarDay(UTC), 2)
        both = (short, day)
        assert await took(outbox, *both)
        first = await outbox.add(record(accepted_at=NOON + SECOND), both)
        assert set(first.refused) == {short}
        assert await took(outbox, *both, now=NOON + MINUTE)
        second = await outbox.add(record(accepted_at=NOON + 3 * MINUTE), both)
        assert set(second.refused) == {day}
        assert second.refused[day].free_at == datetime(2026, 1, 2, tzinfo=UTC)

    async def test_all_is_taken_or_nothing(self, outbox: Outbox) -> None:
        """A counter beside a full one stays as it was."""
        full, free = per_minute(1, "full"), per_minute(1, "free")
        await took(outbox, full)
        assert await took(outbox, free, full) is None
        assert await took(outbox, full, free) is None
        assert await took(outbox, free)

    async def test_a_counter_that_nothing_may_take_refuses_for_ever(
        self, outbox: Outbox
    ) -> None:
        """Waiting does not help."""
        never = per_minute(0)
        addition = await outbox.add(record(), (never,))
        assert addition.refused == {never: Refusal(free_at=None)}

    async def test_a_take_of_nothing_asks_and_leaves_nothing(
        self, outbox: Outbox
    ) -> None:
        """It may be asked any number of times."""
        asks = per_minute(0, asks=True)
        for _ in range(3):
            assert await took(outbox, asks)
        assert await took(outbox, per_minute(1))
        assert await took(outbox, asks) is None

    async def test_asking_takes_nothing(self, outbox: Outbox) -> None:
        """`refused` tells what `add` would."""
        take = per_minute()
        assert await outbox.refused((take,), NOON) == {}
        first = await took(outbox, take)
        assert first is not None
        refused = await outbox.refused((take,), NOON + SECOND)
        assert refused == {
            take: Refusal(free_at=NOON + MINUTE, holder=first.message.id)
        }

    async def test_a_deferred_message_takes_at_its_time_and_counts_before_it(
        self, outbox: Outbox
    ) -> None:
        """What is taken ahead is not there any more for those who come before."""
        later = NOON + 10 * MINUTE
        assert await took(outbox, per_minute(), at=later)
        assert await took(outbox, per_minute(), now=NOON + SECOND) is None
        refused = await outbox.refused((per_minute(),), NOON)
        assert refused[per_minute()].free_at == later + MINUTE
        assert await took(outbox, per_minute(), now=later + MINUTE)

    async def test_a_message_that_was_refused_by_its_key_takes_nothing(
        self, outbox: Outbox
    ) -> None:
        """The message recorded before took once."""
        take = per_minute(2)
        for _ in range(3):
            await outbox.add(record(message(idempotency_key="k")), (take,))
        assert await took(outbox, take)
        assert await took(outbox, take) is None

    async def test_of_many_messages_at_once_the_limit_is_let_through(
        self, outbox: Outbox
    ) -> None:
        """Exactly."""
        given = [record() for _ in range(AT_ONCE)]
        additions = await asyncio.gather(
            *(outbox.add(one, (per_minute(MOST),)) for one in given)
        )
        kept = [r for r in given if await outbox.get(r.message.id) is not None]
        assert sum(not a.refused for a in additions) == MOST
        assert len(kept) == MOST

    @pytest.mark.parametrize(
        "attempts",
        [(), (rejected(),), (rejected(), attempt(2, state=AttemptState.UNDELIVERED))],
        ids=["untried", "rejected", "undelivered"],
    )
    async def test_what_ends_unsent_gives_back_what_it_took(
        self, outbox: Outbox, attempts: tuple[object, ...]
    ) -> None:
        """From every counter, in the step that ends it."""
        takes = (per_minute(1, "a"), per_minute(1, "b"))
        first = await took(outbox, *takes)
        assert first is not None
        await outbox.change(first.message.id, lambda r: closing(r, *attempts))  # type: ignore[arg-type]
        assert await took(outbox, *takes)
        assert await took(outbox, *takes) is None

    @pytest.mark.parametrize(
        "change",
        [
            submitting,
            lambda r: closing(r, unknown()),
            lambda r: closing(r, attempt()),
            lambda r: closing(r, attempt(state=AttemptState.DELIVERED)),
            lambda r: r.moved((rejected(),), Status.SUBMITTING),
            lambda r: r.moved((), Status.DEFERRED),
        ],
        ids=["submitting", "unknown", "accepted", "delivered", "retried", "deferred"],
    )
    async def test_what_may_arrive_or_is_still_tried_keeps_what_it_took(
        self, outbox: Outbox, change: object
    ) -> None:
        """Above all what nobody knows."""
        first = await took(outbox, per_minute())
        assert first is not None
        await outbox.change(first.message.id, change)  # type: ignore[arg-type]
        assert await took(outbox, per_minute()) is None

    async def test_what_was_given_back_is_given_back_once(self, outbox: Outbox) -> None:
        """Whatever is heard of the message later."""

        def end(r: Record) -> Record:
            return closing(r, rejected())

        take = per_minute()
        first = await took(outbox, take)
        assert first is not None
        await outbox.change(first.message.id, end)
        assert await took(outbox, take)
        await outbox.change(first.message.id, end)
        assert await took(outbox, take) is None
