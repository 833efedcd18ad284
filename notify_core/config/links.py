"""Checks what the parts of a configuration call each other by."""

from __future__ import annotations

from collections.abc import Iterator

from notify_core.config.document import Node
from notify_core.config.routes import route_nodes
from notify_core.config.wording import shown
from notify_core.errors import Problem
from notify_core.names import nearest


def link_problems(root: Node) -> Iterator[Problem]:
    """Yield every name of a provider, pool or policy set that leads nowhere."""
    providers, pools = root["providers"].names(), root["pools"].names()
    policies = root["policies"].names()
    for route in route_nodes(root["routes"]):
        yield from _named(route["pool"], providers | pools, "pool or provider")
        yield from _named(route["policy"], policies, "policy set")
    for _, policy in root["policies"].entries():
        instead = policy["sandbox"]["instead"]
        yield from _named(instead, providers | pools, "pool or provider")


def _named(node: Node, known: set[str], what: str) -> Iterator[Problem]:
    if node.text is not None and node.text not in known:
        yield node.problem(
            f"{shown(node.text)} is no {what}; {nearest(node.text, known)}"
        )
