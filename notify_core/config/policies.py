"""Reads policy sets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs

from notify_core.config.document import Node
from notify_core.errors import Problem
from notify_core.model.duration import parse_duration
from notify_core.policy.policy_set import OnUnknown, PolicySet, Settling
from notify_core.transmission import Timeouts

Written = Mapping[str, Any]


def policy_set(name: str, written: Written) -> PolicySet:
    """Return a policy set, what is left out by default; the schema was kept."""
    return attrs.evolve(PolicySet(name=name), **_read(_POLICIES, written))


def policy_problems(name: str, node: Node) -> Iterator[Problem]:
    """Yield what is wrong with a policy set that keeps to the schema."""
    policy = policy_set(name, node.value)
    least = policy.shortest_attempt
    if policy.deadline < least:
        takes = f"which takes {least.total_seconds():g}s at least"
        why = f"leaves no time for an attempt, {takes} (attempt_timeout.connect + 1s)"
        yield node["deadline"].problem(why)


def _timeouts(written: Written) -> Timeouts:
    return Timeouts(
        **{name: parse_duration(text).total_seconds() for name, text in written.items()}
    )


def _on_unknown(written: Written) -> OnUnknown:
    return OnUnknown(**_read(_ON_UNKNOWN, written))


def _settling(written: list[str]) -> tuple[Settling, ...]:
    return tuple(Settling(name) for name in written)


def _read(readers: Mapping[str, Callable[[Any], Any]], written: Written) -> Written:
    return {
        name: read(written[name]) for name, read in readers.items() if name in written
    }


#: What each key of a policy set is read with. `on_unknown.then` has one value so far.
_POLICIES: Mapping[str, Callable[[Any], Any]] = {
    "deadline": parse_duration,
    "attempt_timeout": _timeouts,
    "max_attempts": int,
    "on_unknown": _on_unknown,
}
_ON_UNKNOWN: Mapping[str, Callable[[Any], Any]] = {
    "settle": _settling,
    "within": parse_duration,
}
