"""Asks providers that rest for their balance: one task for all."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from notify_core.clock import Clock
from notify_core.errors import NotifyError
from notify_core.model.receipt import Balance
from notify_core.routing.health.health import Health

#: Between two questions to one provider.
PAUSE = timedelta(seconds=60)
#: Seconds that a provider may take to tell its balance.
LONGEST_ANSWER = 10.0

log = logging.getLogger("notify_core.probe")


class Prober:
    """Asks for the balance while that can end a rest, so that no message has to try.

    Args:
        health: Who rests.
        ask: Asks a provider by name, and tells observers what it said.
        clock: Where the time comes from.
    """

    def __init__(
        self, health: Health, ask: Callable[[str], Awaitable[Balance]], clock: Clock
    ) -> None:
        self._health = health
        self._ask = ask
        self._clock = clock

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._health.wants_balance.wait()
            await self._clock.sleep(PAUSE.total_seconds())
            probes = map(self._probe, self._health.to_ask())
            await asyncio.gather(*probes, return_exceptions=True)

    async def _probe(self, provider: str) -> None:
        try:
            async with asyncio.timeout(LONGEST_ANSWER):
                balance = await self._ask(provider)
        except Exception as error:  # noqa: BLE001 (a stranger's code must not end the task)
            # Only our own words are known to carry no secret.
            why = error if isinstance(error, NotifyError) else type(error).__name__
            log.warning("provider %s rests on: its balance: %s", provider, why)
        else:
            self._health.take_balance(provider, balance)
