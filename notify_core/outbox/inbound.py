"""Replies as they are kept, and looking through them a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import attrs

from notify_core.model.receipt import InboundMessage
from notify_core.outbox.paging import Cursor, Paging, check_zone, cut


@attrs.frozen(kw_only=True)
class Inbound:
    """A reply of a person, as it was pushed."""

    #: Name of the configured provider that it came by.
    provider: str
    account: str
    inbound: InboundMessage
    #: Id of the message that it replies to; None: the vendor did not tell.
    message: str | None = None
    #: When it came, with time zone.
    received_at: datetime


@attrs.frozen(kw_only=True)
class InboundFilter(Paging):
    """Which replies to list; what is None is not asked about.

    Raises:
        ValueError: The limit is out of range, a time has no zone, or there is no such
            cursor.
    """

    #: Name of the provider.
    provider: str | None = None
    #: Who wrote: E.164 or e-mail, as `InboundMessage.sender`.
    sender: str | None = attrs.field(default=None, repr=False)
    #: Received then or later, with time zone.
    since: datetime | None = attrs.field(default=None, validator=check_zone)


@attrs.frozen(kw_only=True)
class InboundPage:
    """Some replies, newest first."""

    inbound: tuple[Inbound, ...]
    #: Gives the next page; None: this was the last.
    cursor: str | None = None


def inbound_page(found: Sequence[tuple[Cursor, Inbound]], limit: int) -> InboundPage:
    """Return a page of what was found, newest first: of one more than it may have."""
    inbound, cursor = cut(found, limit)
    return InboundPage(inbound=inbound, cursor=cursor)


def identity(kept: Inbound) -> tuple[str, ...]:
    """Return what a repeated push has in common with the first.

    All that the vendor tells, not its id alone: that may be the id of the message
    replied to, and a person may reply twice.
    """
    said = kept.inbound
    at = "" if said.at is None else said.at.astimezone(UTC).isoformat()
    return (kept.account, said.provider_id or "", said.sender, said.text, at)
