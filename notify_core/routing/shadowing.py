"""Finds routes that no message takes, from their conditions alone.

What is told is so. Not all is told: regular expressions are compared by their text,
and a route with very many others before it is compared with some of them only, which
is told too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

import attrs

from notify_core.aside import breathe
from notify_core.routing.case import Case, Example, Relations
from notify_core.routing.siblings import Siblings
from notify_core.routing.tree import PlacedRoute

#: The siblings of a route, and where it stands among them.
_Place = tuple[Siblings, int]
#: Yields routes that a message may match.
_Near = Callable[[Example], Iterator[PlacedRoute]]
#: Comparisons with other routes: of all routes together, and of one at least and most.
_COMPARISONS, _LEAST, _MOST = 2_000_000, 200, 10_000
#: To take a case apart takes as long as so many comparisons.
_A_CASE = 100


@attrs.frozen(kw_only=True)
class Unreached:
    """A route that no message takes, unless it names the route."""

    route: PlacedRoute
    #: Fields of which nothing satisfies its conditions and those above it.
    clash: tuple[str, ...] = ()
    #: Its own conditions are enough for that.
    is_own: bool = False
    #: Names of the routes before it that take all that it matches.
    taken_by: tuple[str, ...] = ()


@attrs.frozen
class Reach:
    """Which routes of a tree messages come to, as far as it was looked."""

    #: Those that no message takes, but none below another one.
    unreached: tuple[Unreached, ...]
    #: Those that were compared with only some of the routes before them.
    unsure: tuple[PlacedRoute, ...] = ()


def reach(routes: Sequence[PlacedRoute], relations: Relations) -> Reach:
    """Look for the routes that no message takes.

    Args:
        routes: All of a tree, in the order of the file.
        relations: What holds for every message.
    """
    search = _Search(relations, _places(routes))
    found: list[Unreached] = []
    dead: set[str | None] = set()
    for placed in routes:
        breathe()
        fault = None if placed.parent in dead else search.fault(placed)
        found += [] if fault is None else [fault]
        if fault is not None or placed.parent in dead:
            dead.add(placed.route.name)
    return Reach(tuple(found), tuple(search.unsure))


def _places(routes: Sequence[PlacedRoute]) -> Mapping[str, _Place]:
    below: defaultdict[str | None, list[PlacedRoute]] = defaultdict(list)
    for placed in routes:
        below[placed.parent].append(placed)
    return {
        placed.route.name: (siblings, position)
        for siblings in map(Siblings, below.values())
        for position, placed in enumerate(siblings.routes)
    }


@attrs.define
class _Search:
    """Looks for messages that are left to a route."""

    relations: Relations
    #: Of every route, by name.
    places: Mapping[str, _Place]
    #: Routes for which more comparisons were needed than may be made.
    unsure: list[PlacedRoute] = attrs.field(factory=list)
    #: Comparisons that may still be made for a route.
    _left: int = 0
    #: They were not enough.
    _is_cut_short: bool = False

    def fault(self, placed: PlacedRoute) -> Unreached | None:
        """Return why no message takes a route; None: one does, as far as is known."""
        case = Case.of(placed.conditions)
        if case.example(self.relations) is None:
            return self._impossible(placed, case)
        share = _COMPARISONS // len(self.places)
        self._left, self._is_cut_short = max(_LEAST, min(share, _MOST)), False
        takers = self._takers(case, self._before(placed))
        self.unsure += [placed] if self._is_cut_short else []
        alone = (one for one in takers if self._takers(case, _only(one)))
        if len(takers) > 1 and (one := next(alone, None)) is not None:
            takers = [one]
        takers.sort(key=lambda taker: (taker.depth, self.places[taker.route.name][1]))
        names = tuple(taker.route.name for taker in takers)
        return Unreached(route=placed, taken_by=names) if takers else None

    def _impossible(self, placed: PlacedRoute, case: Case) -> Unreached:
        own = Case.of(placed.match.conditions)
        return Unreached(
            route=placed,
            clash=case.clash(self.relations),
            is_own=own.example(self.relations) is None,
        )

    def _before(self, placed: PlacedRoute) -> _Near:
        """Return what finds the siblings before a route, and before those above it."""
        before = [self.places[placed.route.name]]
        while (parent := before[-1][0].parent) is not None:
            before.append(self.places[parent])

        def near(example: Example) -> Iterator[PlacedRoute]:
            for siblings, position in before:
                yield from siblings.near(example, position)

        return near

    def _takers(self, case: Case, near: _Near) -> list[PlacedRoute]:
        """Return routes that take all messages of a case; none: they leave one."""
        takers: dict[str, PlacedRoute] = {}
        cases = [case]
        while cases:
            self._left -= _A_CASE
            one = cases.pop()
            example = one.example(self.relations)
            if example is not None:
                taker = self._taker(example, near)
                if taker is None:
                    return []
                takers[taker.route.name] = taker
                cases += one.without(taker.match.conditions)
        return [*takers.values()]

    def _taker(self, example: Example, near: _Near) -> PlacedRoute | None:
        for placed in near(example):
            self._left -= 1
            if self._left < 0:
                self._is_cut_short = True
                return None
            if example.meets(placed.match.conditions):
                return placed
        return None


def _only(placed: PlacedRoute) -> _Near:
    return lambda _: iter([placed])
