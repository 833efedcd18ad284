"""What is known of a message: that conditions hold, or that they do not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import attrs

from notify_core.routing.matcher import Condition, Operator


@attrs.frozen
class Premise:
    """A condition that holds of a message, or that does not."""

    condition: Condition
    is_met: bool = True

    def allows(self, value: str | None) -> bool:
        """Return whether the field may have this value."""
        return self.condition.holds(value) is self.is_met

    @property
    def listed(self) -> Sequence[str | None] | None:
        """Every value that the field may have; None: more than can be listed."""
        match self.condition.operator, self.is_met:
            case (Operator.IN, True) | (Operator.NOT, False):
                return self.condition.wanted
            case (Operator.ABSENT, True) | (Operator.EXISTS, False):
                return (None,)
        return None

    def allows_some_beginning(self, head: str) -> bool:
        """Return whether the field may have a value that begins so."""
        if self.condition.operator is not Operator.PREFIX:
            return True
        wanted = self.condition.wanted[0]
        if self.is_met:
            return wanted.startswith(head) or head.startswith(wanted)
        return not head.startswith(wanted)


#: By field.
Premises = Mapping[str, Sequence[Premise]]


def listed(own: Iterable[Premise]) -> Sequence[str | None] | None:
    """Return all values that a first premise lists; None: none of them lists any."""
    return next((p.listed for p in own if p.listed is not None), None)


@attrs.frozen(kw_only=True)
class Text:
    """Some text that is none that anybody wrote down, as far as it is known."""

    #: How it begins.
    head: str = ""
    #: Regular expressions that are found in it; others are not.
    patterns: frozenset[str] = frozenset()

    @classmethod
    def of(cls, own: Sequence[Premise], head: str = "") -> Text | None:
        """Return what premises that list no values leave; None: there is no such text.

        Args:
            own: What is known of it.
            head: How it begins in any case.
        """
        heads = {head, *_wanted(own, Operator.PREFIX, is_met=True)}
        longest = max(heads, key=len)
        patterns = _wanted(own, Operator.REGEX, is_met=True)
        if not all(map(longest.startswith, heads)):
            return None
        if any(map(longest.startswith, _wanted(own, Operator.PREFIX, is_met=False))):
            return None
        if patterns & _wanted(own, Operator.REGEX, is_met=False):
            return None
        return cls(head=longest, patterns=patterns)

    def meets(self, condition: Condition) -> bool:
        """Return whether a condition holds of it."""
        match condition.operator:
            case Operator.NOT | Operator.EXISTS:
                return True
            case Operator.PREFIX:
                return self.head.startswith(condition.wanted)
            case Operator.REGEX:
                return condition.wanted[0] in self.patterns
        return False


def _wanted(
    own: Sequence[Premise], operator: Operator, *, is_met: bool
) -> frozenset[str]:
    return frozenset(
        premise.condition.wanted[0]
        for premise in own
        if premise.condition.operator is operator and premise.is_met is is_met
    )
