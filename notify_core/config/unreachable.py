"""Warns of routes that no message ever takes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from notify_core.config.document import Node
from notify_core.config.matches import equal_values
from notify_core.config.routes import routes_by_name
from notify_core.config.snapshot import Snapshot
from notify_core.config.wording import shown
from notify_core.errors import Problem
from notify_core.names import nearest
from notify_core.routing.shadowing import contradiction, shadowed
from notify_core.routing.tree import PlacedRoute
from notify_core.template.catalogue import CompiledTemplate


def coming_templates(
    placed: PlacedRoute, snapshot: Snapshot
) -> list[CompiledTemplate] | None:
    """Return the templates that may come to a route; None: no message may."""
    if contradiction(placed.conditions) is not None:
        return None
    found = [
        template
        for name, template in snapshot.templates.items()
        if placed.may_have("template", name)
        and placed.may_have("kind", template.template.kind)
    ]
    return found if found or placed.may_have("template", None) else None


def unreachable_routes(snapshot: Snapshot, root: Node) -> Iterator[Problem]:
    """Yield the routes that nothing comes to, and those that others shadow."""
    nodes = routes_by_name(root["routes"])
    dead: set[str] = set()
    for placed in snapshot.routes.routes:
        match = nodes[placed.route.name]["match"]
        unknown = list(_unknown_templates(snapshot, match["template"]))
        yield from unknown
        if coming_templates(placed, snapshot) is None:
            if placed.parent not in dead and not unknown:
                yield match.key_problem(f"holds for no message: {_why(placed)}")
            dead.add(placed.route.name)
    for siblings in _siblings(snapshot, dead):
        for later, earlier in shadowed(siblings):
            is_named = snapshot.routes.by_name[later].by_name
            what = "is taken only by name" if is_named else "is never taken"
            why = f"{earlier!r} before it takes all that it matches"
            yield nodes[later].problem(f"{what}: {why}")


def _unknown_templates(snapshot: Snapshot, said: Node) -> Iterator[Problem]:
    for value in equal_values(said):
        if value.text is not None and value.text not in snapshot.templates:
            hint = nearest(value.text, snapshot.templates)
            yield value.problem(f"{shown(value.text)} is no template; {hint}")


def _why(placed: PlacedRoute) -> str:
    field = contradiction(placed.conditions)
    if field is None:
        return "no template is so, of that kind"
    is_own = contradiction(placed.match.conditions) == field
    whose = "its own conditions" if is_own else "its conditions and those above it"
    return f"of {field}, {whose} exclude each other"


def _siblings(snapshot: Snapshot, dead: set[str]) -> Iterator[list[PlacedRoute]]:
    below: defaultdict[str | None, list[PlacedRoute]] = defaultdict(list)
    for placed in snapshot.routes.routes:
        if placed.route.name not in dead:
            below[placed.parent].append(placed)
    yield from below.values()
