"""Where an attempt and a message stand: two closed sets and one pure function."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class AttemptState(StrEnum):
    """How far one attempt got. States only rise, in this order."""

    #: Recorded; the request is being written.
    SUBMITTING = "submitting"
    #: Written; whether it was processed is not known.
    UNKNOWN = "unknown"
    #: The provider took it.
    ACCEPTED = "accepted"
    #: The provider handed it to the carrier.
    SENT = "sent"
    #: The receipt that should have come did not.
    RECEIPT_TIMEOUT = "receipt_timeout"
    #: A receipt says that it did not arrive.
    UNDELIVERED = "undelivered"
    #: A receipt says that its validity ended on the way.
    EXPIRED = "expired"
    #: A receipt says that it arrived.
    DELIVERED = "delivered"
    #: The provider refused it. Final at once.
    REJECTED = "rejected"


#: Height of each state: the same facts in any order end in the same state.
_RANK = {
    AttemptState.SUBMITTING: 0,
    AttemptState.UNKNOWN: 1,
    AttemptState.ACCEPTED: 2,
    AttemptState.SENT: 3,
    AttemptState.RECEIPT_TIMEOUT: 4,
    AttemptState.UNDELIVERED: 5,
    AttemptState.EXPIRED: 6,
    AttemptState.DELIVERED: 7,
}

#: The recipient may hold the message, or get it yet.
POSSIBLY_DELIVERED = frozenset(
    {
        AttemptState.SUBMITTING,
        AttemptState.UNKNOWN,
        AttemptState.ACCEPTED,
        AttemptState.SENT,
        AttemptState.RECEIPT_TIMEOUT,
    }
)


def rises(current: AttemptState, to: AttemptState) -> bool:
    """Tell whether a fact that says *to* moves an attempt that stands at *current*.

    A refusal answers only what is still open, and nothing follows it.
    """
    if current is AttemptState.REJECTED:
        return False
    if to is AttemptState.REJECTED:
        return current in (AttemptState.SUBMITTING, AttemptState.UNKNOWN)
    return _RANK[to] > _RANK[current]


class Status(StrEnum):
    """Where a message stands."""

    #: Recorded; nothing was tried yet.
    CREATED = "created"
    #: Due later; `retry_at` says when.
    DEFERRED = "deferred"
    #: Being sent.
    SUBMITTING = "submitting"
    #: It may have been sent; the policy set says how that is settled.
    SUBMIT_UNKNOWN = "submit_unknown"
    #: A provider took it.
    ACCEPTED = "accepted"
    #: The provider handed it to the carrier.
    SENT = "sent"
    #: A receipt says that it arrived.
    DELIVERED = "delivered"
    #: The receipt that should have come did not.
    RECEIPT_TIMEOUT = "receipt_timeout"
    #: A receipt says that it did not arrive.
    UNDELIVERED = "undelivered"
    #: Its validity ended first.
    EXPIRED = "expired"
    #: Nobody took it.
    REJECTED = "rejected"
    #: A policy dropped it on purpose.
    SUPPRESSED = "suppressed"
    #: The caller withdrew it before anything was written.
    CANCELED = "canceled"


_OPEN = (
    (AttemptState.SENT, Status.SENT),
    (AttemptState.ACCEPTED, Status.ACCEPTED),
    (AttemptState.UNKNOWN, Status.SUBMIT_UNKNOWN),
)
_CLOSED = (
    (AttemptState.RECEIPT_TIMEOUT, Status.RECEIPT_TIMEOUT),
    (AttemptState.UNDELIVERED, Status.UNDELIVERED),
    (AttemptState.EXPIRED, Status.EXPIRED),
)


def message_status(states: Iterable[AttemptState], planned: Status | None) -> Status:
    """Compute a message's status from its attempts; nothing else writes a status.

    Args:
        states: The states of all attempts, in any order.
        planned: What stands for the work ahead: `created`, `submitting`, `deferred`;
            or how a message ended that no attempt explains: `suppressed`,
            `rejected`, `expired`, `canceled`. None when the work is over.
    """
    return _status(frozenset(states), planned)


@cache
def _status(seen: frozenset[AttemptState], planned: Status | None) -> Status:
    if AttemptState.DELIVERED in seen:
        return Status.DELIVERED
    for state, status in _OPEN:
        if state in seen:
            return status
    if AttemptState.SUBMITTING in seen:
        return Status.SUBMITTING
    if planned in (Status.CREATED, Status.SUBMITTING, Status.DEFERRED):
        return planned
    for state, status in _CLOSED:
        if state in seen:
            return status
    return Status.REJECTED if seen else planned or Status.REJECTED
