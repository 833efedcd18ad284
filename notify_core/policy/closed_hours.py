"""Hours of the week at which messages do not go out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

import attrs

from notify_core.errors import Problem
from notify_core.model.checked import Facts
from notify_core.model.outcome import Reason
from notify_core.model.timezone import timezone_named
from notify_core.policy.decision import ALLOW, Decision, Verdict
from notify_core.policy.policy import Compilation
from notify_core.policy.take import Refused, Take
from notify_core.policy.week import Week

_VERDICTS = {"defer": Verdict.DEFER, "drop": Verdict.SUPPRESS}


@attrs.frozen(kw_only=True)
class ClosedHours:
    """Defers or drops what comes at the wrong time."""

    #: When nothing goes out.
    week: Week
    #: What becomes of what comes then.
    verdict: Verdict
    #: Kinds and importances that go out all the same.
    bypass: frozenset[str]
    #: For people.
    why: str

    def needs(self, facts: Facts) -> tuple[Take, ...]:
        """Return nothing."""
        return ()

    def decide(self, facts: Facts, now: datetime, refused: Refused) -> Decision:
        """Allow, or defer to the first instant outside, or suppress."""
        if self.week.left_at(now) is None or self._is_exempt(facts):
            return ALLOW
        is_later = self.verdict is Verdict.DEFER
        return Decision(
            verdict=self.verdict,
            reason=Reason.POLICY_QUIET_HOURS,
            until=self.week.first_outside(now) if is_later else None,
            why=self.why,
        )

    def _is_exempt(self, facts: Facts) -> bool:
        return facts.kind in self.bypass or facts.message.importance in self.bypass

    @classmethod
    def of(cls, settings: Mapping[str, Any], week: Week, why: str) -> ClosedHours:
        """Return the policy of settings with `over` and `bypass`."""
        return cls(
            week=week,
            verdict=_VERDICTS[settings["over"]],
            bypass=frozenset(settings["bypass"]),
            why=f"{why} ({week.timezone})",
        )


def timezone_of(settings: Mapping[str, Any], compilation: Compilation) -> tzinfo:
    """Return the time zone that settings name, or the configuration's."""
    name = settings.get("timezone")
    return compilation.timezone if name is None else timezone_named(name)


def timezone_problems(settings: Mapping[str, Any]) -> list[Problem]:
    """Return what is wrong with a named time zone."""
    try:
        timezone_named(settings.get("timezone"))
    except ValueError as error:
        return [Problem(pointer="/timezone", message=str(error))]
    return []
