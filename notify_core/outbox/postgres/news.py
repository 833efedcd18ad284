"""What the database tells those who wait."""

from __future__ import annotations

import asyncio

from notify_core.outbox.postgres.engine import CHANNEL
from notify_core.outbox.postgres.line import Line
from notify_core.outbox.postgres.schema import Schema
from notify_core.outbox.postgres.server import Connection, Server


class News:
    """Listens on a connection of its own."""

    def __init__(self, server: Server, schema: Schema) -> None:
        self._line = Line(server, schema.prepare)
        self._connection: Connection | None = None
        self._heard = asyncio.Event()

    def look(self) -> None:
        """Begin to look for what is due: what is told from now on is new."""
        self._heard.clear()

    async def wait(self, seconds: float) -> None:
        """Return when a job may have become due, or the time is over.

        Raises:
            StoreUnavailable: The database cannot be asked to tell.
        """
        # A connection that was cut without a word is found out by asking.
        await self._line.ask(self._listen)
        try:
            async with asyncio.timeout(seconds):
                await self._heard.wait()
        except TimeoutError:
            return
        self._heard.clear()

    async def aclose(self) -> None:
        """Listen no more."""
        await self._line.aclose()

    async def _listen(self, connection: Connection) -> None:
        if connection is self._connection:
            await connection.execute("SELECT 1")
            return
        await connection.add_listener(CHANNEL, self._told)
        connection.add_termination_listener(self._ended)
        self._connection = connection
        # What was told before is not known.
        self._heard.set()

    def _told(self, *_: object) -> None:
        self._heard.set()

    def _ended(self, _: object) -> None:
        self._heard.set()
