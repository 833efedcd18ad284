"""Warns of routes that no message ever takes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from notify_core.config.document import Node
from notify_core.config.matches import equal_values
from notify_core.config.routes import routes_by_name
from notify_core.config.snapshot import Snapshot
from notify_core.config.wording import shown
from notify_core.errors import Problem
from notify_core.names import nearest
from notify_core.routing.case import Case, Relations
from notify_core.routing.relation import relations
from notify_core.routing.shadowing import Reach, Unreached, reach
from notify_core.template.catalogue import CompiledTemplate

#: Of the routes that take all together, so many are named.
_SHOWN = 3
_BY_ADDRESS = "a number has a country and a prefix, and only sms and voice go to one"


def coming_templates(
    case: Case, snapshot: Snapshot, known: Relations
) -> list[CompiledTemplate] | None:
    """Return the templates that messages of a case may have; None: there are none."""
    if case.example(known) is None:
        return None
    names = case.left("template", known)
    return [t for name, t in snapshot.templates.items() if name in names]


def relations_of(snapshot: Snapshot) -> Relations:
    """Return what holds for every message."""
    kinds = {name: t.template.kind for name, t in snapshot.templates.items()}
    return relations(kinds)


def reach_of(snapshot: Snapshot) -> Reach:
    """Return which routes messages come to."""
    return reach(snapshot.routes.routes, relations_of(snapshot))


def unsure_routes(reached: Reach, root: Node) -> Iterator[Problem]:
    """Yield that the search was cut short: too many routes are unlike each other."""
    names = [placed.route.name for placed in reached.unsure]
    if names:
        rest = f" and {len(names) - 1} more" if names[1:] else ""
        why = f"{names[0]!r}{rest} could be compared with only some of those before"
        remedy = "whether messages come there is not known; write a test that says so"
        yield root["routes"].key_problem(f"{why}: {remedy}")


def unreachable_routes(
    reached: Reach, snapshot: Snapshot, root: Node
) -> Iterator[Problem]:
    """Yield the routes that nothing comes to, and those that others shadow."""
    nodes = routes_by_name(root["routes"])
    unknown = {
        name: list(_unknown_templates(snapshot, node["match"]["template"]))
        for name, node in nodes.items()
    }
    yield from chain(*unknown.values())
    for found in reached.unreached:
        route = found.route.route
        if found.taken_by:
            what = "is taken only by name" if route.by_name else "is never taken"
            yield nodes[route.name].problem(f"{what}: {_takers(found.taken_by)}")
        elif not unknown[route.name]:
            match = nodes[route.name]["match"]
            yield match.key_problem(f"holds for no message: {_why(found)}")


def _unknown_templates(snapshot: Snapshot, said: Node) -> Iterator[Problem]:
    for value in equal_values(said):
        if value.text is not None and value.text not in snapshot.templates:
            hint = nearest(value.text, snapshot.templates)
            yield value.problem(f"{shown(value.text)} is no template; {hint}")


def _takers(names: tuple[str, ...]) -> str:
    *others, last = map(repr, names)
    if not others:
        return f"{last} before it takes all that it matches"
    if len(others) > _SHOWN:
        others, last = others[:_SHOWN], f"{len(names) - _SHOWN} more"
    return f"{', '.join(others)} and {last} before it take all that it matches"


def _why(found: Unreached) -> str:
    if "template" in found.clash:
        return "no template is so, of that kind"
    fields = " and ".join(found.clash)
    whose = (
        "its own conditions" if found.is_own else "its conditions and those above it"
    )
    reason = f"; {_BY_ADDRESS}" if len(found.clash) > 1 else ""
    return f"of {fields}, {whose} exclude each other{reason}"
