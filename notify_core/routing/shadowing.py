"""Finds routes that no message can take, from their conditions alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import attrs

from notify_core.model.channel import Channel, Importance, Kind
from notify_core.routing.index import SiblingIndex
from notify_core.routing.matcher import Condition, Operator
from notify_core.routing.traits import LABEL
from notify_core.routing.tree import PlacedRoute

Conditions = Sequence[Condition]

#: Fields that every message has, with all the values that there are.
_CLOSED: Mapping[str, Sequence[str]] = {
    "channel": tuple(Channel),
    "kind": tuple(Kind),
    "importance": tuple(Importance),
}
#: What says that there is a value, without saying which.
_OF_SOME_VALUE = {Operator.EXISTS, Operator.PREFIX, Operator.REGEX}


def values_left(field: str, conditions: Conditions) -> list[str | None] | None:
    """Return the values of a field that satisfy all conditions on it.

    None stands for more than can be listed, and within the list for no value.
    """
    own = [c for c in conditions if c.field == field]
    values: Sequence[str | None] | None = _CLOSED.get(field)
    for condition in own:
        if condition.operator is Operator.IN:
            values = condition.wanted
        elif condition.operator is Operator.ABSENT and values is None:
            values = (None,)
    if values is None:
        return None
    return [value for value in values if all(c.holds(value) for c in own)]


def contradiction(conditions: Conditions) -> str | None:
    """Return the first field of which no value satisfies all conditions on it."""
    for field in dict.fromkeys(c.field for c in conditions):
        own = [c for c in conditions if c.field == field]
        if values_left(field, own) == [] or _clash(own):
            return field
    return None


def shadowed(siblings: Sequence[PlacedRoute]) -> Iterator[tuple[str, str]]:
    """Yield each route that an earlier sibling leaves no message, and that sibling."""
    index = SiblingIndex([sibling.match for sibling in siblings])
    for position, later in enumerate(siblings):
        for candidate in index.near(_Sample.of(later.conditions)):
            if candidate >= position:
                break
            earlier = siblings[candidate]
            if all(_implied(c, later.conditions) for c in earlier.match.conditions):
                yield later.route.name, earlier.route.name
                break


def _clash(own: Conditions) -> bool:
    heads = [c.wanted[0] for c in own if c.operator is Operator.PREFIX]
    return any(
        not (one.startswith(other) or other.startswith(one))
        for one, other in combinations(heads, 2)
    )


def _implied(condition: Condition, given: Conditions) -> bool:
    """Return whether a condition holds for every message that others hold for."""
    left = values_left(condition.field, given)
    if left is not None:
        return all(map(condition.holds, left))
    own = [c for c in given if c.field == condition.field]
    return any(_follows(condition, known) for known in own)


def _follows(condition: Condition, known: Condition) -> bool:
    wanted, head = condition.wanted, known.wanted[0] if known.wanted else ""
    is_beginning = known.operator is Operator.PREFIX
    match condition.operator:
        case Operator.EXISTS:
            return known.operator in _OF_SOME_VALUE
        case Operator.PREFIX:
            return is_beginning and head.startswith(wanted)
        case Operator.NOT if is_beginning:
            return not any(value.startswith(head) for value in wanted)
        case Operator.NOT:
            return known.operator is Operator.NOT and {*wanted} <= {*known.wanted}
    return condition == known


@attrs.frozen
class _Sample:
    """One message that conditions allow, as far as an index asks."""

    values: Mapping[str, str]

    @classmethod
    def of(cls, conditions: Conditions) -> _Sample:
        values: dict[str, str] = {}
        for field in dict.fromkeys(c.field for c in conditions):
            left = values_left(field, conditions)
            if left is None:
                left = [*_longest_head(field, conditions)]
            if left and left[0] is not None:
                values[field] = left[0]
        return cls(values)

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels that it has."""
        fields = [field for field in self.values if field.startswith(LABEL)]
        return {field.removeprefix(LABEL): self.values[field] for field in fields}

    def __getitem__(self, field: str, /) -> str | None:
        return self.values.get(field)


def _longest_head(field: str, conditions: Conditions) -> list[str]:
    heads = [
        c.wanted[0]
        for c in conditions
        if c.field == field and c.operator is Operator.PREFIX
    ]
    return [max(heads, key=len)] if heads else []
