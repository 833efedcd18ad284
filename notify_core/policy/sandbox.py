"""Keeps messages from people while things are tried out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import attrs

from notify_core.errors import Problem
from notify_core.model.checked import Facts
from notify_core.model.outcome import Reason
from notify_core.policy.address_list import AddressList, entry_fault
from notify_core.policy.counter_key import counted_address
from notify_core.policy.decision import ALLOW, Decision, Verdict
from notify_core.policy.policy import Compilation, PolicyType
from notify_core.policy.schema import built_in_schema
from notify_core.policy.take import Refused, Take


@attrs.frozen(kw_only=True)
class Sandbox:
    """Lets recipients on a list through, and nobody else."""

    allow: AddressList = attrs.field(repr=False)
    #: What becomes of messages to anybody else.
    otherwise: Decision

    def needs(self, facts: Facts) -> tuple[Take, ...]:
        """Return nothing."""
        return ()

    def decide(self, facts: Facts, now: datetime, refused: Refused) -> Decision:
        """Allow, or name another place, or suppress."""
        is_listed = counted_address(facts.recipient) in self.allow
        return ALLOW if is_listed else self.otherwise


def _compile(settings: Mapping[str, Any], _: Compilation) -> Sandbox:
    return Sandbox(
        allow=AddressList.of(settings["allow"]),
        otherwise=_otherwise(settings.get("instead")),
    )


def _otherwise(instead: str | None) -> Decision:
    why = "the recipient is not on the sandbox's list"
    if instead is None:
        return Decision(verdict=Verdict.SUPPRESS, reason=Reason.POLICY_SANDBOX, why=why)
    return Decision(
        verdict=Verdict.ALLOW, instead=instead, why=f"{why}: {instead} gets it"
    )


def _problems(settings: Mapping[str, Any]) -> Iterator[Problem]:
    for index, entry in enumerate(settings["allow"]):
        if (fault := entry_fault(entry)) is not None:
            yield Problem(pointer=f"/allow/{index}", message=fault)


SANDBOX = PolicyType(
    name="sandbox",
    summary="Lets listed recipients through, and sends the rest elsewhere",
    schema=built_in_schema("sandbox"),
    compile=_compile,
    problems=_problems,
    # Where a message goes is asked anew each time it becomes due.
    recurs=True,
)
