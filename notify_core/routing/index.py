"""Finds, among many siblings, the few that a message may match."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from heapq import merge
from itertools import chain

from notify_core.routing.matcher import Condition, Match, Operator
from notify_core.routing.traits import LABEL, Known

#: So many positions are sorted in less time than it takes to begin to merge them.
_FEW = 32
#: Positions of siblings by a value that they want.
_Shelf = Mapping[str | None, Sequence[int]]
#: Field, operator and value that a sibling is filed under.
Key = tuple[str, Operator, str]


class SiblingIndex:
    """Positions of siblings, filed by a value that each of them wants.

    Each is filed under one condition that looks for values or for their beginnings,
    the one that it shares with the fewest others; those without such a condition are
    always looked at.

    Args:
        matches: Of the siblings, in their order.
    """

    def __init__(self, matches: Sequence[Match]) -> None:
        filed: dict[tuple[str, Operator], dict[str | None, list[int]]]
        filed = defaultdict(lambda: defaultdict(list))
        rest: list[int] = []
        for position, keys in enumerate(filed_under(matches, _is_filed)):
            for field, operator, value in keys:
                filed[field, operator][value].append(position)
            if not keys:
                rest.append(position)
        self._rest = rest
        self._fields: list[tuple[str, _Shelf]] = []
        self._beginnings: list[tuple[str, Sequence[int], _Shelf]] = []
        self._labels: dict[str, _Shelf] = {}
        for (field, operator), shelf in filed.items():
            self._add(field, operator, dict(shelf))

    def near(self, known: Known) -> Iterable[int]:
        """Return the positions of those that may match, in order."""
        found: list[Sequence[int]] = [self._rest] if self._rest else []
        for field, shelf in self._fields:
            if (positions := shelf.get(known[field])) is not None:
                found.append(positions)
        if self._labels:
            found += self._near_labels(known.labels)
        if self._beginnings:
            found += self._near_beginnings(known)
        if not found[1:]:
            return found[0] if found else ()
        few = sum(map(len, found)) <= _FEW
        return sorted(chain(*found)) if few else merge(*found)

    def _add(self, field: str, operator: Operator, shelf: _Shelf) -> None:
        if operator is Operator.PREFIX:
            lengths = sorted({len(value) for value in shelf if value is not None})
            self._beginnings.append((field, lengths, shelf))
        elif field.startswith(LABEL):
            self._labels[field.removeprefix(LABEL)] = shelf
        else:
            self._fields.append((field, shelf))

    def _near_labels(self, labels: Mapping[str, str]) -> list[Sequence[int]]:
        # By the message's labels, not by those asked for: these may be many.
        shelves = [(self._labels.get(name, {}), labels[name]) for name in labels]
        return [shelf[value] for shelf, value in shelves if value in shelf]

    def _near_beginnings(self, known: Known) -> list[Sequence[int]]:
        found: list[Sequence[int]] = []
        for field, lengths, shelf in self._beginnings:
            value = known[field] or ""
            # A value that is too short would be looked for whole, again and again.
            heads = [value[:length] for length in lengths if length <= len(value)]
            found += [shelf[head] for head in heads if head in shelf]
        return found


def filed_under(
    matches: Sequence[Match], is_filed: Callable[[Condition], bool]
) -> Iterable[Sequence[Key]]:
    """Yield the keys that each sibling is filed under; none: it cannot be filed.

    Args:
        matches: Of the siblings, in their order.
        is_filed: Tells which conditions can serve.
    """
    offered = [[_keys_of(c) for c in m.conditions if is_filed(c)] for m in matches]
    shared = Counter(key for keys in offered for each in keys for key in each)
    for keys in offered:
        yield min(keys, key=lambda each: max(shared[key] for key in each), default=())


def _keys_of(condition: Condition) -> Sequence[Key]:
    field, operator = condition.field, condition.operator
    return [(field, operator, value) for value in dict.fromkeys(condition.wanted)]


def _is_filed(condition: Condition) -> bool:
    is_label = condition.field.startswith(LABEL)
    is_beginning = condition.operator is Operator.PREFIX and not is_label
    return is_beginning or condition.operator is Operator.IN
