"""How long to wait before the same provider is asked again."""

from __future__ import annotations

from random import Random

#: Seconds.
FIRST = 0.5
LONGEST = 10.0


def backoff(retries: int, random: Random) -> float:
    """Return seconds, with full jitter: anything up to twice as long each time."""
    ceiling = min(LONGEST, FIRST * 2**retries)
    return random.uniform(0, ceiling)
