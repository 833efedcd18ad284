"""How much a provider may fail before it rests, and how long."""

from __future__ import annotations

from datetime import timedelta

import attrs

#: A rest that doubles grows no longer than this, or than it began.
LONGEST_REST = timedelta(minutes=10)


@attrs.frozen(kw_only=True)
class HealthSettings:
    """When one configured provider rests."""

    #: Faults in a row before it rests.
    failures: int = 5
    #: Its first rest; doubled each time that a probe fails.
    rest: timedelta = timedelta(seconds=30)

    def next_length(self, before: timedelta | None) -> timedelta:
        """Return how long the next rest is; None: none was before."""
        if before is None:
            return self.rest
        return min(before * 2, max(LONGEST_REST, self.rest))
