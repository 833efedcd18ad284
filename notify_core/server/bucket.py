"""How many requests each caller has left now."""

from __future__ import annotations

from collections.abc import Callable

from notify_core.model.rate import Rate


class Buckets:
    """A bucket for each caller: full at first, filled again at the rate.

    It holds what the rate gives in a second, one at least.

    Args:
        rate: How fast they fill.
        monotonic: Seconds that only grow.
    """

    def __init__(self, rate: Rate, monotonic: Callable[[], float]) -> None:
        self._interval = rate.interval
        self._most = max(1.0, 1.0 / rate.interval)
        self._monotonic = monotonic
        #: By caller: what was left, and when. Callers are those of the keys: few.
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, caller: str) -> float:
        """Take one; return 0, or the seconds until there is one."""
        now = self._monotonic()
        left, at = self._left.get(caller, (self._most, now))
        left = min(self._most, left + (now - at) / self._interval)
        if left < 1.0:
            self._left[caller] = left, now
            return (1.0 - left) * self._interval
        self._left[caller] = left - 1.0, now
        return 0.0
