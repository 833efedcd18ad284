"""Messages that could not be done, and why."""

from __future__ import annotations

from notify_core.model.outcome import POLICY_REASONS, Reason
from notify_core.model.status import Status
from notify_core.outbox.record import Record

#: The ends that nobody wished for.
_DEAD = frozenset(
    {
        Status.REJECTED,
        Status.EXPIRED,
        Status.SUBMIT_UNKNOWN,
        Status.RECEIPT_TIMEOUT,
        Status.UNDELIVERED,
    }
)
_WISHED = POLICY_REASONS | {Reason.CANCELED}


def dead_letter(record: Record) -> str | None:
    """Return why a message is a dead letter; None: it is none.

    It is one that is final, did not succeed, and ended so by nobody's wish: neither a
    policy's nor the caller's. Once it is replayed, the new message stands for it.

    Returns:
        The reason, or the status where there is none, as of `receipt_timeout`.
    """
    if record.replayed_as is not None:
        return None
    return dead_letter_reason(record.status, record.telling_reason, final=record.final)


def dead_letter_reason(
    status: Status, reason: Reason | None, *, final: bool
) -> str | None:
    """Return the same of a message that stands so."""
    if not final or status not in _DEAD or reason in _WISHED:
        return None
    return str(reason or status)
