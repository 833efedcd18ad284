"""Which providers are paused, as the outbox has it: read again and again."""

from __future__ import annotations

import asyncio
import logging

from notify_core.errors import StoreUnavailable
from notify_core.outbox.port import Outbox

#: Seconds after which a pause that another process made is heeded at the latest.
LOOK_EVERY = 1.0

log = logging.getLogger("notify_core.dispatch")


class Pauses:
    """Keeps what plans need at hand.

    Attributes:
        why: Why, by the name of each provider that is paused.
    """

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self.why: dict[str, str] = {}

    async def look(self) -> None:
        """Read them now.

        Raises:
            StoreUnavailable: They cannot be read; what was known holds.
        """
        paused = {pause.provider: pause.why for pause in await self._outbox.paused()}
        if paused != self.why:
            self.why.clear()
            self.why.update(paused)

    async def run(self) -> None:
        """Read them again and again until cancelled."""
        while True:
            try:
                await self.look()
            except StoreUnavailable as error:
                log.debug("pauses are not read: %s", error)
            # By the machine's time: another process may have made one.
            await asyncio.sleep(LOOK_EVERY)
