"""Warns of limits that cannot do what they are for."""

from __future__ import annotations

from collections.abc import Iterator

from notify_core.config.document import Node
from notify_core.config.labels import lacking_labels
from notify_core.config.routes import routes_by_name
from notify_core.config.snapshot import Snapshot
from notify_core.errors import Problem
from notify_core.model.channel import Kind
from notify_core.policy.limits import Limits
from notify_core.policy.policy_set import PolicySet
from notify_core.routing.matcher import Match, Operator
from notify_core.routing.tree import PlacedRoute


def limit_warnings(snapshot: Snapshot, root: Node) -> Iterator[Problem]:
    """Yield what a route's limits lack."""
    nodes = routes_by_name(root["routes"])
    for placed in snapshot.routes.routes:
        route, node = placed.route, nodes[placed.route.name]
        for limit, label in lacking_labels(route.policy, [Match(placed.conditions)]):
            why = f"refuses messages without the label {label}"
            needs = f"which limit {limit} needs; match labels.{label}: {{exists: true}}"
            yield node.key_problem(f"{why}, {needs}, or leave it out of the key")
        if _is_for_codes(placed) and not _limits_each_recipient(route.policy):
            why = "sends codes, and nothing limits how many one number gets"
            yield node.key_problem(f"{why}; give its policy set limits by recipient")


def _is_for_codes(placed: PlacedRoute) -> bool:
    """Whether the route is written for verification codes."""
    return any(
        condition.field == "kind"
        and condition.operator is Operator.IN
        and Kind.OTP in condition.wanted
        for condition in placed.match.conditions
    )


def _limits_each_recipient(policy: PolicySet) -> bool:
    return any(
        isinstance(named.policy, Limits) and named.policy.is_per_recipient(Kind.OTP)
        for named in policy.admission
    )
