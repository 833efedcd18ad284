"""What a list shows of a message: no content, and the address masked."""

from __future__ import annotations

from datetime import datetime

import attrs

from notify_core.model.channel import Channel, Kind
from notify_core.model.outcome import Reason
from notify_core.model.status import Status
from notify_core.outbox.dead_letter import dead_letter
from notify_core.outbox.record import Erased, Record


@attrs.frozen(kw_only=True)
class Listed:
    """One message of a list."""

    id: str
    status: Status
    final: bool
    #: Why it stands there.
    reason: Reason | None
    #: Why it is a dead letter; None: it is none.
    dead: str | None
    route: str
    channel: Channel
    kind: Kind
    template: str | None
    #: The recipient, masked; `erased` where nobody knows it any more.
    to: str
    #: Name of the provider of the last attempt.
    provider: str | None
    #: How many there were.
    attempts: int
    accepted_at: datetime
    #: When it is to go, where it waits.
    due_at: datetime | None
    #: What is not kept any more.
    erased: Erased

    @classmethod
    def of(cls, record: Record) -> Listed:
        """Return what a list shows of a record."""
        return cls(
            id=record.message.id,
            status=record.status,
            final=record.final,
            reason=record.telling_reason,
            dead=dead_letter(record),
            route=record.route,
            channel=record.message.channel,
            kind=record.kind,
            template=record.message.template,
            to=record.shown_address,
            provider=record.attempts[-1].provider if record.attempts else None,
            attempts=len(record.attempts),
            accepted_at=record.accepted_at,
            due_at=record.due_at,
            erased=record.erased,
        )
