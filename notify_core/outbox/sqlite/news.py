"""Tells who waits that something was written."""

from __future__ import annotations

import asyncio
import sqlite3

from notify_core.outbox.sqlite.desk import Desk

#: Seconds between two looks whether another process wrote.
LOOK_EVERY = 0.02


class News:
    """Of this process told at once, of others found by looking.

    Args:
        reader: Where the file is looked at.
    """

    def __init__(self, reader: Desk) -> None:
        self._reader = reader
        self._waiting: set[asyncio.Future[None]] = set()
        self._seen = 0

    def tell(self) -> None:
        """Tell those who wait, on whatever loop, that there is something new."""
        for news in tuple(self._waiting):
            news.get_loop().call_soon_threadsafe(_tell, news)

    async def wait(self, seconds: float) -> None:
        """Return when this or another process wrote, or the time is over."""
        loop = asyncio.get_running_loop()
        end, news = loop.time() + seconds, loop.create_future()
        self._waiting.add(news)
        try:
            while not (news.done() or await self._is_written()):
                left = end - loop.time()
                if left <= 0:
                    return
                await asyncio.wait([news], timeout=min(left, LOOK_EVERY))
        finally:
            self._waiting.discard(news)

    async def _is_written(self) -> bool:
        """Tell whether anything was written since the last look."""
        seen = self._seen
        self._seen = await self._reader.run(_data_version)
        return self._seen != seen


def _tell(news: asyncio.Future[None]) -> None:
    if not news.done():
        news.set_result(None)


def _data_version(database: sqlite3.Connection) -> int:
    (version,) = database.execute("PRAGMA data_version").fetchone()
    return int(version)
