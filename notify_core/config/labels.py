"""Which labels a route's messages have for certain, and which its limits need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from notify_core.policy.limits import Limits
from notify_core.policy.policy_set import PolicySet
from notify_core.routing.matcher import Match, Operator
from notify_core.routing.traits import LABEL

#: They hold for messages without the label too.
_HOLD_FOR_NOTHING = frozenset({Operator.NOT, Operator.ABSENT})


def guaranteed_labels(matches: Iterable[Match]) -> frozenset[str]:
    """Return the labels that every message has of which all these matches hold.

    Args:
        matches: That of a route, and those of the routes above it.
    """
    return frozenset(
        condition.field.removeprefix(LABEL)
        for match in matches
        for condition in match.conditions
        if condition.field.startswith(LABEL)
        and condition.operator not in _HOLD_FOR_NOTHING
    )


def lacking_labels(
    policy: PolicySet, matches: Iterable[Match]
) -> Iterator[tuple[str, str]]:
    """Yield (limit, label) for each label that a limit needs and messages may lack."""
    guaranteed = guaranteed_labels(matches)
    for named in policy.admission:
        if isinstance(named.policy, Limits):
            for label, limit in named.policy.labels.items():
                if label not in guaranteed:
                    yield limit, label
