"""A clock that nobody waits for."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta


class VirtualClock:
    """Time that moves when somebody sleeps.

    Args:
        at: What it shows at first, with time zone.
    """

    def __init__(self, at: datetime) -> None:
        self._now = at.astimezone(UTC)
        self._elapsed = 0.0

    def now(self) -> datetime:
        """Return the time of day, UTC, with time zone."""
        return self._now

    def monotonic(self) -> float:
        """Return the seconds that have gone by."""
        return self._elapsed

    def advance(self, by: timedelta) -> None:
        """Move it on."""
        self._now += by
        self._elapsed += by.total_seconds()

    async def sleep(self, seconds: float) -> None:
        """Move it on, and return at once."""
        self.advance(timedelta(seconds=seconds))
        await asyncio.sleep(0)
