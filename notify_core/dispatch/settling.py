"""When it is found out what became of an attempt whose answer was lost: pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from notify_core.model.attempt import Attempt
from notify_core.model.channel import Kind
from notify_core.policy.policy_set import OnUnknown, Settling

#: From the loss of an answer to the first question; each pause doubles what passed.
FIRST_PAUSE = timedelta(seconds=2)


def lost_at(attempt: Attempt) -> datetime:
    """Return when the attempt ended without an answer."""
    return attempt.started_at + timedelta(seconds=attempt.duration or 0)


def settled_by(attempt: Attempt, kind: Kind, rule: OnUnknown) -> datetime:
    """Return when it is given up to find out."""
    return lost_at(attempt) + rule.window(kind)


def next_look(
    attempt: Attempt,
    kind: Kind,
    ways: Iterable[Settling],
    rule: OnUnknown,
    now: datetime | None = None,
) -> datetime:
    """Return when to ask about the attempt after *now*, or to give it up."""
    end = settled_by(attempt, kind, rule)
    if Settling.QUERY not in ways:
        return end
    begin = lost_at(attempt)
    now = now or begin
    return min(end, now + max(FIRST_PAUSE, now - begin))
