"""A named policy set: the policies of a route, and how hard it tries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

import attrs

from notify_core.model.channel import Kind
from notify_core.model.message import Message
from notify_core.model.outcome import Disposition, Reason
from notify_core.policy.backoff import Backoff
from notify_core.policy.policy import NamedPolicy
from notify_core.transmission import Timeouts


class Settling(StrEnum):
    """A way to find out what became of an `unknown` attempt."""

    #: Send again with the same reference, which the vendor recognises.
    REFERENCE = "reference"
    #: Ask the vendor.
    QUERY = "query"
    #: Wait for the delivery report.
    RECEIPT = "receipt"


class Then(StrEnum):
    """What follows an `unknown` of which nothing was found out."""

    #: Nothing: nobody gets the message twice.
    STOP = "stop"
    #: The next provider: somebody may get the message twice.
    FAILOVER = "failover"


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
    #: When nothing was found out.
    then: Then = Then.STOP

    def window(self, kind: Kind) -> timedelta:
        """Return how long a message of *kind* may stay unsettled."""
        return self.within or _WITHIN_BY_KIND.get(kind, _WITHIN_ELSE)


@attrs.frozen(kw_only=True)
class ReceiptDeadline:
    """What follows an attempt of which no receipt comes."""

    #: How long after the provider's answer.
    within: timedelta
    #: When none came.
    then: Then = Then.STOP


@attrs.frozen(kw_only=True)
class PolicySet:
    """The policies of a route, and what a message may cost in time and attempts."""

    #: Unique in the configuration.
    name: str = "default"
    #: From acceptance, or from the time that it was to wait for, until the last
    #: attempt must have ended.
    deadline: timedelta = timedelta(seconds=30)
    #: How long a message is of use that does not say so itself; None: for ever.
    validity: timedelta | None = None
    #: Of each attempt, in seconds.
    attempt_timeout: Timeouts = attrs.field(factory=Timeouts)
    #: Over all providers.
    max_attempts: int = 3
    #: Before the same provider is asked again.
    retry: Backoff = attrs.field(factory=Backoff)
    #: After an `unknown`.
    on_unknown: OnUnknown = attrs.field(factory=OnUnknown)
    #: How long receipts are waited for; None: for ever.
    receipt_deadline: ReceiptDeadline | None = None
    #: Whether a message may be sent again although it may have arrived.
    duplicates: bool = False
    #: What to do about a reason, where that is not what the core does.
    reasons: Mapping[Reason, Disposition] = MappingProxyType({})
    #: What each message is asked about once, in this order.
    admission: tuple[NamedPolicy, ...] = ()
    #: The set in which each setting was written, by policy type.
    origins: Mapping[str, str] = MappingProxyType({})

    #: Those that are asked again when a message becomes due after a deferral.
    recurring: tuple[NamedPolicy, ...] = attrs.field(init=False)
    #: The time that has to be left for an attempt to be worth starting.
    shortest_attempt: timedelta = attrs.field(init=False)

    @recurring.default
    def _asked_again(self) -> tuple[NamedPolicy, ...]:
        return tuple(named for named in self.admission if named.recurs)

    @shortest_attempt.default
    def _time_to_connect_and_read(self) -> timedelta:
        return timedelta(seconds=self.attempt_timeout.connect) + SHORTEST_READ

    def validity_of(self, message: Message) -> timedelta | None:
        """Return how long a message is of use; its own word goes first."""
        return self.validity if message.validity is None else message.validity
