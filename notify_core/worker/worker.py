"""Takes due messages out of a durable outbox and sends them."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import attrs

from notify_core.clock import Clock
from notify_core.dispatch.engine import Engine
from notify_core.errors import StoreUnavailable
from notify_core.notifier import Notifier
from notify_core.outbox.port import Claimed

#: Messages at work at once.
CONCURRENCY = 64
#: Seconds that runs have to end when the worker is drained.
GRACE = 20.0
#: Seconds without news after which the worker looks all the same.
LONGEST_IDLE = 5.0
#: Seconds to wait for a store that is away: at first, doubled each time up to the last.
FIRST_RETRY, LAST_RETRY = 0.25, 5.0

log = logging.getLogger("notify_core.worker")


class Worker:
    """Works on messages until it is drained; any number may share one outbox.

    Use it as an asynchronous context manager, or await `run`.

    Args:
        notifier: An open notifier with a durable outbox.
        concurrency: Messages at work at once.
        grace: Seconds that runs have to end when it is drained.

    Attributes:
        worked: Messages that were worked on so far.
    """

    def __init__(
        self,
        notifier: Notifier,
        *,
        concurrency: int = CONCURRENCY,
        grace: float = GRACE,
    ) -> None:
        if concurrency < 1:
            raise ValueError("a worker works on one message at once or more")
        self._notifier = notifier
        self._concurrency = concurrency
        self._grace = grace
        #: Places among the messages at work that are free.
        self._free = concurrency
        #: Claimed, and not begun.
        self._ahead: deque[Claimed] = deque()
        self._runs: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()
        self._drained = asyncio.Event()
        self._retry = FIRST_RETRY
        self._task: asyncio.Task[None] | None = None
        self.worked = 0

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self.run(), name="notify-worker")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.drain()
        if self._task is not None:
            await self._task

    def drain(self) -> None:
        """Claim nothing more; `run` returns when what runs has ended."""
        self._drained.set()
        self._news.set()

    async def run(self) -> None:
        """Work until it is drained, or cancelled, which hands all back at once.

        Raises:
            RuntimeError: The notifier is not open.
            ConfigurationError: Its outbox does not outlive the process.
        """
        engine = self._notifier.engine
        log.info("worker %s: started", engine.leases.owner)
        try:
            await self._serve(engine)
            await self._hand_back(engine)
            if self._runs:
                await asyncio.wait(self._runs, timeout=self._grace)
        finally:
            await self._stop(engine)
            log.info("worker %s: ended, %d worked", engine.leases.owner, self.worked)

    async def _serve(self, engine: Engine) -> None:
        while not self._drained.is_set():
            self._news.clear()
            if not self._has_room:
                await self._news.wait()
                continue
            room = self._room
            claims = await self._claimed(engine, room)
            self._ahead += claims
            self._begin()
            if len(claims) < room:
                await self._idle(engine)

    @property
    def _room(self) -> int:
        """How many messages may be claimed beside those that are here."""
        return 2 * self._concurrency - len(self._runs) - len(self._ahead)

    @property
    def _has_room(self) -> bool:
        # For many at once: each claim is a step of its own in the store.
        return self._room > self._concurrency // 2

    async def _claimed(self, engine: Engine, limit: int) -> list[Claimed]:
        try:
            claims = await engine.leases.claimed(limit)
        except StoreUnavailable as error:
            log.warning("nothing is claimed, again in %g s: %s", self._retry, error)
            await self._unless_drained(asyncio.sleep(self._retry))
            self._retry = min(self._retry * 2, LAST_RETRY)
            return []
        if self._retry != FIRST_RETRY:
            log.info("the outbox is back")
            self._retry = FIRST_RETRY
        return claims

    def _begin(self) -> None:
        """Begin on what was claimed, as far as there are places."""
        while self._free and self._ahead and not self._drained.is_set():
            self._free -= 1
            work = self._work(self._ahead.popleft())
            task = asyncio.create_task(work, name="notify-run")
            self._runs.add(task)
            task.add_done_callback(self._ended)

    async def _work(self, claim: Claimed) -> None:
        place = _Place(self._left)
        try:
            # The next one begins while this one's answer is recorded.
            await self._notifier.engine.work(claim, place.leave)
            self.worked += 1
        finally:
            place.leave()

    def _left(self) -> None:
        self._free += 1
        self._begin()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._runs.discard(task)
        if self._has_room:
            self._news.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a run ended with %s", type(error).__name__)

    async def _idle(self, engine: Engine) -> None:
        """Wait for something to claim, or to be drained."""
        try:
            seconds = _until(await engine.queue.next_due(), engine.clock)
            await self._unless_drained(engine.queue.wait(seconds))
        except StoreUnavailable:
            return  # the next claim says so, and waits

    async def _unless_drained(self, waiting: Coroutine[Any, Any, None]) -> None:
        """Wait, but not on when the worker is drained."""
        wait = asyncio.create_task(waiting)
        drained = asyncio.create_task(self._drained.wait())
        try:
            await asyncio.wait((wait, drained), return_when=asyncio.FIRST_COMPLETED)
        finally:
            drained.cancel()
            if not wait.done():
                wait.cancel()
        if wait.done() and not wait.cancelled():
            wait.result()

    async def _stop(self, engine: Engine) -> None:
        """Stop what still runs: what was not written goes back to the queue."""
        self._drained.set()
        for task in self._runs:
            task.cancel()
        await asyncio.gather(*self._runs, return_exceptions=True)
        await self._hand_back(engine)

    async def _hand_back(self, engine: Engine) -> None:
        """Give back what was claimed and not begun."""
        ahead = tuple(self._ahead)
        self._ahead.clear()
        await asyncio.gather(
            *(engine.leases.hand_back(c.record.message.id, c.epoch) for c in ahead)
        )


@attrs.define
class _Place:
    """A place among the messages at work, taken; it is left once."""

    _on_left: Callable[[], None]
    _is_left: bool = False

    def leave(self) -> None:
        if not self._is_left:
            self._is_left = True
            self._on_left()


def _until(due: datetime | None, clock: Clock) -> float:
    if due is None:
        return LONGEST_IDLE
    seconds = (due - clock.now()).total_seconds()
    return min(max(seconds, 0.0), LONGEST_IDLE)
