"""What observers are told of a message that comes in, and of its policies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from notify_core.dispatch.admit import Admission, Said
from notify_core.model.event import Accepted, Admitted, Event
from notify_core.outbox.record import Record


def tell_entered(
    record: Record,
    admission: Admission,
    observe: Callable[[Event], None],
    is_observed: Callable[[type[Any]], bool],
) -> None:
    """Tell of a message that was recorded, and of what its policies said."""
    if is_observed(Accepted):
        observe(_accepted(record))
    tell_admission(record, admission, observe)


def tell_admission(
    record: Record, admission: Admission, observe: Callable[[Event], None]
) -> None:
    """Tell of what the policies said, where that is more than yes."""
    for said in admission.said:
        observe(_admitted(record, said))


def _accepted(record: Record) -> Accepted:
    return Accepted(
        message=record.message.id,
        channel=record.message.channel,
        kind=record.kind,
        recipient=record.recipient.masked,
    )


def _admitted(record: Record, said: Said) -> Admitted:
    decision = said.decision
    return Admitted(
        message=record.message.id,
        route=record.route,
        policy=said.policy,
        verdict=decision.verdict,
        reason=decision.reason,
        until=decision.until,
        why=decision.why,
        instead=decision.instead,
    )
