"""What a message went through: told by what is kept of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import attrs

from notify_core.model.outcome import Outcome
from notify_core.model.status import AttemptState
from notify_core.outbox.record import Record
from notify_core.wire import to_builtins


@attrs.frozen(kw_only=True)
class Happening:
    """One step on the way of a message."""

    #: As the event of that name is called.
    type: str
    #: With time zone.
    at: datetime
    #: Number of the attempt; None: it is about the message.
    attempt: int | None = None
    #: Name of the attempt's provider.
    provider: str | None = None
    #: How the attempt ended.
    outcome: Outcome | None = None
    #: How far the message got, as a receipt says.
    state: AttemptState | None = None


def history(record: Record) -> dict[str, Any]:
    """Return the result of a message with its receipts and events."""
    events = sorted(_events(record), key=lambda event: event.at)
    return {
        **to_builtins(record.result()),
        "receipts": to_builtins(record.receipts),
        "events": to_builtins(events),
    }


def _events(record: Record) -> Iterator[Happening]:
    yield Happening(type="accepted", at=record.accepted_at)
    for attempt in record.attempts:
        if attempt.outcome is not None:
            yield Happening(
                type="attempted",
                at=attempt.started_at + timedelta(seconds=attempt.duration or 0),
                attempt=attempt.number,
                provider=attempt.provider,
                outcome=attempt.outcome,
            )
    for heard in record.receipts:
        yield Happening(
            type="receipt_matched",
            at=heard.received_at,
            attempt=heard.attempt,
            provider=record.attempt(heard.attempt).provider,
            state=heard.state,
        )
