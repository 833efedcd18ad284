"""Fields that depend on each other, and every combination of values that there is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain, product

import attrs

from notify_core.model.channel import Channel, Importance, Kind
from notify_core.routing.premise import Premise, Premises, listed

#: One value for each field of a relation.
Row = tuple[str | None, ...]

_TO_PHONES = (Channel.SMS, Channel.VOICE)


Fits = Callable[[Row], bool]


def _always(_: object) -> bool:
    return True


def _any_row(_: Premises) -> Fits:
    return _always


@attrs.frozen(kw_only=True, eq=False)
class Relation:
    """Fields of which every message has one of these combinations."""

    fields: tuple[str, ...]
    #: The least particular first.
    rows: tuple[Row, ...]
    #: Of what is known of other fields: tells whether it leaves a row.
    fits: Callable[[Premises], Fits] = _any_row
    #: Another field that `fits` looks at.
    beside: str | None = None
    _with: Mapping[tuple[int, str | None], Sequence[Row]] = attrs.field(init=False)

    @_with.default
    def _by_value(self) -> Mapping[tuple[int, str | None], Sequence[Row]]:
        found: defaultdict[tuple[int, str | None], list[Row]] = defaultdict(list)
        for row in self.rows:
            for place in enumerate(row):
                found[place].append(row)
        return found

    def left(
        self, known: Premises, at: tuple[str, str | None] | None = None
    ) -> Iterator[Row]:
        """Yield the combinations that what is known of a message leaves.

        Args:
            known: What is known of it.
            at: Of a field and its value: only those with it.
        """
        asked = [(n, known[f]) for n, f in enumerate(self.fields) if f in known]
        tests = [(n, p.allows) for n, own in asked for p in own]
        fits = self.fits(known)
        for row in self._near(asked) if at is None else self._at(*at):
            if all(test(row[n]) for n, test in tests) and fits(row):
                yield row

    def named_in(self, known: Premises) -> tuple[str, ...]:
        """Return the fields of which something is known."""
        fields = [*self.fields, *([self.beside] if self.beside else ())]
        return tuple(field for field in fields if field in known)

    def _at(self, field: str, value: str | None) -> Iterable[Row]:
        return self._with.get((self.fields.index(field), value), ())

    def _near(self, asked: Iterable[tuple[int, Sequence[Premise]]]) -> Iterable[Row]:
        for place, own in asked:
            if (values := listed(own)) is not None:
                return chain(*(self._with.get((place, v), ()) for v in values))
        return self.rows


def relations(templates: Mapping[str, Kind]) -> tuple[Relation, ...]:
    """Return what holds for every message.

    Args:
        templates: The kind of each template.
    """
    free_text: list[Row] = [(None, kind) for kind in Kind]
    return (
        Relation(fields=("importance",), rows=tuple((i,) for i in Importance)),
        Relation(fields=("template", "kind"), rows=(*free_text, *templates.items())),
        _addressing(),
    )


@cache
def _addressing() -> Relation:
    # Imported here: the metadata takes 0.1 s, and only a check of routes needs it.
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE  # noqa: PLC0415
    from phonenumbers import REGION_CODE_FOR_NON_GEO_ENTITY as NOWHERE  # noqa: PLC0415

    prefixes: list[Row] = [
        (None if region == NOWHERE else region, str(code))
        for code, regions in COUNTRY_CODE_TO_REGION_CODE.items()
        for region in regions
    ]
    prefixes.sort(key=lambda row: row[0] is not None)
    phones = [(channel, *row) for channel, row in product(_TO_PHONES, prefixes)]
    others = [(channel, None, None) for channel in Channel if channel not in _TO_PHONES]
    return Relation(
        fields=("channel", "country", "prefix"),
        rows=(*phones, *others),
        fits=_has_recipient,
        beside="recipient",
    )


def _has_recipient(known: Premises) -> Fits:
    """Return what tells whether an address may be on a channel and in a country."""
    own = known.get("recipient")
    if own is None:
        return _always
    if (values := listed(own)) is not None:
        left = [v for v in values if v is not None and all(p.allows(v) for p in own)]
        return lambda row: any(_is_of(value, row) for value in left)
    return lambda row: (
        (head := beginning(row)) is None
        or all(premise.allows_some_beginning(head) for premise in own)
    )


def _is_of(address: str, row: Row) -> bool:
    head = beginning(row)
    if head is not None:
        return address.startswith(head)
    return ("@" in address) == (row[0] == Channel.EMAIL) and (
        row[0] == Channel.EMAIL or not address.startswith("+")
    )


def beginning(row: Row) -> str | None:
    """Return how a phone number with such a row begins; None: it is no number."""
    return None if row[2] is None else f"+{row[2]}"
