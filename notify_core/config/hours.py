"""Finds policy sets whose hours exclude each other."""

from __future__ import annotations

from collections.abc import Iterator

from notify_core.config.document import Node
from notify_core.errors import Problem
from notify_core.policy.closed_hours import ClosedHours
from notify_core.policy.policy_set import PolicySet
from notify_core.policy.week import Week


def hour_problems(node: Node, policy: PolicySet) -> Iterator[Problem]:
    """Yield hours of a set that, taken together, leave no time to send anything.

    Each message would be deferred from one to the other, and back again.

    Args:
        node: The set as it is written. What it only takes from another set is told
            of that one.
        policy: The set with all that it takes from others.
    """
    closed = {
        named.name: named.policy.week
        for named in policy.admission
        if isinstance(named.policy, ClosedHours)
    }
    spans = [span for week in closed.values() for span in week.spans]
    zones = [*{str(week.timezone): week.timezone for week in closed.values()}.values()]
    if len(zones) == 1 and Week.of(zones[0], spans).is_whole:
        own = [name for name in closed if name in node.names()]
        why = f"leaves no time to send: {' and '.join(closed)} exclude each other"
        yield from (node[name].key_problem(why) for name in own[-1:])
