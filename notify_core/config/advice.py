"""Warns of what is allowed and probably not meant."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

import attrs

from notify_core.config.document import Document, Node, by_place
from notify_core.config.events import event_warnings
from notify_core.config.idle import idle_warnings
from notify_core.config.limiting import limit_warnings
from notify_core.config.routes import route_nodes
from notify_core.config.settling import settling_warnings
from notify_core.config.snapshot import Snapshot
from notify_core.config.storage import storage_warnings
from notify_core.config.unreachable import (
    reach_of,
    unreachable_routes,
    unsure_routes,
)
from notify_core.errors import Problem


@attrs.frozen
class Advice:
    """What is to be said of a configuration that can be used."""

    #: What is allowed and probably not meant, in the order of the file.
    warnings: tuple[Problem, ...]
    #: What could not be found out.
    notes: tuple[Problem, ...]


def advice(snapshot: Snapshot, document: Document) -> Advice:
    """Return what is to be said of a configuration."""
    root, reached = document.root, reach_of(snapshot)
    found = [*unreachable_routes(reached, snapshot, root)]
    found += [problem for warn in _WARNINGS for problem in warn(snapshot, root)]
    return Advice(
        warnings=tuple(sorted(found, key=by_place)),
        notes=tuple(unsure_routes(reached, root)),
    )


def _unused(snapshot: Snapshot, root: Node) -> Iterator[Problem]:
    policies = _used_policies(root)
    places = {root["policies"][name]["sandbox"]["instead"].text for name in policies}
    pools = [placed.route.pool for placed in snapshot.routes.routes]
    pools += [pool for name, pool in snapshot.pools.items() if name in places]
    used: Mapping[str, Collection[str | None]] = {
        "providers": places.union(*(pool.providers for pool in pools)),
        "pools": set[str]().union(*(pool.pools for pool in pools)),
        "policies": policies,
    }
    for section, names in used.items():
        for name, node in root[section].entries():
            if name not in names:
                yield node.key_problem("is used by no route")


def _used_policies(root: Node) -> set[str]:
    """Return the policy sets that routes name, and those that these extend."""
    used: set[str] = set()
    for route in route_nodes(root["routes"]):
        name = route["policy"].text
        while name is not None and name not in used:
            used.add(name)
            name = root["policies"][name]["extends"].text
    return used


_WARNINGS: tuple[Callable[[Snapshot, Node], Iterator[Problem]], ...] = (
    _unused,
    idle_warnings,
    settling_warnings,
    limit_warnings,
    event_warnings,
    storage_warnings,
)
