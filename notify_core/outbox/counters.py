"""Whether a counter has room: one rule, whatever store keeps the takings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Protocol

import attrs

from notify_core.policy.take import NO_TIME, Refusal, Refused, Take

#: The end of what has none.
FOREVER = datetime.max.replace(tzinfo=UTC)


@attrs.frozen
class Taking:
    """What one message took from one counter."""

    at: datetime
    #: Id of the message.
    message: str | None


class Counted(Protocol):
    """What was taken from counters, as a store has it."""

    def newest(self, counter: str, place: int) -> Taking | None:
        """Return the taking at this place, the newest at 0; None: there are fewer."""
        ...

    def held_until(self, counter: str) -> datetime | None:
        """Return when the hold on the counter ends, `FOREVER` included; None: none."""
        ...


def refusals(takes: Iterable[Take], at: datetime, counted: Counted) -> Refused:
    """Return why those of the takes are refused for which there is no room at *at*."""
    refused = {}
    for take in takes:
        if take.window is NO_TIME and counted.held_until(take.counter) is None:
            continue  # most takes are such: whether the recipient wants no more
        if (why := refusal(take, at, counted)) is not None:
            refused[take] = why
    return refused


def refusal(take: Take, at: datetime, counted: Counted) -> Refusal | None:
    """Return why there is no room for a take at *at*; None: there is."""
    free_at = _free_at(take, at, counted)
    if free_at <= at:
        return None
    last = counted.newest(take.counter, 0)
    is_counted = last is not None and last.at > take.window.begins(at)
    return Refusal(
        free_at=None if free_at == FOREVER else free_at,
        holder=last.message if last is not None and is_counted else None,
    )


def ends_of(takes: Iterable[Take], at: datetime) -> dict[str, datetime]:
    """Return when what a message takes at *at* counts no more, by counter."""
    ends: dict[str, datetime] = {}
    for take in takes:
        if not take.asks:
            end = take.window.frees(at)
            ends[take.counter] = max(end, ends.get(take.counter, end))
    return ends


def _free_at(take: Take, at: datetime, counted: Counted) -> datetime:
    """Return when there will be room; *at* itself, or earlier, when there is."""
    others = take.most - (not take.asks)
    free_at = _left_by(take, others, at, counted)
    held_until = counted.held_until(take.counter)
    if held_until is None or held_until <= at:
        return free_at
    # A hold is one more taking: room comes when it ends, or beside it.
    beside = _left_by(take, others - 1, at, counted)
    return min(beside, max(free_at, held_until))


def _left_by(take: Take, others: int, at: datetime, counted: Counted) -> datetime:
    """Return when no more than so many takings count."""
    if others < 0:
        return FOREVER
    begins = take.window.begins(at)
    if begins == at:
        return at  # such a window counts nothing: the take asks for holds alone
    last_out = counted.newest(take.counter, others)
    if last_out is None or last_out.at <= begins:
        return at
    return take.window.frees(last_out.at)
