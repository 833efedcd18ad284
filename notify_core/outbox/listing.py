"""Which messages of an outbox are looked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import attrs

from notify_core.model.channel import Channel, Kind
from notify_core.model.status import Status
from notify_core.outbox.dead_letter import dead_letter
from notify_core.outbox.paging import Cursor, Paging, check_zone, cut
from notify_core.outbox.record import Record


@attrs.frozen(kw_only=True)
class MessageFilter(Paging):
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
