"""Takes due messages out of a durable outbox and sends them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from datetime import datetime
from types import TracebackType
from typing import Any, Self

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
        self._places = asyncio.Semaphore(concurrency)
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
            if self._runs:
                await asyncio.wait(self._runs, timeout=self._grace)
        finally:
            await self._stop()
            log.info("worker %s: ended, %d worked", engine.leases.owner, self.worked)

    async def _serve(self, engine: Engine) -> None:
        most = 2 * self._concurrency
        while not self._drained.is_set():
            self._news.clear()
            free = most - len(self._runs)
            # Many at once: each claim is a step of its own in the store.
            if free <= self._concurrency // 2:
                await self._news.wait()
                continue
            claims = await self._claimed(engine, free)
            for claim in claims:
                self._begin(engine, claim)
            if len(claims) < free:
                await self._idle(engine)

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

    def _begin(self, engine: Engine, claim: Claimed) -> None:
        task = asyncio.create_task(self._work(engine, claim), name="notify-run")
        self._runs.add(task)
        task.add_done_callback(self._ended)

    async def _work(self, engine: Engine, claim: Claimed) -> None:
        try:
            await self._places.acquire()
        except asyncio.CancelledError:
            await engine.leases.hand_back(claim.record.message.id, claim.epoch)
            raise
        try:
            if self._drained.is_set():
                await engine.leases.hand_back(claim.record.message.id, claim.epoch)
            else:
                await engine.work(claim)
                self.worked += 1
        finally:
            self._places.release()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._runs.discard(task)
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

    async def _stop(self) -> None:
        """Stop what still runs: what was not written goes back to the queue."""
        for task in self._runs:
            task.cancel()
        await asyncio.gather(*self._runs, return_exceptions=True)


def _until(due: datetime | None, clock: Clock) -> float:
    if due is None:
        return LONGEST_IDLE
    seconds = (due - clock.now()).total_seconds()
    return min(max(seconds, 0.0), LONGEST_IDLE)
