"""Connections that are kept for the next mail, and no more than so many."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from notify_core.transmission import RequestLost
from notify_smtp.connection import Connection


class Pool:
    """Lends each connection to one mail at a time.

    Args:
        connect: Opens a connection.
        size: How many there may be at once; who needs one more waits.
        keepalive: Seconds that an idle one is kept.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[Connection]],
        *,
        size: int,
        keepalive: float,
    ) -> None:
        self._connect = connect
        self._keepalive = keepalive
        self._places = asyncio.Semaphore(size)
        self._idle: dict[Connection, asyncio.TimerHandle] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._is_closed = False

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Lend a connection that the server has just answered on.

        Raises:
            RequestLost: The pool is closed.
        """
        async with self._places:
            if self._is_closed:
                raise RequestLost(written=False, why="the provider is closed")
            connection = await self._kept() or await self._connect()
            try:
                yield connection
            finally:
                self._take_back(connection)

    async def aclose(self) -> None:
        """Close what is idle; what is lent is closed when it comes back."""
        self._is_closed = True
        for connection in list(self._idle):
            self._let_go(connection)
        await asyncio.gather(*self._leaving)

    async def _kept(self) -> Connection | None:
        """Return the idle connection that was used last, if it still works."""
        while self._idle:
            connection, timer = self._idle.popitem()
            timer.cancel()
            if await connection.is_ready():
                return connection
        return None

    def _take_back(self, connection: Connection) -> None:
        if not connection.is_open:
            return
        loop = asyncio.get_running_loop()
        seconds = 0 if self._is_closed else self._keepalive
        self._idle[connection] = loop.call_later(seconds, self._let_go, connection)

    def _let_go(self, connection: Connection) -> None:
        self._idle.pop(connection).cancel()
        task = asyncio.create_task(connection.quit())
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)
