"""The series that begin at zero, so that the rate of a first failure shows."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from notify_core.metrics.families import Families
from notify_core.model.event import Match
from notify_core.model.outcome import (
    POLICY_REASONS,
    RULES,
    Disposition,
    Outcome,
    Reason,
)
from notify_core.model.status import AttemptState
from notify_core.model.webhook import WebhookRefusal

_ACCEPTED = (Reason.NONE, Reason.DUPLICATE_REQUEST)
#: Reasons of messages and receipts; no attempt's answer has them.
_NOT_OF_ATTEMPTS = POLICY_REASONS | {
    Reason.NO_PROVIDER,
    Reason.EXPIRED,
    Reason.DEADLINE_EXCEEDED,
    Reason.CANCELED,
    Reason.RECIPIENT_UNREACHABLE,
    Reason.CARRIER_REJECTED,
}
#: Why a message may leave a provider.
_LEAVING = tuple(
    reason
    for reason, rule in RULES.items()
    if rule.fails_over
    or rule.disposition in (Disposition.FAILOVER, Disposition.ACCOUNT)
)
_RECEIPT_STATES = (
    AttemptState.SENT,
    AttemptState.DELIVERED,
    AttemptState.UNDELIVERED,
    AttemptState.EXPIRED,
)


def start_at_zero(families: Families, provider: str) -> None:
    """Make the series of a provider that rates are taken of."""
    for family, *labels in _first_series(families):
        family.start_at_zero(provider, *labels)


def _first_series(of: Families) -> Iterator[tuple[Any, ...]]:
    """Yield each metric of a provider with its labels after the provider's."""
    attempts = [reason for reason in Reason if reason not in _NOT_OF_ATTEMPTS]
    yield from ((of.attempts, _usual_outcome(why), why) for why in attempts)
    yield from ((of.failovers, reason) for reason in _LEAVING)
    yield from ((of.attempt_duration, outcome) for outcome in Outcome)
    yield from ((of.receipts, *pair) for pair in product(_RECEIPT_STATES, Match))
    yield from ((of.webhook_rejected, refusal) for refusal in WebhookRefusal)
    yield from ((of.unmapped,), (of.segments,), (of.receipt_latency,), (of.state,))


def _usual_outcome(reason: Reason) -> Outcome:
    if reason in _ACCEPTED:
        return Outcome.ACCEPTED
    settles = RULES[reason].disposition is Disposition.SETTLE
    return Outcome.UNKNOWN if settles else Outcome.REJECTED
