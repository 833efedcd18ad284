"""What a message takes from a counter, and when the counter refuses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Protocol

import attrs


class Window(Protocol):
    """The span of time in which takings count."""

    def begins(self, now: datetime) -> datetime:
        """Return the time after which a taking still counts at *now*."""
        ...

    def frees(self, taken_at: datetime) -> datetime:
        """Return when a taking counts no more."""
        ...


@attrs.frozen
class Sliding:
    """The last so many seconds, exactly."""

    span: timedelta

    def begins(self, now: datetime) -> datetime:
        """Return the time after which a taking still counts."""
        return now - self.span

    def frees(self, taken_at: datetime) -> datetime:
        """Return when a taking counts no more."""
        return taken_at + self.span


#: Counts nothing: what takes from it asks whether the counter is held, and no more.
NO_TIME = Sliding(timedelta(0))


@attrs.frozen
class CalendarDay:
    """The day in a time zone, from midnight to midnight."""

    timezone: tzinfo

    def begins(self, now: datetime) -> datetime:
        """Return the last instant of the day before."""
        return self._midnight(now, days=0) - timedelta(microseconds=1)

    def frees(self, taken_at: datetime) -> datetime:
        """Return the next midnight."""
        return self._midnight(taken_at, days=1)

    def _midnight(self, at: datetime, days: int) -> datetime:
        local = at.astimezone(self.timezone) + timedelta(days=days)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        return midnight.astimezone(at.tzinfo)


@attrs.frozen
class Take:
    """What a message takes from a counter: the counter has to have room for it.

    Takes of one message on one counter are one taking that several windows count.
    """

    #: What is counted; a keyed hash where it holds an address.
    counter: str
    window: Window
    #: How many takings may be in the window, this one included.
    most: int
    #: It asks whether there is room, and takes nothing.
    asks: bool = False


@attrs.frozen
class Refusal:
    """Why a counter has no room for a take."""

    #: When it will have; None: not by waiting.
    free_at: datetime | None
    #: Id of the last message that took from it.
    holder: str | None = None


#: What the counters refused, by take. Empty before they were asked.
Refused = Mapping[Take, Refusal]
NOTHING_REFUSED: Refused = {}
