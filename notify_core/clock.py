"""The time, as something that can be given."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Where the time comes from; tests give one that they move."""

    def now(self) -> datetime:
        """Return the time of day, UTC, with time zone."""
        ...

    def monotonic(self) -> float:
        """Return seconds that only rise, for durations."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The machine's time."""

    def now(self) -> datetime:
        """Return the time of day, UTC, with time zone."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that only rise."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)
