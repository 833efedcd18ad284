"""What observers are told of a message on its way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from notify_core.dispatch.admit import Admission, Said
from notify_core.model.attempt import Attempt
from notify_core.model.event import Accepted, Admitted, Event, FailedOver, Planned
from notify_core.outbox.record import Record
from notify_core.routing.plan import Plan


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


def planned(record: Record, route: str, plan: Plan) -> Planned:
    """Return what is told of a plan."""
    return Planned(
        message=record.message.id,
        route=route,
        providers=tuple(c.provider.name for c in plan.candidates),
        excluded=plan.excluded,
    )


def failed_over(message: str, left: Attempt, begun: Attempt) -> FailedOver:
    """Return what is told of a message that left a provider for another."""
    return FailedOver(
        message=message, provider=left.provider, to=begun.provider, reason=left.reason
    )


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
