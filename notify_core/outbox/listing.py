"""Looking through the messages of an outbox, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import attrs

from notify_core.model.channel import Channel, Kind
from notify_core.model.status import Status
from notify_core.outbox.dead_letter import dead_letter
from notify_core.outbox.record import Record

T = TypeVar("T")

#: Records that a page may have.
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
class MessageFilter:
    """Which messages to list; what is None is not asked about.

    Raises:
        ValueError: The limit is out of range, a time has no zone, or there is no such
            cursor.
    """

    status: Status | None = None
    #: Name of the provider of the last attempt.
    provider: str | None = None
    channel: Channel | None = None
    kind: Kind | None = None
    #: Name of the template.
    template: str | None = None
    #: Name of the route.
    route: str | None = None
    #: Normalised, as `Recipient.address`; messages of a forgotten one are not found.
    address: str | None = attrs.field(default=None, repr=False)
    #: Accepted then or later, with time zone.
    since: datetime | None = attrs.field(default=None, validator=check_zone)
    #: Accepted before then, with time zone.
    until: datetime | None = attrs.field(default=None, validator=check_zone)
    #: Only dead letters; see `dead_letter`.
    dead: bool = False
    #: Records on a page, at most `MOST_AT_ONCE`.
    limit: int = attrs.field(default=50, validator=check_limit)
    #: Where the page before ended; None: the newest come first.
    cursor: str | None = None

    #: The cursor, read.
    after: Cursor | None = attrs.field(init=False, repr=False)

    @after.default
    def _read_cursor(self) -> Cursor | None:
        return None if self.cursor is None else Cursor.read(self.cursor)


@attrs.frozen(kw_only=True)
class Page:
    """Some records, newest first."""

    records: tuple[Record, ...]
    #: Gives the next page; None: this was the last.
    cursor: str | None = None


def page_of(found: Sequence[tuple[Cursor, Record]], limit: int) -> Page:
    """Return a page of what was found, newest first: of one more than it may have."""
    records, cursor = cut(found, limit)
    return Page(records=records, cursor=cursor)


def cut(
    found: Sequence[tuple[Cursor, T]], limit: int
) -> tuple[tuple[T, ...], str | None]:
    """Return what is on a page, and its cursor, of one more than it may have."""
    shown = found[:limit]
    more = len(found) > limit
    return tuple(one for _, one in shown), str(shown[-1][0]) if more else None


def fits(record: Record, asked: MessageFilter) -> bool:
    """Tell whether a record is asked for, by all but its address and its place."""
    message, at = record.message, record.accepted_at
    last = record.attempts[-1].provider if record.attempts else None
    wanted = (
        (asked.status, record.status),
        (asked.provider, last),
        (asked.channel, message.channel),
        (asked.kind, record.kind),
        (asked.template, message.template),
        (asked.route, record.route),
    )
    return (
        all(one is None or one == had for one, had in wanted)
        and (asked.since is None or at >= asked.since)
        and (asked.until is None or at < asked.until)
        and not (asked.dead and dead_letter(record) is None)
    )
