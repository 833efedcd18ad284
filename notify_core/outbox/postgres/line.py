"""One connection: operations run on it one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from notify_core.outbox.postgres.server import (
    COLLISIONS,
    FAILURES,
    MIGRATION_TIMEOUT,
    Connection,
    Server,
)

T = TypeVar("T")
Operation = Callable[[Connection], Awaitable[T]]
#: Makes a new connection ready for use.
Prepare = Callable[[Connection], Awaitable[None]]

#: How often an operation is tried that meets other transactions.
TRIES = 5


class Again(Exception):
    """What a transaction went by was not so: it is undone, and tried again."""


_TRIED_AGAIN: tuple[type[Exception], ...] = (Again, *COLLISIONS)


class Line:
    """Opens its connection when it is first used, and anew after each failure.

    An operation runs to its end though its caller is cancelled, so that what is
    written is known.
    """

    def __init__(self, server: Server, prepare: Prepare) -> None:
        self._server = server
        self._prepare = prepare
        self._connection: Connection | None = None
        self._turn = asyncio.Lock()
        self._running: set[asyncio.Task[Any]] = set()

    async def run(self, operation: Operation[T]) -> T:
        """Run an operation in a transaction, which is committed when this returns.

        Raises:
            StoreUnavailable: The database failed. Nothing was written, unless the
                connection was lost while that was being confirmed.
        """
        return await self._shielded(operation, transacted)

    async def ask(self, operation: Operation[T]) -> T:
        """Run an operation each of whose statements counts by itself.

        Raises:
            StoreUnavailable: The database failed.
        """
        return await self._shielded(operation, _plainly)

    async def aclose(self) -> None:
        """Finish what runs, and close the connection; it may be used again."""
        await asyncio.gather(*self._running, return_exceptions=True)
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                await connection.close(timeout=self._server.timeout)
            except FAILURES:
                connection.terminate()

    async def _shielded(
        self,
        operation: Operation[T],
        way: Callable[[Connection, Operation[T]], Awaitable[T]],
    ) -> T:
        task = asyncio.create_task(self._run(operation, way))
        self._running.add(task)
        task.add_done_callback(self._forget)
        return await asyncio.shield(task)

    async def _run(
        self,
        operation: Operation[T],
        way: Callable[[Connection, Operation[T]], Awaitable[T]],
    ) -> T:
        async with self._turn:
            try:
                connection = await self._opened()
                async with _ended_after(self._server.timeout, connection):
                    return await way(connection, operation)
            except FAILURES as error:
                self._abandon()
                raise self._server.unavailable(error) from error

    async def _opened(self) -> Connection:
        if self._connection is None or self._connection.is_closed():
            connection = await self._server.connect()
            self._connection = connection
            async with _ended_after(MIGRATION_TIMEOUT, connection):
                await self._prepare(connection)
        return self._connection

    def _abandon(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # seen, though its caller may be gone


@asynccontextmanager
async def _ended_after(seconds: float, connection: Connection) -> AsyncIterator[None]:
    """End the connection when something takes too long.

    What is only cancelled would wait for the server to undo it.

    Raises:
        TimeoutError: It did.
    """
    end = asyncio.get_running_loop().call_later(seconds, connection.terminate)
    try:
        yield
    except FAILURES as error:
        if end.when() <= asyncio.get_running_loop().time():
            raise TimeoutError from error
        raise
    finally:
        end.cancel()


async def transacted(connection: Connection, operation: Operation[T]) -> T:
    """Run an operation in a transaction, again where it meets another one."""
    for _ in range(TRIES - 1):
        try:
            async with connection.transaction():
                return await operation(connection)
        except _TRIED_AGAIN:
            continue
    async with connection.transaction():
        return await operation(connection)


async def _plainly(connection: Connection, operation: Operation[T]) -> T:
    return await operation(connection)
