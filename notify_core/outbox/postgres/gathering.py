"""What comes while a transaction runs is done together in the next one."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Generic, TypeVar

from notify_core.outbox.postgres.line import Line
from notify_core.outbox.postgres.server import Connection, is_outage

T = TypeVar("T")
R = TypeVar("R")

#: Does many things in one transaction; for each its result, or why it failed.
Work = Callable[[Connection, Sequence[T]], Awaitable[Sequence[R | Exception]]]


class Gathering(Generic[T, R]):
    """Collects things for one line; there is no timer.

    Args:
        line: Where they are done.
        work: Does them.
        most: At most so many in one transaction.
        plainly: Without a transaction: nothing is written.
    """

    def __init__(
        self, line: Line, work: Work[T, R], most: int, *, plainly: bool = False
    ) -> None:
        self._way = line.ask if plainly else line.run
        self._work = work
        self._most = most
        self._waiting: deque[tuple[T, asyncio.Future[R]]] = deque()
        self._task: asyncio.Task[None] | None = None

    async def do(self, thing: T) -> R:
        """Do a thing and return what came of it, once that is committed."""
        done: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((thing, done))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain())
        return await done

    async def aclose(self) -> None:
        """Finish what was given."""
        if self._task is not None:
            await self._task

    async def _drain(self) -> None:
        while self._waiting:
            # Whoever is ready to give something does so first.
            await asyncio.sleep(0)
            many = min(self._most, len(self._waiting))
            given = [self._waiting.popleft() for _ in range(many)]
            given = [(thing, done) for thing, done in given if not done.cancelled()]
            if given:
                await self._do(given)

    async def _do(self, given: list[tuple[T, asyncio.Future[R]]]) -> None:
        things = [thing for thing, _ in given]
        try:
            results = await self._way(partial(_ordered, self._work, things))
        except Exception as error:  # noqa: BLE001 (whoever waits is told)
            if len(given) > 1 and _is_of_one(error):
                for one in given:
                    await self._do([one])
                return
            results = [error] * len(given)
        for (_, done), result in zip(given, results, strict=True):
            _tell(done, result)


async def _ordered(
    work: Work[T, R], things: Sequence[T], connection: Connection
) -> Sequence[R | Exception]:
    return await work(connection, things)


def _is_of_one(error: Exception) -> bool:
    """Tell whether one thing failed, and the others need not."""
    return error.__cause__ is None or not is_outage(error.__cause__)


def _tell(done: asyncio.Future[R], result: R | Exception) -> None:
    if done.done():
        return
    if isinstance(result, Exception):
        done.set_exception(result)
    else:
        done.set_result(result)
