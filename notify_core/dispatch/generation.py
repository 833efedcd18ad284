"""Work under one configuration, and what is left of the ones before it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Self

import attrs

from notify_core.dispatch.sending import Sending
from notify_core.dispatch.surroundings import Surroundings
from notify_core.unit import Unit, Units

#: Closes providers, whatever one of them does.
Close = Callable[[Iterable[Unit]], Coroutine[Any, Any, None]]


@attrs.define(kw_only=True, eq=False)
class Generation:
    """The work under one configuration: a run ends under the one it began with.

    As a context manager it keeps its providers open until the work is done.
    """

    sending: Sending
    around: Surroundings
    #: Called when none of its runs is left.
    idle: Callable[[], None]
    #: Sends under way.
    runs: int = 0

    def __enter__(self) -> Self:
        self.runs += 1
        return self

    def __exit__(self, *_: object) -> None:
        self.runs -= 1
        if not self.runs:
            self.idle()


class Leaving:
    """Providers that a reload took away: closed once no run needs them.

    Args:
        close: See `Close`.
    """

    def __init__(self, close: Close) -> None:
        self._close = close
        #: Generations whose runs have not ended, and what is closed after them.
        self._before: list[Generation] = []
        self._units: list[Unit] = []
        self._closing: set[asyncio.Task[None]] = set()

    def leave(self, before: Generation, units: Units) -> None:
        """Close the providers of a generation that are not in use after it."""
        kept = set(map(id, units.values()))
        self._units += [u for u in before.around.units.values() if id(u) not in kept]
        self._before.append(before)
        self.close_unused()

    def close_unused(self) -> None:
        """Close the providers that were left, once no run of any time needs them."""
        if not self._before:
            return
        self._before = [g for g in self._before if g.runs]
        used = {id(u) for g in self._before for u in g.around.units.values()}
        self._close_behind([unit for unit in self._units if id(unit) not in used])
        self._units = [unit for unit in self._units if id(unit) in used]

    async def aclose(self) -> None:
        """Close all of them, needed or not."""
        # Runs that were cancelled may just have left their providers.
        await asyncio.gather(*self._closing)
        await self._close(self._units)

    def _close_behind(self, units: Iterable[Unit]) -> None:
        """Close units behind; that ends even where the engine is closed meanwhile."""
        work = self._close(units)
        task = asyncio.get_running_loop().create_task(work, name="notify-retired")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
