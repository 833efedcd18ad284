"""A policy: two pure functions over a message, made of its settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, Protocol

import attrs

from notify_core.errors import Problem
from notify_core.model.checked import Facts
from notify_core.policy.decision import Decision
from notify_core.policy.take import Refused, Take


class Policy(Protocol):
    """One policy with its settings."""

    def needs(self, facts: Facts) -> tuple[Take, ...]:
        """Return what the message takes from counters; most policies: nothing."""
        ...

    def decide(self, facts: Facts, now: datetime, refused: Refused) -> Decision:
        """Return what is to be done.

        Asked once before the counters are, when nothing is refused; and again with
        what they refused.
        """
        ...


@attrs.frozen(kw_only=True)
class NamedPolicy:
    """A policy of a set, by the name that the set gives it."""

    #: The policy type's name.
    name: str
    policy: Policy
    #: Asked again when a message becomes due after a deferral.
    recurs: bool = False


@attrs.frozen(kw_only=True)
class Compilation:
    """What a policy may use of the rest of the configuration."""

    #: Time zone of days and of times of day.
    timezone: tzinfo = UTC
    #: ISO 3166 alpha-2 for numbers without a country code.
    region: str | None = None
    #: Makes the name of a counter of the values that it is kept by: a keyed hash.
    hashed: Callable[..., str] = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class PolicyType:
    """What a plugin offers, and what each built-in policy is: a schema and a maker."""

    #: The key in a policy set.
    name: str
    #: One sentence for lists.
    summary: str
    #: JSON Schema 2020-12 of its settings.
    schema: Mapping[str, Any] = attrs.field(repr=False)
    #: Makes the policy of settings that fit the schema.
    compile: Callable[[Any, Compilation], Policy]
    #: What is wrong with settings that no schema can say; pointers start at them.
    problems: Callable[[Any], Iterable[Problem]] | None = None
    #: Asked again when a message becomes due after a deferral.
    recurs: bool = False
