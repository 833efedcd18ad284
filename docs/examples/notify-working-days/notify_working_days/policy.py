"""Defers messages to the next working day."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

import attrs

from notify_core.errors import Problem
from notify_core.model.checked import Facts
from notify_core.model.outcome import Reason
from notify_core.policy.decision import ALLOW, Decision, Verdict
from notify_core.policy.policy import Compilation, PolicyType
from notify_core.policy.take import Refused, Take
from notify_core.schemas import package_schema

SATURDAY = 5


@attrs.frozen
class WorkingDays:
    """Lets messages through from Monday to Friday, but not on holidays."""

    timezone: tzinfo
    holidays: frozenset[date]
    bypass: frozenset[str]

    def needs(self, facts: Facts) -> tuple[Take, ...]:
        """Return nothing: it counts nothing."""
        return ()

    def decide(self, facts: Facts, now: datetime, refused: Refused) -> Decision:
        """Allow, or defer to the midnight that the next working day begins with."""
        today = day = now.astimezone(self.timezone).date()
        while self.is_off(day):
            day += timedelta(days=1)
        if day == today or facts.kind in self.bypass:
            return ALLOW
        return Decision(
            verdict=Verdict.DEFER,
            reason=Reason.POLICY_QUIET_HOURS,
            until=datetime(day.year, day.month, day.day, tzinfo=self.timezone),
            why=f"{today} is no working day",
        )

    def is_off(self, day: date) -> bool:
        """Tell whether nobody works on a day."""
        return day.weekday() >= SATURDAY or day in self.holidays


def compiled(settings: Mapping[str, Any], compilation: Compilation) -> WorkingDays:
    """Return the policy of settings that were checked."""
    return WorkingDays(
        timezone=compilation.timezone,
        holidays=frozenset(map(date.fromisoformat, settings["holidays"])),
        bypass=frozenset(settings["bypass"]),
    )


def problems(settings: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what the schema cannot say: that a day is in no calendar."""
    for index, written in enumerate(settings["holidays"]):
        try:
            date.fromisoformat(written)
        except ValueError:
            why = f"{written!r} is in no calendar; write it as 2026-10-01"
            yield Problem(pointer=f"/holidays/{index}", message=why)


WORKING_DAYS = PolicyType(
    name="working_days",
    summary="Defers messages to the next working day",
    schema=package_schema("notify_working_days"),
    compile=compiled,
    problems=problems,
    # Asked again when a deferred message becomes due.
    recurs=True,
)
