"""The messages of which something is known, and one of them as an example."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs

from notify_core.routing.matcher import Condition
from notify_core.routing.premise import Premise, Premises, Text, listed
from notify_core.routing.relation import Relation, beginning

Relations = Sequence[Relation]

_RECIPIENT = "recipient"


@attrs.frozen
class Example:
    """One message, as far as routes may ask."""

    #: Fields whose value is one that somebody wrote down; others have none.
    values: Mapping[str, str | None]
    #: Fields that have some other text.
    texts: Mapping[str, Text]

    def meets(self, conditions: Iterable[Condition]) -> bool:
        """Return whether all conditions hold of it."""
        return all(map(self._meets, conditions))

    def _meets(self, condition: Condition) -> bool:
        if (text := self.texts.get(condition.field)) is not None:
            return text.meets(condition)
        return condition.holds(self.values.get(condition.field))


@attrs.frozen
class Case:
    """All messages of which the same is known."""

    premises: Premises

    @classmethod
    def of(cls, conditions: Iterable[Condition]) -> Case:
        """Return the messages of which all conditions hold."""
        premises: dict[str, tuple[Premise, ...]] = {}
        for condition in conditions:
            own = premises.get(condition.field, ())
            premises[condition.field] = (*own, Premise(condition))
        return cls(premises)

    def without(self, conditions: Iterable[Condition]) -> Iterator[Case]:
        """Yield cases that are together those for which not all conditions hold."""
        rest = self
        for condition in conditions:
            yield rest._and(Premise(condition, is_met=False))
            rest = rest._and(Premise(condition))

    def _and(self, premise: Premise) -> Case:
        field = premise.condition.field
        own = (*self.premises.get(field, ()), premise)
        return Case({**self.premises, field: own})

    def example(self, relations: Relations) -> Example | None:
        """Return one of the messages, the least particular; None: there is none."""
        values: dict[str, str | None] = {}
        head = ""
        for relation in relations:
            row = next(relation.left(self.premises), None)
            if row is None:
                return None
            values.update(zip(relation.fields, row, strict=True))
            if relation.beside == _RECIPIENT:
                head = beginning(row) or ""
        return self._example(values, head)

    def _example(self, values: dict[str, str | None], head: str) -> Example | None:
        texts: dict[str, Text] = {_RECIPIENT: Text(head=head)}
        for field, own in self.premises.items():
            if field in values:
                continue
            if (wanted := listed(own)) is not None:
                texts.pop(field, None)
                left = [v for v in wanted if all(premise.allows(v) for premise in own)]
                if not left:
                    return None
                values[field] = left[0]
            elif text := Text.of(own, head if field == _RECIPIENT else ""):
                texts[field] = text
            else:
                return None
        return Example(values, texts)

    def may_have(self, field: str, value: str | None, relations: Relations) -> bool:
        """Return whether a field of a relation may have a value."""
        relation = next(r for r in relations if field in r.fields)
        return next(relation.left(self.premises, (field, value)), None) is not None

    def left(self, field: str, relations: Relations) -> set[str | None]:
        """Return the values that a field of a relation may have."""
        relation = next(r for r in relations if field in r.fields)
        place = relation.fields.index(field)
        return {row[place] for row in relation.left(self.premises)}

    def clash(self, relations: Relations) -> tuple[str, ...]:
        """Return the fields that exclude each other, where there is no such message."""
        for field, own in self.premises.items():
            if Case({field: own}).example(relations) is None:
                return (field,)
        empty = (r for r in relations if next(r.left(self.premises), None) is None)
        return next(relation.named_in(self.premises) for relation in empty)
