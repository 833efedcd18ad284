"""What each reason says against a provider: the table of the health units."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

import attrs

from notify_core.model.attempt import Attempt
from notify_core.model.health import HealthUnit
from notify_core.model.outcome import Reason, Scope
from notify_core.model.status import AttemptState

#: Of an account at fault, where nothing says more.
_ACCOUNT_REST = timedelta(minutes=5)
_QUOTA_REST = timedelta(hours=1)


class Cure(StrEnum):
    """The answer about the balance that ends a rest."""

    #: Any: the vendor lets us in again.
    TOLD = "told"
    #: One that tells that something is left.
    POSITIVE = "positive"


class Source(StrEnum):
    """Where news of an attempt comes from; each counts its faults apart.

    An acceptance says nothing of delivery, or five numbers in a row that nobody
    can reach would never be five in a row.
    """

    #: The vendor's answer, or that there was none.
    ANSWER = "answer"
    #: A delivery report.
    RECEIPT = "receipt"


@attrs.frozen(kw_only=True)
class Fault:
    """What a reason says against a unit."""

    #: What rests.
    unit: HealthUnit = HealthUnit.PROVIDER
    #: It rests at once; else only after several in a row.
    at_once: bool = False
    #: How long; None: as the provider's settings say, longer each time.
    rest: timedelta | None = None
    #: The vendor's own time ends the rest, where it tells one.
    heeds_retry_at: bool = False
    #: What the provider's balance has to say for the rest to end early.
    cure: Cure | None = None


_SOFT = Fault()
_SHUT_OUT = Fault(at_once=True, rest=_ACCOUNT_REST, cure=Cure.TOLD)

#: Reasons that are not here say nothing against a provider.
FAULTS: Mapping[Reason, Fault] = {
    Reason.CONNECT_FAILED: _SOFT,
    Reason.NO_RESPONSE: _SOFT,
    Reason.SERVER_ERROR: _SOFT,
    Reason.INTERRUPTED: _SOFT,
    Reason.PROVIDER_ERROR: _SOFT,
    Reason.INVALID_REQUEST: _SOFT,
    Reason.UNMAPPED: _SOFT,
    Reason.RECIPIENT_UNREACHABLE: _SOFT,
    Reason.CARRIER_REJECTED: _SOFT,
    Reason.QUOTA_EXHAUSTED: Fault(at_once=True, rest=_QUOTA_REST, heeds_retry_at=True),
    Reason.INSUFFICIENT_BALANCE: Fault(
        at_once=True, rest=_ACCOUNT_REST, cure=Cure.POSITIVE
    ),
    Reason.AUTH_FAILED: _SHUT_OUT,
    Reason.ACCESS_DENIED: _SHUT_OUT,
    Reason.SENDER_REJECTED: Fault(unit=HealthUnit.SENDER),
    Reason.TEMPLATE_REJECTED: Fault(unit=HealthUnit.TEMPLATE),
}

#: What a state that was told says, by where it comes from; the rest says nothing.
SOURCES: Mapping[AttemptState, Source] = {
    AttemptState.ACCEPTED: Source.ANSWER,
    AttemptState.REJECTED: Source.ANSWER,
    AttemptState.UNKNOWN: Source.ANSWER,
    AttemptState.DELIVERED: Source.RECEIPT,
    AttemptState.UNDELIVERED: Source.RECEIPT,
    AttemptState.EXPIRED: Source.RECEIPT,
}


def fault_of(attempt: Attempt) -> Fault | None:
    """Return what an attempt says against its provider; None: nothing."""
    fault = FAULTS.get(attempt.reason)
    if fault is None:
        return None
    if attempt.reason is Reason.ACCESS_DENIED and attempt.code is None:
        return _SOFT  # a firewall's page is no verdict on the key
    if fault.unit is not HealthUnit.PROVIDER and attempt.scope is Scope.UNIT:
        return attrs.evolve(fault, at_once=True, rest=_ACCOUNT_REST)
    return fault


def counts_against(
    unit: HealthUnit, fault: Fault | None, state: AttemptState
) -> bool | None:
    """Tell whether an attempt counts against a unit; None: it says nothing of it."""
    if fault is not None and fault.unit is unit:
        return True
    if state is AttemptState.UNKNOWN:
        return None
    # The vendor of a provider at fault may not have looked at sender and template.
    is_silent = fault is not None and unit is not HealthUnit.PROVIDER
    return None if is_silent else False
