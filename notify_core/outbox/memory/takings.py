"""What messages took from counters, and holds on them, in this process's memory."""

from __future__ import annotations

import heapq
from bisect import bisect_left, insort
from collections import defaultdict
from datetime import datetime, timedelta

from notify_core.outbox.counters import FOREVER, Taking, ends_of, refusals
from notify_core.outbox.port import Hold
from notify_core.policy.take import Refused, Take

#: What counts no more is kept a little longer: messages come out of order.
GRACE = timedelta(minutes=1)

_Entry = tuple[datetime, str]


class Takings:
    """Forgets what no window counts any more."""

    def __init__(self) -> None:
        #: By counter: when and by which message, in order.
        self._entries: defaultdict[str, list[_Entry]] = defaultdict(list)
        #: By message: when it took from which counters.
        self._takers: dict[str, tuple[datetime, set[str]]] = {}
        #: When each taking counts no more, earliest first.
        self._ends: list[tuple[datetime, str, _Entry]] = []
        self._holds: dict[str, Hold] = {}

    def newest(self, counter: str, place: int) -> Taking | None:
        """Return the taking at this place, the newest at 0; None: there are fewer."""
        entries = self._entries.get(counter, ())
        return Taking(*entries[-1 - place]) if place < len(entries) else None

    def held_until(self, counter: str) -> datetime | None:
        """Return when the hold on the counter ends; None: there is none."""
        hold = self._holds.get(counter)
        return None if hold is None else hold.until or FOREVER

    def take(
        self, message: str, takes: tuple[Take, ...], at: datetime, now: datetime
    ) -> Refused:
        """Take everything at *at*, or nothing and return what is refused."""
        self._forget_ended(now)
        refused = refusals(takes, at, self)
        if not refused:
            ends = ends_of(takes, at)
            for counter, end in ends.items():
                insort(self._entries[counter], (at, message))
                heapq.heappush(self._ends, (end, counter, (at, message)))
            if ends:
                self._takers[message] = (at, set(ends))
        return refused

    def is_taker(self, message: str) -> bool:
        """Tell whether the message took something that it may give back."""
        return message in self._takers

    def give_back(self, message: str) -> None:
        """Free what a message took."""
        at, counters = self._takers.pop(message)
        for counter in counters:
            self._drop(counter, (at, message))

    def hold(self, hold: Hold) -> None:
        """Keep a counter taken; holds that ended before are forgotten."""
        for held in self.holds(hold.at, ended=True):
            del self._holds[held.counter]
        self._holds[hold.counter] = hold

    def release(self, counter: str) -> bool:
        """End a hold; tell whether there was one."""
        return self._holds.pop(counter, None) is not None

    def holds(
        self, at: datetime, prefix: str = "", *, ended: bool = False
    ) -> list[Hold]:
        """Return the holds that stand at that time, or that ended, oldest first."""
        held = [
            hold
            for hold in self._holds.values()
            if hold.counter.startswith(prefix)
            and ((hold.until or FOREVER) <= at) == ended
        ]
        return sorted(held, key=_made_at)

    def _forget_ended(self, now: datetime) -> None:
        while self._ends and self._ends[0][0] <= now - GRACE:
            _, counter, entry = heapq.heappop(self._ends)
            self._drop(counter, entry)
            _, counters = self._takers.get(entry[1], (now, set()))
            counters.discard(counter)
            if not counters:
                self._takers.pop(entry[1], None)

    def _drop(self, counter: str, entry: _Entry) -> None:
        entries = self._entries.get(counter, [])
        place = bisect_left(entries, entry)
        if entries[place : place + 1] == [entry]:
            del entries[place]
            if not entries:
                del self._entries[counter]


def _made_at(hold: Hold) -> datetime:
    return hold.at
