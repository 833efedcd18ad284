"""Checks what the parts of a configuration call each other by."""

from __future__ import annotations

from collections.abc import Iterator

from notify_core.config.document import Node
from notify_core.config.wording import shown
from notify_core.errors import Problem
from notify_core.names import nearest


def link_problems(root: Node) -> Iterator[Problem]:
    """Yield every name of a provider, pool or policy set that leads nowhere."""
    providers, pools = root["providers"].names(), root["pools"].names()
    for name, pool in root["pools"].entries():
        if name in providers:
            yield pool.key_problem("has the name of a provider; give it another")
        yield from _member_problems(pool["members"], providers, pools)
    route = root["routes"]
    yield from _named(route["pool"], providers | pools, "pool or provider")
    yield from _named(route["policy"], root["policies"].names(), "policy set")


def _member_problems(
    members: Node, providers: set[str], pools: set[str]
) -> Iterator[Problem]:
    seen: set[str] = set()
    for member in members.elements():
        if member.text in seen:
            yield member.problem(f"{shown(member.text)} is a member already")
        elif member.text in pools - providers:
            yield member.problem(f"{shown(member.text)} is a pool; name its providers")
        else:
            yield from _named(member, providers, "provider")
        seen.add(member.text or "")


def _named(node: Node, known: set[str], what: str) -> Iterator[Problem]:
    if node.text is not None and node.text not in known:
        yield node.problem(
            f"{shown(node.text)} is no {what}; {nearest(node.text, known)}"
        )
