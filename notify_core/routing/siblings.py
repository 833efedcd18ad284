"""Sibling routes, filed by all that one of them may want of a message."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, takewhile

import attrs

from notify_core.routing.case import Example
from notify_core.routing.index import Key, filed_under
from notify_core.routing.matcher import Condition, Operator
from notify_core.routing.tree import PlacedRoute

_FILED = {Operator.IN, Operator.PREFIX, Operator.REGEX}
#: Of those without such a condition.
_REST: Key = ("", Operator.ABSENT, "")


@attrs.frozen(eq=False)
class Siblings:
    """The routes below one."""

    #: In their order.
    routes: Sequence[PlacedRoute]
    #: Positions of routes, by what they are filed under.
    _shelves: Mapping[Key, Sequence[int]] = attrs.field(init=False)
    #: Positions of those filed under a regular expression, by field.
    _searching: Mapping[str, Sequence[int]] = attrs.field(init=False)

    @_shelves.default
    def _filed(self) -> Mapping[Key, Sequence[int]]:
        shelves: defaultdict[Key, list[int]] = defaultdict(list)
        matches = [placed.match for placed in self.routes]
        for position, keys in enumerate(filed_under(matches, _is_filed)):
            for key in keys or [_REST]:
                shelves[key].append(position)
        return shelves

    @_searching.default
    def _filed_by_pattern(self) -> Mapping[str, Sequence[int]]:
        found: defaultdict[str, list[int]] = defaultdict(list)
        for (field, operator, _), positions in self._shelves.items():
            if operator is Operator.REGEX:
                found[field] += positions
        return {field: sorted(positions) for field, positions in found.items()}

    @property
    def parent(self) -> str | None:
        """Name of the route above; None for the root."""
        return self.routes[0].parent

    def near(self, example: Example, before: int) -> Iterator[PlacedRoute]:
        """Yield those before a position that a message may match, in no order."""
        for positions in self._shelves_near(example):
            for position in takewhile(before.__gt__, positions):
                yield self.routes[position]

    def _shelves_near(self, example: Example) -> Iterator[Sequence[int]]:
        for key in chain(_keys(example), [_REST]):
            yield self._shelves.get(key, ())
        for field, value in example.values.items():
            if value is not None:
                yield self._searching.get(field, ())


def _is_filed(condition: Condition) -> bool:
    return condition.operator in _FILED


def _keys(example: Example) -> Iterator[Key]:
    for field, value in example.values.items():
        if value is not None:
            yield field, Operator.IN, value
            yield from _heads(field, value)
    for field, text in example.texts.items():
        yield from _heads(field, text.head)
        yield from ((field, Operator.REGEX, pattern) for pattern in text.patterns)


def _heads(field: str, value: str) -> Iterator[Key]:
    return ((field, Operator.PREFIX, value[:n]) for n in range(1, len(value) + 1))
