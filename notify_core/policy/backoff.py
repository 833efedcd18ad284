"""How long to wait before the same provider is asked again."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import attrs


@attrs.frozen(kw_only=True)
class Backoff:
    """Pauses that grow, each anything up to its ceiling: full jitter."""

    #: The ceiling of the first pause.
    first: timedelta = timedelta(milliseconds=500)
    #: How many times as high each further ceiling is.
    factor: float = 2
    #: No ceiling is higher.
    longest: timedelta = timedelta(seconds=10)

    def pause(self, retries: int, random: Random) -> timedelta:
        """Return how long to wait after so many retries."""
        highest = self.longest.total_seconds()
        ceiling = min(highest, self.first.total_seconds() * self.factor**retries)
        return timedelta(seconds=random.uniform(0, ceiling))
