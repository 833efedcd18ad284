"""Reads the routes: where messages go and under which policies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

import attrs

from notify_core.aside import breathe
from notify_core.config.document import Node
from notify_core.config.matches import match, match_problems
from notify_core.config.wording import shown
from notify_core.errors import Problem
from notify_core.policy.policy_set import PolicySet
from notify_core.routing.branch import Branch
from notify_core.routing.pool import Pool
from notify_core.routing.route import Route
from notify_core.routing.tree import RoutingTree

Written = Mapping[str, Any]

_ROOT = "root"
#: What a route takes from the one above it, and what holds where none says it.
_INHERITED: Written = {"policy": None, "free_text": False, "by_name": True}


def routing_tree(
    written: Written,
    pools: Mapping[str, Pool],
    policies: Callable[[str | None, Pool], PolicySet],
) -> RoutingTree:
    """Return the tree that a checked `routes` describes.

    Args:
        written: The root, with the routes below it.
        pools: By name; another name is a provider's, which is a pool of one.
        policies: Makes the set of that name for a pool; of None the default of each
            option.
    """
    reader = _Reader(pools=pools, policies=cache(policies))
    trunk = reader.branch(written, _Inherited(values=_INHERITED))
    return RoutingTree(root=trunk.route, branches=trunk.branches, origins=trunk.origins)


def route_nodes(node: Node) -> Iterator[Node]:
    """Yield the root and every route below it, in the order of the file."""
    yield node
    for below in node["routes"].elements():
        yield from route_nodes(below)


def routes_by_name(root: Node) -> dict[str, Node]:
    """Return the root and every route below it, by name."""
    return {_name(node, root): node for node in route_nodes(root)}


def _name(node: Node, root: Node) -> str:
    return node["name"].text or (_ROOT if node.pointer == root.pointer else "")


def route_problems(root: Node) -> Iterator[Problem]:
    """Yield what no schema says of the routes."""
    if "match" in root.names():
        why = "is of no use: the root takes every message; give it to a route below"
        yield root["match"].key_problem(why)
    seen: set[str] = set()
    for node in route_nodes(root):
        name = _name(node, root)
        if name and name in seen:
            why = f"{shown(name)} is a route's name already; give it another"
            yield node["name"].problem(why)
        seen.add(name)
        yield from match_problems(node["match"])
        yield from _null_pool_problems(node, is_root=node.pointer == root.pointer)


def _null_pool_problems(node: Node, *, is_root: bool) -> Iterator[Problem]:
    if "pool" in node.names() and node["pool"].value is None:
        remedy = "name one" if is_root else "leave it out to inherit one"
        why = f"null is no pool, and there is no default: {remedy}"
        yield node["pool"].problem(why)


@attrs.frozen(kw_only=True)
class _Inherited:
    """The settings of a route, its own and those from above."""

    values: Written
    #: Name of the route in which each was written.
    origins: Mapping[str, str] = attrs.field(factory=dict)

    def by(self, name: str, written: Written) -> _Inherited:
        """Return what holds in a route below; null resets to the default."""
        breathe()
        own = {
            key: _INHERITED.get(key) if written[key] is None else written[key]
            for key in ("pool", *_INHERITED)
            if key in written
        }
        return _Inherited(
            values={**self.values, **own},
            origins={**self.origins, **dict.fromkeys(own, name)},
        )


@attrs.frozen(kw_only=True)
class _Reader:
    """Makes branches of what was written."""

    pools: Mapping[str, Pool]
    policies: Callable[[str | None, Pool], PolicySet]

    def branch(self, written: Written, above: _Inherited) -> Branch:
        """Return a route and those below it."""
        name = written.get("name", _ROOT)
        here = above.by(name, written)
        return Branch(
            route=self._route(name, here.values),
            match=match(written.get("match")),
            branches=tuple(self.branch(b, here) for b in written.get("routes", ())),
            origins=MappingProxyType(here.origins),
        )

    def _route(self, name: str, values: Written) -> Route:
        pool = self.pools[values["pool"]]
        return Route(
            name=name,
            pool=pool,
            policy=self.policies(values["policy"], pool),
            free_text=values["free_text"],
            by_name=values["by_name"],
        )
