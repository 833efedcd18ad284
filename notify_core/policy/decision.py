"""What a policy says of a message. It never acts: the pipeline does."""

from __future__ import annotations

from datetime import datetime

import attrs

from notify_core.model.outcome import Reason
from notify_core.model.verdict import Verdict

__all__ = ["ALLOW", "Decision", "Verdict"]


@attrs.frozen(kw_only=True)
class Decision:
    """What one policy says of one message."""

    verdict: Verdict
    #: Why; None with `allow`. Else `policy_blocked` where a plugin leaves it out.
    reason: Reason | None = None
    #: With `defer`: when it may be sent, with time zone.
    until: datetime | None = None
    #: For people: the rule that decided, without any address or value.
    why: str = ""
    #: With `allow`: the pool or provider that gets it in place of the route's.
    instead: str | None = None


ALLOW = Decision(verdict=Verdict.ALLOW)
