"""The policy `dedup`: nobody is told the same twice in a short time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Self

import attrs

from notify_core.errors import Problem
from notify_core.model.checked import Facts
from notify_core.model.duration import parse_duration
from notify_core.model.outcome import Reason
from notify_core.policy.counter_key import CounterKey, Hashed
from notify_core.policy.decision import ALLOW, Decision, Verdict
from notify_core.policy.policy import Compilation, PolicyType
from notify_core.policy.schema import built_in_schema
from notify_core.policy.take import Refused, Sliding, Take


@attrs.frozen(kw_only=True)
class Dedup:
    """Suppresses a message that says what another said within the window."""

    key: CounterKey
    window: Sliding
    #: The window as the configuration writes it.
    written: str
    hashed: Hashed = attrs.field(repr=False, eq=False)

    _scope: str = attrs.field(init=False)

    @_scope.default
    def _names_of_parts(self) -> str:
        return " ".join(self.key.parts)

    @classmethod
    def of(cls, settings: Mapping[str, Any], compilation: Compilation) -> Self:
        """Return the policy with its settings."""
        # The same on another channel is a fallback, not a repetition.
        parts = ("channel", *settings["key"])
        written = settings["window"]
        return cls(
            key=CounterKey(parts=tuple(dict.fromkeys(parts))),
            window=Sliding(parse_duration(written)),
            written=written,
            hashed=compilation.hashed,
        )

    def needs(self, facts: Facts) -> tuple[Take, ...]:
        """Return the one taking that there is of each thing said."""
        digits = self.hashed(self._scope, *self.key.values(facts))
        return (Take(counter=f"dedup/{digits}", window=self.window, most=1),)

    def decide(self, facts: Facts, now: datetime, refused: Refused) -> Decision:
        """Suppress a message whose taking another one has."""
        if not refused:
            return ALLOW
        found = [refused[take] for take in self.needs(facts) if take in refused]
        if not found:
            return ALLOW
        return Decision(
            verdict=Verdict.SUPPRESS,
            reason=Reason.POLICY_DUPLICATE,
            why=f"message {found[0].holder} said the same within {self.written}",
        )


def _problems(settings: Any) -> Iterator[Problem]:
    key = settings["key"]
    if "recipient" not in key and not CounterKey(parts=tuple(key)).labels:
        why = "names nobody: with neither recipient nor a label, what one person gets"
        yield Problem(pointer="/key", message=f"{why} is kept from everybody else")


DEDUP = PolicyType(
    name="dedup",
    summary="Nobody is told the same twice in a short time",
    schema=built_in_schema("dedup"),
    compile=Dedup.of,
    problems=_problems,
)
