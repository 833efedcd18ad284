"""How one unit is: its faults in a row, its rest, and who tries it."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from notify_core.routing.health.fault import Source
from notify_core.routing.health.rest import Rest


class Condition:
    """How one unit is that is not well.

    Attributes:
        rest: Why it is left alone; None: it is not, yet.
        is_probed: Its rest has ended, and messages have begun to try it.
        is_free: Set while nobody tries it.
    """

    def __init__(self) -> None:
        self.rest: Rest | None = None
        self.is_probed = False
        self.is_free = asyncio.Event()
        self.is_free.set()
        self._streaks: dict[Source, set[str]] = {}
        self._holder: Permit | None = None
        self._held_until: datetime | None = None

    def count(self, source: Source, fault: str) -> int:
        """Add a fault, told apart from others by its name; return how many in a row."""
        streak = self._streaks.setdefault(source, set())
        streak.add(fault)
        return len(streak)

    def forget(self, source: Source) -> bool:
        """Begin a row anew; return whether no other is left."""
        self._streaks.pop(source, None)
        return not self._streaks

    def is_resting(self, now: datetime) -> bool:
        """Tell whether its rest lasts."""
        return self.rest is not None and now < self.rest.until

    def is_held(self, now: datetime) -> bool:
        """Tell whether a message tries it, and may still be at it."""
        return self._held_until is not None and now < self._held_until

    def shuts_out(self, now: datetime) -> bool:
        """Tell whether no further message may try it."""
        return self.is_resting(now) or self.is_held(now)

    def hold(self, holder: Permit, until: datetime) -> None:
        """Keep others away until the holder leaves, or that time has come."""
        self._holder, self._held_until = holder, until
        self.is_free.clear()

    def release(self, holder: Permit) -> None:
        """Let others in, unless they already are."""
        if self._holder is holder:
            self.free()

    def free(self) -> None:
        """Let others in."""
        self._holder = self._held_until = None
        self.is_free.set()


class Permit:
    """Leave to make one attempt; it keeps others away from a unit that is tried.

    Args:
        held: The units that are not well.
    """

    def __init__(self, held: tuple[Condition, ...] = ()) -> None:
        self._held = held

    def hold(self, now: datetime, longest: timedelta) -> None:
        """Keep others away, so long at most."""
        for condition in self._held:
            condition.hold(self, now + longest)

    def leave(self) -> None:
        """Let others in: the attempt has ended, or was not made. May be repeated."""
        for condition in self._held:
            condition.release(self)


#: For a provider that is well: it keeps nobody away.
FREE = Permit()
