"""What a message would take from counters, and what is taken; nothing is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

import attrs

from notify_core.model.checked import Facts
from notify_core.model.duration import format_duration
from notify_core.outbox.port import Outbox
from notify_core.policy.policy import NamedPolicy
from notify_core.policy.take import CalendarDay, Refused, Sliding, Take, Window
from notify_core.trial.explanation import Counted


@attrs.frozen
class Counters:
    """The counters of one outbox at one moment."""

    #: None: nothing is known of what was taken.
    _outbox: Outbox | None
    _now: datetime

    async def refused(self, takes: tuple[Take, ...]) -> Refused:
        """Return those of the takes for which there is no room."""
        if self._outbox is None or not takes:
            return {}
        return await self._outbox.refused(takes, self._now)

    async def counted(
        self, facts: Facts, policies: tuple[NamedPolicy, ...], refused: Refused
    ) -> AsyncIterator[Counted]:
        """Yield what each policy would take."""
        for named in policies:
            for take in named.policy.needs(facts):
                yield Counted(
                    policy=named.name,
                    counter=_nameless(take.counter),
                    window=_shown(take.window),
                    most=take.most,
                    asks=take.asks,
                    taken=await self._taken(take),
                    has_room=None if self._outbox is None else take not in refused,
                )

    async def _taken(self, take: Take) -> int | None:
        """Return how many takings count, `most` at most."""
        if self._outbox is None:
            return None
        least, most = 0, take.most
        while least < most:
            # A take of nothing is refused where more than `most` are taken already.
            half = (least + most) // 2
            asked = attrs.evolve(take, most=half, asks=True)
            if await self._outbox.refused((asked,), self._now):
                least = half + 1
            else:
                most = half
        return least


def _nameless(counter: str) -> str:
    """Return a counter's name without the hash of what it is kept by."""
    name, _, _ = counter.rpartition("/")
    return name or "counter"


def _shown(window: Window) -> str:
    match window:
        case Sliding():
            return format_duration(window.span)
        case CalendarDay():
            return f"day in {window.timezone}"
    return type(window).__name__
