"""Events for a host that iterates over them, rather than to offer a hook."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Collection
from types import TracebackType
from typing import Self

from notify_core.model.event import EVENT_TYPES, Event
from notify_core.plugins import Plugins

#: Events that wait to be read; of more than these the oldest are dropped.
MOST_WAITING = 10_000

log = logging.getLogger("notify_core.events")


class EventStream:
    """Yields what happens, from when it was made until it is closed.

    Iterate over it with `async for`, best inside `async with`. A reader that is too
    slow misses the oldest events, and keeps nobody waiting.

    Args:
        plugins: Where events are told.
        types: Those that are wanted; none: all.
        most: Events that wait to be read.

    Attributes:
        dropped: Events that were missed so far.
    """

    def __init__(
        self,
        plugins: Plugins,
        types: Collection[type[Event]] = (),
        most: int = MOST_WAITING,
    ) -> None:
        self._waiting: deque[Event] = deque()
        self._most = most
        self._news = asyncio.Event()
        self._is_closed = False
        self.dropped = 0
        self._unwatch: Callable[[], None] = plugins.watch(
            "events", self._observe, types or tuple(EVENT_TYPES)
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        while not self._waiting:
            if self._is_closed:
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        return self._waiting.popleft()

    def close(self) -> None:
        """Watch no more; what waits can still be read."""
        self._unwatch()
        self._is_closed = True
        self._news.set()
        if self.dropped:
            log.warning("a reader of events missed %d: it was too slow", self.dropped)

    def _observe(self, event: Event) -> None:
        if len(self._waiting) >= self._most:
            self._waiting.popleft()
            if not self.dropped:
                log.warning("a reader of events is too slow: the oldest are dropped")
            self.dropped += 1
        self._waiting.append(event)
        self._news.set()
