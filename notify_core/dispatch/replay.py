"""Makes a new message of one that ended unsent, which says so from then on: pure."""

from __future__ import annotations

import attrs

from notify_core.errors import InvalidMessage, Problem
from notify_core.model.identifier import renewed
from notify_core.model.message import Message
from notify_core.outbox.record import Erased, Record

_ERASED = Problem(
    pointer="", message="was erased, so it cannot be sent again: make a new one"
)


def again(record: Record) -> Message:
    """Return the message that says the same to the same, and goes at once.

    Its idempotency key is that of the replay: a second one is the first.

    Raises:
        InvalidMessage: What it said is not kept any more.
    """
    if record.erased is not Erased.NOTHING:
        raise InvalidMessage([_ERASED])
    message = record.message
    return attrs.evolve(
        message,
        id=renewed(message.id),
        idempotency_key=f"replay:{message.id}",
        not_before=None,
    )


def replayed(record: Record, as_: Record) -> Record:
    """Return the record with the word which message stands for it from now on."""
    return attrs.evolve(record, replayed_as=as_.message.id)
