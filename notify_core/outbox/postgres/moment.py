"""What time it is for who is not told: the latest time that was spoken of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

#: A message gets its job so long before it is due, so that the queue holds little.
#: Two sweeps find it in that time.
AHEAD = timedelta(minutes=2)


class Moment:
    """Remembers the latest time that a caller named."""

    def __init__(self) -> None:
        self._latest = datetime.min.replace(tzinfo=UTC)

    def note(self, now: datetime) -> None:
        """Take a time that a caller named for the present."""
        self._latest = max(self._latest, now)

    def is_near(self, at: datetime) -> bool:
        """Tell whether a message that is due then needs its job now."""
        return at <= max(self._latest, datetime.now(UTC)) + AHEAD
