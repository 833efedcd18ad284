"""Whether a queued message waits for a provider, and until when: pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from notify_core.dispatch.opening import gives_up_at
from notify_core.model.outcome import Reason
from notify_core.model.status import AttemptState
from notify_core.outbox.record import Record
from notify_core.policy.policy_set import PolicySet
from notify_core.routing.plan import Plan

#: How long a queued message keeps a place among those at work while it waits.
PATIENCE = timedelta(seconds=2)
#: It goes back to the queue for as long as it has waited, within these.
SHORTEST_WAIT, LONGEST_WAIT = timedelta(seconds=2), timedelta(minutes=1)

#: Why nobody took it who may take it later.
_PASSING = frozenset({Reason.THROTTLED, Reason.DEADLINE_EXCEEDED})


def is_worth_waiting(
    record: Record, plan: Plan, policy: PolicySet, reason: Reason | None, now: datetime
) -> bool:
    """Tell whether a message that nobody took waits rather than to end unsent.

    Args:
        record: The message; what may have been sent never waits.
        plan: Who was asked.
        policy: How often it may be tried.
        reason: Why nobody took it.
        now: The time, with time zone.
    """
    attempts = record.attempts
    passes = reason in _PASSING or (reason is Reason.NO_PROVIDER and plan.is_paused)
    is_unsent = all(a.state is AttemptState.REJECTED for a in attempts)
    is_spent = len(attempts) >= policy.max_attempts
    is_old = now + SHORTEST_WAIT >= gives_up_at(record, policy)
    return passes and is_unsent and not is_spent and not is_old


def back_at(record: Record, plan: Plan, random: Random, now: datetime) -> datetime:
    """Return when a message that waits is to be tried again."""
    pause = min(max(now - record.accepted_at, SHORTEST_WAIT), LONGEST_WAIT)
    # Spread, so that not all come back at once.
    at = now + pause * random.uniform(0.75, 1.25)
    rest = plan.rests_until
    if rest is None or rest <= now:
        return at
    return min(rest + SHORTEST_WAIT * random.random(), now + LONGEST_WAIT)
