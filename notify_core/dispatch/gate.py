"""Lets attempts through to a provider: at its rate, and by ones after a rest."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import attrs

from notify_core.clock import Clock
from notify_core.dispatch.submit import GRACE
from notify_core.policy.pacing import Pacer, Slot
from notify_core.routing.health.condition import Permit
from notify_core.routing.health.health import Health
from notify_core.routing.plan import Candidate


@attrs.frozen
class Leave:
    """Leave to make one attempt now."""

    _permit: Permit
    _pacer: Pacer | None = None
    _slot: Slot | None = None

    def used(self) -> None:
        """Let the next one in: the attempt has ended."""
        self._permit.leave()

    def unused(self) -> None:
        """Let somebody else have it: no request was made."""
        self._permit.leave()
        if self._pacer is not None and self._slot is not None:
            self._pacer.give_back(self._slot)


@attrs.frozen
class Gate:
    """What stands before one attempt."""

    _candidate: Candidate
    #: It is tried though it rests, since nobody else is left.
    _anyway: bool
    _pacer: Pacer | None
    _health: Health
    _clock: Clock

    def at_once(self, room: float) -> Leave | None:
        """Return leave to go now; None: it has to wait, at least.

        Args:
            room: Seconds that it may wait; below zero it is too late.
        """
        if room < 0 or (permit := self._permit()) is None:
            return None
        slot = self._pacer.reserve(self._clock.monotonic(), 0) if self._pacer else None
        if self._pacer is not None and slot is None:
            permit.leave()
            return None
        return Leave(permit, self._pacer, slot)

    async def passed(self, room: float) -> Leave | None:
        """Return leave to go, once there is; None: not within *room* seconds."""
        last = self._clock.monotonic() + room
        slot = None
        if self._pacer is not None:
            slot = self._pacer.reserve(self._clock.monotonic(), room)
            if slot is None:
                return None
        try:
            if slot is not None and slot.wait:
                await self._clock.sleep(slot.wait)
            permit = await self._turn(last)
        except asyncio.CancelledError:
            self._return(slot)
            raise
        if permit is None:
            self._return(slot)
            return None
        return Leave(permit, self._pacer, slot)

    def _return(self, slot: Slot | None) -> None:
        if self._pacer is not None and slot is not None:
            self._pacer.give_back(slot)

    def _permit(self) -> Permit | None:
        timeouts = self._candidate.submission.timeouts
        longest = timedelta(seconds=timeouts.connect + timeouts.read + GRACE)
        return self._health.enter(
            *self._candidate.units, longest=longest, anyway=self._anyway
        )

    async def _turn(self, last: float) -> Permit | None:
        """Return leave once nobody else tries the provider; all others rest too."""
        while (permit := self._permit()) is None and self._anyway:
            left = last - self._clock.monotonic()
            if left <= 0 or not await self._is_free(left):
                return None
        return permit

    async def _is_free(self, seconds: float) -> bool:
        """Wait until the provider is free, so long at most."""
        turn = asyncio.ensure_future(self._health.turn(*self._candidate.units))
        end = asyncio.ensure_future(self._clock.sleep(seconds))
        try:
            await asyncio.wait((turn, end), return_when=asyncio.FIRST_COMPLETED)
            return turn.done()
        finally:
            turn.cancel()
            end.cancel()
