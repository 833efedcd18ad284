"""The contract's seventh part: providers are paused for everybody."""

from __future__ import annotations

from notify_core.outbox.port import Hold, Outbox, Pause
from notify_core.testing.outbox.subject import MINUTE, NOON, Subject


class PausingContract(Subject):
    """Pauses, and that they are no suppressions."""

    async def test_a_provider_is_paused_until_it_is_resumed(
        self, outbox: Outbox
    ) -> None:
        """With the reason and the time, oldest first."""
        await outbox.pause("b", "invoice open", NOON + MINUTE)
        await outbox.pause("a", "moves house", NOON)
        both = await outbox.paused()
        assert await outbox.resume("a")
        assert both == [
            Pause(provider="a", why="moves house", at=NOON),
            Pause(provider="b", why="invoice open", at=NOON + MINUTE),
        ]
        assert [pause.provider for pause in await outbox.paused()] == ["b"]
        assert not await outbox.resume("a")

    async def test_a_pause_of_a_paused_provider_replaces_the_first(
        self, outbox: Outbox
    ) -> None:
        """There is one to end."""
        await outbox.pause("a", "first", NOON)
        await outbox.pause("a", "second", NOON + MINUTE)
        assert await outbox.paused() == [
            Pause(provider="a", why="second", at=NOON + MINUTE)
        ]

    async def test_pauses_and_other_holds_are_told_apart(self, outbox: Outbox) -> None:
        """By how the names of their counters begin."""
        await outbox.hold(Hold(counter="p", at=NOON))
        await outbox.hold(Hold(counter="z", at=NOON))
        await outbox.pause("a", "rests", NOON)
        assert [pause.provider for pause in await outbox.paused()] == ["a"]
        assert [hold.counter for hold in await outbox.holds(NOON, "z")] == ["z"]
