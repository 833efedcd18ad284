"""Receipts that wait for their message, in this process's memory."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from datetime import datetime

from notify_core.outbox.port import Parked

#: Receipts kept that matched nothing yet.
KEPT_RECEIPTS = 10_000

_Key = tuple[str, str]


class Parking:
    """Finds them by what they name; the oldest go when there are too many."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[int, Parked] = OrderedDict()
        self._places: defaultdict[_Key, set[int]] = defaultdict(set)
        self._next = 0

    def add(self, parked: Parked) -> None:
        """Keep a receipt."""
        self._next += 1
        self._waiting[self._next] = parked
        for key in _keys(parked):
            self._places[key].add(self._next)
        if len(self._waiting) > KEPT_RECEIPTS:
            self._remove(next(iter(self._waiting)))

    def take(self, account: str, names: tuple[str | None, ...]) -> list[Parked]:
        """Remove and return those that go by any of these names, oldest first."""
        if not self._waiting:
            return []
        keys = [(account, name) for name in names if name is not None]
        places = sorted({p for key in keys for p in self._places.get(key, ())})
        return [self._remove(place) for place in places]

    def purge(self, received_before: datetime, limit: int) -> int:
        """Remove what waits for too long, so many at most; return how many."""
        old = [
            place
            for place, parked in self._waiting.items()
            if parked.received_at <= received_before
        ]
        return len([self._remove(place) for place in old[:limit]])

    def forget(self, address: str) -> None:
        """Remove what names an address, of whatever account."""
        for place, parked in tuple(self._waiting.items()):
            if parked.receipt.recipient == address:
                self._remove(place)

    def _remove(self, place: int) -> Parked:
        parked = self._waiting.pop(place)
        for key in _keys(parked):
            self._places[key].discard(place)
            if not self._places[key]:
                del self._places[key]
        return parked


def _keys(parked: Parked) -> list[_Key]:
    receipt = parked.receipt
    names = (receipt.provider_id, receipt.reference, receipt.recipient)
    return [(parked.account, name) for name in names if name is not None]
