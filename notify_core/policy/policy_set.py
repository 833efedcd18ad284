"""A named policy set: what a route allows a message to cost in time and attempts."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

import attrs

from notify_core.model.channel import Kind
from notify_core.transmission import Timeouts


class Settling(StrEnum):
    """A way to find out what became of an `unknown` attempt."""

    #: Send again with the same reference, which the vendor recognises.
    REFERENCE = "reference"
    #: Ask the vendor.
    QUERY = "query"
    #: Wait for the delivery report.
    RECEIPT = "receipt"


#: An attempt with less time than this for its answer is not worth starting.
SHORTEST_READ = timedelta(seconds=1)

#: A code is worthless after half a minute; a notice can wait for certainty.
_WITHIN_BY_KIND = {Kind.OTP: timedelta(seconds=30)}
_WITHIN_ELSE = timedelta(minutes=10)


@attrs.frozen(kw_only=True)
class OnUnknown:
    """What follows an attempt that may have been processed."""

    #: Tried in this order; ways that the provider does not declare are skipped.
    settle: tuple[Settling, ...] = tuple(Settling)
    #: How long; None: 30 s for verification codes, 10 min for the rest.
    within: timedelta | None = None

    def window(self, kind: Kind) -> timedelta:
        """Return how long a message of *kind* may stay unsettled."""
        return self.within or _WITHIN_BY_KIND.get(kind, _WITHIN_ELSE)


@attrs.frozen(kw_only=True)
class PolicySet:
    """What a route allows a message to cost in time and attempts."""

    #: Unique in the configuration.
    name: str = "default"
    #: From acceptance until the last attempt must have ended.
    deadline: timedelta = timedelta(seconds=30)
    #: Of each attempt, in seconds.
    attempt_timeout: Timeouts = attrs.field(factory=Timeouts)
    #: Over all providers.
    max_attempts: int = 3
    #: After an `unknown`.
    on_unknown: OnUnknown = attrs.field(factory=OnUnknown)

    #: The time that has to be left for an attempt to be worth starting.
    shortest_attempt: timedelta = attrs.field(init=False)

    @shortest_attempt.default
    def _time_to_connect_and_read(self) -> timedelta:
        return timedelta(seconds=self.attempt_timeout.connect) + SHORTEST_READ
