"""Looking through what an outbox keeps, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import attrs

T = TypeVar("T")

#: What a page may have.
MOST_AT_ONCE = 1000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@attrs.frozen(order=True)
class Cursor:
    """Where a page ended; to callers an opaque text."""

    #: When what it stands at was accepted or received.
    at: datetime
    #: The store's own number of it; later ones have higher ones.
    place: int

    def __str__(self) -> str:
        return f"{(self.at - _EPOCH) // _MICROSECOND}.{self.place}"

    @classmethod
    def read(cls, text: str) -> Cursor:
        """Return the cursor that a page gave.

        Raises:
            ValueError: It is none.
        """
        at, _, place = text.partition(".")
        try:
            return cls(_EPOCH + int(at) * _MICROSECOND, int(place))
        except (ValueError, OverflowError):
            why = "the cursor is none that a page gave: leave it out to start anew"
            raise ValueError(why) from None


def check_limit(_: object, __: object, limit: int) -> None:
    """Refuse a page of a size that none may have."""
    if not 0 < limit <= MOST_AT_ONCE:
        raise ValueError(f"limit is {limit}: write 1 to {MOST_AT_ONCE}")


def check_zone(_: object, field: attrs.Attribute[Any], at: datetime | None) -> None:
    """Refuse a time without a zone."""
    if at is not None and at.utcoffset() is None:
        raise ValueError(f"{field.name} has no time zone: give it one")


@attrs.frozen(kw_only=True)
class Paging:
    """Which page to list.

    Raises:
        ValueError: The limit is out of range, or there is no such cursor.
    """

    #: Entries on a page, at most `MOST_AT_ONCE`.
    limit: int = attrs.field(default=50, validator=check_limit)
    #: Where the page before ended; None: the newest come first.
    cursor: str | None = None

    #: The cursor, read.
    after: Cursor | None = attrs.field(init=False, repr=False)

    @after.default
    def _read_cursor(self) -> Cursor | None:
        return None if self.cursor is None else Cursor.read(self.cursor)


def cut(
    found: Sequence[tuple[Cursor, T]], limit: int
) -> tuple[tuple[T, ...], str | None]:
    """Return what is on a page, and its cursor, of one more than it may have."""
    shown = found[:limit]
    more = len(found) > limit
    return tuple(one for _, one in shown), str(shown[-1][0]) if more else None
