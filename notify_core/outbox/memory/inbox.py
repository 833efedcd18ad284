"""Replies in this process's memory."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from itertools import count

import attrs

from notify_core.outbox.inbound import (
    Inbound,
    InboundFilter,
    InboundPage,
    identity,
    inbound_page,
)
from notify_core.outbox.paging import Cursor

#: Replies kept; the oldest go when there are more.
KEPT_INBOUND = 10_000

_Identity = tuple[str, ...]


@attrs.frozen
class _Placed:
    cursor: Cursor
    kept: Inbound


class Inbox:
    """Keeps each reply once."""

    def __init__(self) -> None:
        self._replies: OrderedDict[_Identity, _Placed] = OrderedDict()
        self._places = count(1)

    def keep(self, kept: Inbound) -> bool:
        """Keep a reply; tell whether it is new."""
        name = identity(kept)
        if name in self._replies:
            return False
        cursor = Cursor(kept.received_at, next(self._places))
        self._replies[name] = _Placed(cursor, kept)
        if len(self._replies) > KEPT_INBOUND:
            self._replies.popitem(last=False)
        return True

    def page(self, asked: InboundFilter) -> InboundPage:
        """Return the replies that are asked for, newest first."""
        found = [
            (placed.cursor, placed.kept)
            for placed in self._replies.values()
            if _fits(placed, asked)
        ]
        found.sort(key=lambda placed: placed[0], reverse=True)
        return inbound_page(found, asked.limit)

    def purge(self, received_before: datetime, limit: int) -> int:
        """Remove what was kept long enough, so many at most; return how many."""
        old = [
            name
            for name, placed in self._replies.items()
            if placed.kept.received_at <= received_before
        ]
        return len([self._replies.pop(name) for name in old[:limit]])

    def forget(self, sender: str) -> None:
        """Remove what somebody wrote."""
        for name, placed in tuple(self._replies.items()):
            if placed.kept.inbound.sender == sender:
                del self._replies[name]


def _fits(placed: _Placed, asked: InboundFilter) -> bool:
    kept = placed.kept
    return (
        (asked.provider is None or kept.provider == asked.provider)
        and (asked.sender is None or kept.inbound.sender == asked.sender)
        and (asked.since is None or kept.received_at >= asked.since)
        and (asked.after is None or placed.cursor < asked.after)
    )
