"""What a message has to be like to take a route."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import StrEnum

import attrs

from notify_core.model.masking import masked
from notify_core.patterns import LONGEST_SEARCHED
from notify_core.routing.traits import Known

Test = Callable[[str | None], bool]


class Operator(StrEnum):
    """How a value is compared. Only `not` and `absent` hold for one that is missing."""

    #: It is one of the wanted; `eq` is this with one.
    IN = "in"
    #: It is none of them.
    NOT = "not"
    #: It begins with it.
    PREFIX = "prefix"
    #: The regular expression is found in it.
    REGEX = "regex"
    #: There is one: `exists: true`.
    EXISTS = "exists"
    #: There is none: `exists: false`.
    ABSENT = "absent"


@attrs.frozen
class Condition:
    """What one field of a message has to be like."""

    #: `kind`, `labels.tenant`.
    field: str
    operator: Operator
    #: One with `prefix` and `regex`, none with `exists` and `absent`.
    wanted: tuple[str, ...] = ()
    #: Says whether a value is so.
    holds: Test = attrs.field(init=False, eq=False, repr=False)

    @holds.default
    def _test(self) -> Test:
        return _TESTS[self.operator](self.wanted)

    def __str__(self) -> str:
        """Say what is wanted, with addresses masked."""
        one, several = _WORDS[self.operator]
        words = one if len(self.wanted) == 1 else several
        return words.format(self.shown(", ".join(self.wanted)))

    def shown(self, value: str) -> str:
        """Return a value of the field as people may see it."""
        return masked(value) if self.field == "recipient" else str(value)


@attrs.frozen
class Match:
    """Conditions that all have to hold; without any, every message matches."""

    conditions: tuple[Condition, ...] = ()

    def holds(self, known: Known) -> bool:
        """Return whether a message is so."""
        # A loop: `all` takes twice as long.
        for condition in self.conditions:
            if not condition.holds(known[condition.field]):
                return False
        return True

    def unmet(self, known: Known) -> Condition | None:
        """Return the first condition that does not hold."""
        return next((c for c in self.conditions if not c.holds(known[c.field])), None)


#: Of the root, and of routes that take what is left.
EVERYTHING = Match()


def _in(wanted: tuple[str, ...]) -> Test:
    return frozenset[str | None](wanted).__contains__


def _not(wanted: tuple[str, ...]) -> Test:
    refused = frozenset(wanted)
    return lambda value: value not in refused


def _prefix(wanted: tuple[str, ...]) -> Test:
    return lambda value: value is not None and value.startswith(wanted)


def _regex(wanted: tuple[str, ...]) -> Test:
    search = re.compile(wanted[0]).search

    def is_found(value: str | None) -> bool:
        if value is None or len(value) > LONGEST_SEARCHED:
            return False
        return search(value) is not None

    return is_found


def _exists(_: tuple[str, ...]) -> Test:
    return lambda value: value is not None


def _absent(_: tuple[str, ...]) -> Test:
    return lambda value: value is None


_TESTS: Mapping[Operator, Callable[[tuple[str, ...]], Test]] = {
    Operator.IN: _in,
    Operator.NOT: _not,
    Operator.PREFIX: _prefix,
    Operator.REGEX: _regex,
    Operator.EXISTS: _exists,
    Operator.ABSENT: _absent,
}

#: For one value that is wanted, and for none or several.
_WORDS: Mapping[Operator, tuple[str, str]] = {
    Operator.IN: ("{}", "one of {}"),
    Operator.NOT: ("not {}", "none of {}"),
    Operator.PREFIX: ("{}…", "{}…"),
    Operator.REGEX: ("/{}/", "/{}/"),
    Operator.EXISTS: ("any value", "any value"),
    Operator.ABSENT: ("no value", "no value"),
}
