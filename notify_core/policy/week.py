"""Spans of the week by the clock on the wall, whatever that clock does in between."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Self

import attrs

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = 24 * 60
_WEEK = len(DAYS) * _DAY
_EVERY_DAY = ("mon-sun",)
_SECOND = timedelta(seconds=1)

#: From and until so many minutes after the midnight that Monday begins with.
Minutes = tuple[int, int]


@attrs.frozen
class Week:
    """Minutes of the week, as the clocks in a time zone show them.

    Where clocks are put forward, minutes that they skip do not happen; where they are
    put back, minutes that they show twice count both times.
    """

    timezone: tzinfo
    #: In order, without overlap, none across the end of the week.
    spans: tuple[Minutes, ...]

    _begins: tuple[int, ...] = attrs.field(init=False, repr=False)

    @_begins.default
    def _listed(self) -> tuple[int, ...]:
        return tuple(begin for begin, _ in self.spans)

    @classmethod
    def of(cls, timezone: tzinfo, spans: Iterable[Minutes]) -> Self:
        """Return the week of these spans, which may overlap and run into the next."""
        return cls(timezone, tuple(_merged(spans)))

    @property
    def rest(self) -> Self:
        """The other minutes of the week."""
        edges = [0, *(edge for span in self.spans for edge in span), _WEEK]
        gaps = zip(edges[::2], edges[1::2], strict=True)
        return type(self)(self.timezone, tuple(gap for gap in gaps if gap[0] < gap[1]))

    @property
    def is_whole(self) -> bool:
        """Whether no minute of the week is left out."""
        return self.spans == ((0, _WEEK),)

    def left_at(self, at: datetime) -> timedelta | None:
        """Return how long a span still lasts by the clock; None outside of all."""
        local = at.astimezone(self.timezone)
        minute = local.weekday() * _DAY + local.hour * 60 + local.minute
        index = bisect_right(self._begins, minute) - 1
        if index < 0 or self.spans[index][1] <= minute:
            return None
        into = timedelta(seconds=local.second, microseconds=local.microsecond)
        return timedelta(minutes=self.spans[index][1] - minute) - into

    def first_outside(self, at: datetime) -> datetime:
        """Return the first instant from *at* on that lies outside of all spans.

        There has to be one: see `is_whole`.
        """
        at = at.astimezone(UTC)
        while (left := self.left_at(at)) is not None:
            # Right unless the clocks are changed before; then go on from there.
            at = self._change(at, at + left) or at + left
        return at

    def _change(self, after: datetime, until: datetime) -> datetime | None:
        """Return when the clocks are changed; that it happens twice is not expected."""
        offset = self._offset(after)
        if self._offset(until) == offset:
            return None
        while until - after > _SECOND:
            middle = after + (until - after) // 2
            if self._offset(middle) == offset:
                after = middle
            else:
                until = middle
        # Clocks are changed at whole seconds.
        return until.replace(microsecond=0)

    def _offset(self, at: datetime) -> timedelta | None:
        return at.astimezone(self.timezone).utcoffset()


def daily(begin: str, end: str, days: Sequence[str] = ()) -> list[Minutes]:
    """Return the spans from `22:00` to `08:00` that begin on these days.

    An end that is not after the begin is of the next day.

    Args:
        begin: Time of day.
        end: Time of day.
        days: `mon`, or `mon-fri`; no day is every day.
    """
    first, last = _minute(begin), _minute(end)
    last += 0 if first < last else _DAY
    starts = [_DAY * day for day in _numbers(days)]
    return [(start + first, start + last) for start in starts]


def _minute(text: str) -> int:
    at = time.fromisoformat(text)
    return at.hour * 60 + at.minute


def _numbers(days: Sequence[str]) -> Iterable[int]:
    """Yield the days' numbers, from Monday, 0."""
    for written in days or _EVERY_DAY:
        first, _, last = written.partition("-")
        begin, end = DAYS.index(first), DAYS.index(last or first)
        count = (end - begin) % len(DAYS) + 1
        yield from ((begin + index) % len(DAYS) for index in range(count))


def _merged(spans: Iterable[Minutes]) -> list[Minutes]:
    merged: list[Minutes] = []
    for begin, end in sorted(part for span in spans for part in _parts(*span)):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def _parts(begin: int, end: int) -> list[Minutes]:
    """Cut a span at the end of the week."""
    if end <= _WEEK:
        return [(begin, end)]
    return [(begin, _WEEK), (0, end - _WEEK)]
