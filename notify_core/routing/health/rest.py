"""A rest: what is left alone, why, and until when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Self, TypeVar

import attrs

from notify_core.model.attempt import Attempt
from notify_core.model.health import HealthUnit
from notify_core.model.outcome import Reason
from notify_core.routing.health.fault import Cure, Fault
from notify_core.routing.health.settings import HealthSettings
from notify_core.routing.health.unit_key import UnitKey

#: However late the vendor says: a rest always ends.
_LONGEST_WAIT = timedelta(days=1)

K = TypeVar("K")


@attrs.frozen(kw_only=True)
class Rest:
    """Why a unit is left alone, and until when."""

    key: UnitKey
    reason: Reason
    since: datetime
    until: datetime
    #: What the next one is counted from.
    length: timedelta
    #: How much longer it is from a balance on that does not end it.
    puts_off: timedelta
    #: What ends it early.
    cure: Cure | None

    def put_off(self, now: datetime) -> Self:
        """Return the rest, which goes on as if it began now."""
        return attrs.evolve(self, until=now + self.puts_off)

    def why(self, now: datetime) -> str:
        """Say it to people: `rests until 12:30:00 UTC: insufficient_balance`."""
        if now >= self.until:
            return f"{self._who()}is being tried by another message: {self.reason}"
        until = self.until.astimezone(UTC)
        is_today = until.date() == now.astimezone(UTC).date()
        at = f"{until:%H:%M:%S}" if is_today else f"{until:%Y-%m-%d %H:%M:%S}"
        return f"{self._who()}rests until {at} UTC: {self.reason}"

    def _who(self) -> str:
        name = self.key.told()
        match self.key.unit:
            case HealthUnit.PROVIDER:
                return ""
            case HealthUnit.SENDER if name is None:
                return "its own sender "
        return f"its {self.key.unit} {name!r} "


def rest_after(
    key: UnitKey,
    fault: Fault,
    attempt: Attempt,
    *,
    now: datetime,
    settings: HealthSettings,
    before: Rest | None,
) -> Rest:
    """Return the rest that a fault brings.

    Args:
        key: What is to rest.
        fault: What the attempt says against it.
        attempt: The last of the attempts that brought it.
        now: When it begins.
        settings: The provider's.
        before: The rest that it comes after, without a good answer between; None:
            the unit was well.
    """
    length = settings.next_length(None if before is None else before.length)
    span = fault.rest or length
    until = now + span
    if fault.heeds_retry_at and attempt.retry_at is not None:
        soonest, latest = now + settings.rest, now + _LONGEST_WAIT
        until = max(soonest, min(attempt.retry_at, latest))
    return Rest(
        key=key,
        reason=attempt.reason,
        since=now,
        until=until,
        length=length,
        puts_off=span,
        cure=fault.cure,
    )


def first_to_end(resting: Mapping[K, Rest]) -> K:
    """Return whose rest ends first, for when nobody else is left to try."""
    return min(resting, key=lambda which: resting[which].until)
