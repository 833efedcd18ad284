"""The contract's fifth part: holds keep counters taken."""

from __future__ import annotations

from notify_core.outbox.port import Hold, Outbox
from notify_core.policy.take import Refusal, Sliding, Take
from notify_core.testing.outbox.subject import MINUTE, NOON, Subject, took

#: As a suppression list asks.
ASKS = Take("c", Sliding(MINUTE), most=0, asks=True)
TAKES = Take("c", Sliding(MINUTE), most=1)


class HoldingContract(Subject):
    """Holds, with and without an end."""

    async def test_a_hold_without_end_refuses_until_it_is_released(
        self, outbox: Outbox
    ) -> None:
        """Waiting does not help."""
        await outbox.hold(Hold(counter="c", at=NOON))
        refused = await outbox.refused((ASKS, TAKES), NOON + 1000 * MINUTE)
        assert refused == dict.fromkeys((ASKS, TAKES), Refusal(free_at=None))
        assert await took(outbox, ASKS) is None
        assert await outbox.release("c")
        assert await took(outbox, ASKS)
        assert not await outbox.release("c")

    async def test_a_hold_with_an_end_refuses_until_then(self, outbox: Outbox) -> None:
        """And says when."""
        await outbox.hold(Hold(counter="c", at=NOON, until=NOON + 5 * MINUTE))
        refused = await outbox.refused((ASKS,), NOON)
        assert refused[ASKS].free_at == NOON + 5 * MINUTE
        assert await took(outbox, TAKES, now=NOON + 4 * MINUTE) is None
        assert await took(outbox, TAKES, now=NOON + 5 * MINUTE)

    async def test_a_hold_leaves_other_counters_alone(self, outbox: Outbox) -> None:
        """It is about one address."""
        await outbox.hold(Hold(counter="d", at=NOON))
        assert await took(outbox, ASKS, TAKES)

    async def test_beside_a_hold_as_many_takings_fit_as_are_left(
        self, outbox: Outbox
    ) -> None:
        """A hold counts as one taking."""
        two = Take("c", Sliding(MINUTE), most=2)
        await outbox.hold(Hold(counter="c", at=NOON, until=NOON + 5 * MINUTE))
        assert await took(outbox, two)
        refused = await outbox.refused((two,), NOON)
        assert refused[two].free_at == NOON + MINUTE
        assert await took(outbox, two) is None

    async def test_holds_are_listed_until_they_end_oldest_first(
        self, outbox: Outbox
    ) -> None:
        """With what an operator wants to know of them."""
        ends = Hold(counter="c", at=NOON, until=NOON + MINUTE)
        stays = Hold(counter="d", at=NOON - MINUTE, shown="+86138****8000", why="stop")
        await outbox.hold(ends)
        await outbox.hold(stays)
        assert await outbox.holds(NOON) == [stays, ends]
        assert await outbox.holds(NOON + MINUTE) == [stays]

    async def test_a_hold_on_the_same_counter_is_replaced(self, outbox: Outbox) -> None:
        """There is one at a time."""
        later = Hold(counter="c", at=NOON + MINUTE, why="again")
        await outbox.hold(Hold(counter="c", at=NOON))
        await outbox.hold(later)
        assert await outbox.holds(NOON + MINUTE) == [later]
