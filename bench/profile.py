"""Where the CPU time of `Notifier.send` goes."""

from __future__ import annotations

import cProfile
import pstats
from itertools import islice

from bench.send import notify, numbers

#: Sends before those that are looked at, and functions that are shown.
_WARM_UP, _SHOWN = 200, 40


async def show(base: str, many: int) -> None:
    """Profile so many sends to the stub, one after the other."""
    async with notify(base) as send:
        mobiles = numbers()
        for mobile in islice(mobiles, _WARM_UP):
            await send(mobile)
        profile = cProfile.Profile()
        profile.enable()
        for mobile in islice(mobiles, many):
            await send(mobile)
        profile.disable()
    pstats.Stats(profile).sort_stats("tottime").print_stats(_SHOWN)
