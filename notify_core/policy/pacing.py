"""Keeps the requests to a provider below its rate: a token bucket in each process."""

from __future__ import annotations

from heapq import heappop, heappush
from math import inf

import attrs

from notify_core.model.rate import Rate


@attrs.frozen
class Slot:
    """Leave to make one request."""

    #: Seconds until it may be made.
    wait: float
    #: The monotonic time at which the bucket has made up for it.
    paid_at: float


class Pacer:
    """Gives out slots for requests, first come first served.

    The bucket holds what the rate allows in a second, and one request at least: in any
    span of time there are no more requests than it holds and the rate allows in that
    span. It counts in the time at which it will be full again, as the generic cell
    rate algorithm does (ITU-T I.371), so nothing has to be filled up.

    Args:
        rate: The most requests in a span of time.
    """

    def __init__(self, rate: Rate) -> None:
        self._interval = rate.interval
        #: How long the bucket takes to pay for all that it holds but one.
        self._ahead = max(0.0, 1 - rate.interval)
        self._full_at = -inf
        self._returned: list[float] = []

    def reserve(self, now: float, within: float = inf) -> Slot | None:
        """Return the first slot that is free, taken; None when it is too far away.

        Args:
            now: Monotonic time in seconds.
            within: The longest wait that is of use, in seconds.
        """
        paid_at = self._next(now)
        wait = max(0.0, paid_at - self._ahead - now)
        if wait > within:
            return None
        if self._returned:
            heappop(self._returned)
        else:
            self._full_at = paid_at + self._interval
        return Slot(wait, paid_at)

    def give_back(self, slot: Slot) -> None:
        """Let somebody else have a slot in which no request was made."""
        heappush(self._returned, slot.paid_at)

    def _next(self, now: float) -> float:
        while self._returned and self._returned[0] < now:
            heappop(self._returned)
        return self._returned[0] if self._returned else max(self._full_at, now)
