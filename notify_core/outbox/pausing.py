"""Providers that get no messages for a while, because somebody said so."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

from notify_core.outbox.port import Hold, Pause

_PAUSED = "paused:"
#: A pause has no end: it stands whatever the time is.
_ANY_TIME = datetime(1970, 1, 1, tzinfo=UTC)


class _Holding(Protocol):
    async def hold(self, hold: Hold) -> None: ...

    async def release(self, counter: str) -> bool: ...

    async def holds(self, at: datetime, prefix: str = "") -> list[Hold]: ...


class Pausing:
    """The pauses of an outbox, kept as holds: every store has those."""

    async def pause(self: _Holding, provider: str, why: str, at: datetime) -> None:
        """Leave a provider alone, in every process that shares the outbox."""
        await self.hold(Hold(counter=_PAUSED + provider, at=at, why=why))

    async def resume(self: _Holding, provider: str) -> bool:
        """Use a provider again; tell whether it was paused."""
        return await self.release(_PAUSED + provider)

    async def paused(self: _Holding) -> list[Pause]:
        """Return the pauses, oldest first."""
        holds = await self.holds(_ANY_TIME, _PAUSED)
        return [
            Pause(provider=h.counter.removeprefix(_PAUSED), why=h.why, at=h.at)
            for h in holds
        ]
