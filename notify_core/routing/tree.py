"""The routing tree: which route a message takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from notify_core.errors import InvalidMessage, Problem
from notify_core.model.checked import Facts
from notify_core.names import nearest
from notify_core.outbox.record import Record
from notify_core.routing.branch import Branch
from notify_core.routing.matcher import Condition, Match
from notify_core.routing.route import Route
from notify_core.routing.traits import Traits


@attrs.frozen(kw_only=True)
class PlacedRoute:
    """A route, and where it stands in the tree."""

    route: Route
    #: Its own conditions.
    match: Match
    #: Name of the route above; None for the root.
    parent: str | None
    #: 0 for the root.
    depth: int
    #: Name of the route in which each setting was written; a default has none.
    origins: Mapping[str, str]
    #: What a message must be like to come here: its own conditions, and those above.
    conditions: tuple[Condition, ...]


@attrs.frozen
class Miss:
    """Why a message did not take a route."""

    route: str
    #: Of the first condition that did not hold.
    field: str
    #: For people, addresses masked.
    wanted: str
    #: What the message has, an address masked; None: nothing.
    got: str | None


@attrs.frozen(kw_only=True)
class Step:
    """One route on the way of a message."""

    route: str
    #: The routes below it that did not match, up to the one that did.
    missed: tuple[Miss, ...] = ()
    #: The message named the route itself.
    is_named: bool = False


@attrs.frozen(kw_only=True)
class RoutingTree:
    """Every route of a configuration."""

    #: Takes what no other route does.
    root: Route
    #: The routes below it, in order.
    branches: tuple[Branch, ...] = ()
    #: Name of the route in which each setting of the root was written.
    origins: Mapping[str, str] = attrs.field(factory=dict)

    _trunk: Branch = attrs.field(init=False, eq=False, repr=False)
    #: Every route in the order of the file.
    routes: tuple[PlacedRoute, ...] = attrs.field(init=False, eq=False, repr=False)
    #: Every route, by name.
    by_name: Mapping[str, Route] = attrs.field(init=False, eq=False, repr=False)

    @_trunk.default
    def _whole(self) -> Branch:
        return Branch(route=self.root, branches=self.branches, origins=self.origins)

    @routes.default
    def _walked(self) -> tuple[PlacedRoute, ...]:
        return tuple(_placed(self._trunk))

    @by_name.default
    def _named(self) -> Mapping[str, Route]:
        return {placed.route.name: placed.route for placed in self.routes}

    def choose(self, facts: Facts) -> Route:
        """Return the one route that the message takes.

        Raises:
            InvalidMessage: It names a route that there is not, or that no message
                may name.
        """
        if facts.message.route is not None:
            return self._wanted(facts.message.route)
        traits = Traits(facts)
        branch = self._trunk
        while (below := branch.next(traits)) is not None:
            branch = below
        return branch.route

    def taken_by(self, record: Record) -> Route:
        """Return the route that a message took, or takes now that it is gone."""
        return self.by_name.get(record.route) or self.choose(record)

    def explain(self, facts: Facts) -> tuple[Step, ...]:
        """Return the way from the root to the route that `choose` returns.

        Raises:
            InvalidMessage: As `choose` does.
        """
        if facts.message.route is not None:
            named = self._wanted(facts.message.route)
            return (Step(route=named.name, is_named=True),)
        return tuple(_steps(self._trunk, Traits(facts)))

    def _wanted(self, name: str) -> Route:
        route = self.by_name.get(name)
        if route is not None and route.by_name:
            return route
        open_to_all = [name for name, route in self.by_name.items() if route.by_name]
        if route is None:
            why = f"no route {name!r}; {nearest(name, open_to_all)}"
        else:
            why = f"route {name!r} says by_name: false, so that no message may name it"
        raise InvalidMessage([Problem(pointer="/route", message=why)])


def _placed(branch: Branch, above: PlacedRoute | None = None) -> Iterator[PlacedRoute]:
    conditions = branch.match.conditions
    placed = PlacedRoute(
        route=branch.route,
        match=branch.match,
        parent=above.route.name if above else None,
        depth=above.depth + 1 if above else 0,
        origins=branch.origins,
        conditions=(*above.conditions, *conditions) if above else conditions,
    )
    yield placed
    for below in branch.branches:
        yield from _placed(below, placed)


def _steps(branch: Branch | None, traits: Traits) -> Iterator[Step]:
    while branch is not None:
        missed: list[Miss] = []
        below = None
        for sibling in branch.branches:
            unmet = sibling.match.unmet(traits)
            if unmet is None:
                below = sibling
                break
            missed.append(_miss(sibling.route.name, unmet, traits[unmet.field]))
        yield Step(route=branch.route.name, missed=tuple(missed))
        branch = below


def _miss(route: str, unmet: Condition, value: str | None) -> Miss:
    got = None if value is None else unmet.shown(value)
    return Miss(route=route, field=unmet.field, wanted=str(unmet), got=got)
