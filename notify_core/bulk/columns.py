"""Which field of a message each column of a table fills."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from shlex import quote

import attrs

from notify_core.bulk.source import UnreadableFile
from notify_core.errors import Problem
from notify_core.names import nearest
from notify_core.wire.misfit import shown

#: The way to a field of a message: `("params", "code")`.
Way = tuple[str, ...]

_PLAIN = (
    *("to", "channel", "kind", "template", "sender", "locale", "importance", "route"),
    *("idempotency_key", "not_before", "validity"),
)
_CONTENT = ("content.text", "content.subject", "content.html")
_NAMED = ("params", "labels", "metadata")


def way_to(field: str) -> Way | None:
    """Return the way to a field, `params.code`; None: a message has none such."""
    if field in _PLAIN:
        return (field,)
    head, point, name = field.partition(".")
    if field in _CONTENT or (head in _NAMED and point and name):
        return head, name
    return None


def _nearest(field: str) -> str:
    name = shown(field.partition(".")[2]) or "NAME"
    return nearest(field, (*_PLAIN, *_CONTENT, *(f"{head}.{name}" for head in _NAMED)))


def mapping_problems(mapping: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with `column=field` pairs, whatever the file is."""
    for column, field in mapping.items():
        if field and way_to(field) is None:
            told = f"no field {shown(field)!r} for column {shown(column)!r}"
            yield f"{told}; {_nearest(field)}"


@attrs.frozen
class Columns:
    """The columns of a table, in order."""

    #: Where each cell goes; None: nowhere.
    ways: tuple[Way | None, ...]

    @classmethod
    def of(cls, header: Sequence[str], mapping: Mapping[str, str]) -> Columns:
        """Return the columns that a header names.

        Args:
            header: The names, as written.
            mapping: Column to field, for those named otherwise; empty: left out.

        Raises:
            UnreadableFile: It cannot be the header of messages; carries every fault.
        """
        names = [name.strip() for name in header]
        fields = [mapping.get(name, name) for name in names]
        problems = [
            *_header_problems(names, fields),
            *_unused_problems(names, mapping),
        ]
        if problems:
            told = tuple(Problem(pointer="", message=why) for why in problems)
            raise UnreadableFile("the header cannot be used:", told)
        return cls(tuple(way_to(field) if field else None for field in fields))

    def filled(self, cells: Sequence[str]) -> dict[str, object]:
        """Return the fields that a row has; an empty cell says nothing."""
        fields: dict[str, object] = {}
        for way, cell in zip(self.ways, cells, strict=True):
            if cell and way is not None:
                put(fields, way, cell)
        return fields


def put(fields: dict[str, object], way: Way, value: object) -> None:
    """Set the field at the end of a way; what is no object on it is replaced."""
    for step in way[:-1]:
        inside = fields.get(step)
        if not isinstance(inside, dict):
            inside = fields[step] = {}
        fields = inside
    fields[way[-1]] = value


def _header_problems(names: Sequence[str], fields: Sequence[str]) -> Iterator[str]:
    for name, field in zip(names, fields, strict=True):
        if field and way_to(field) is None:
            yield (
                f"column {shown(name)!r} is no field of a message; "
                f"{_nearest(field)}: say --map {quote(f'{shown(name)}=FIELD')}, or "
                f"--map {quote(f'{shown(name)}=')} to leave it out"
            )
    for field, many in Counter(filter(None, fields)).items():
        if many > 1:
            yield f"{many} columns fill {shown(field)!r}: map or rename all but one"
    if "to" not in fields:
        divided = "; divide columns by commas" if ";" in "".join(names) else ""
        yield f"no column fills 'to', the recipient: say --map COLUMN=to{divided}"


def _unused_problems(names: Sequence[str], mapping: Mapping[str, str]) -> Iterator[str]:
    for column in mapping:
        if column not in names:
            hint = nearest(column, map(shown, names))
            yield f"--map names column {shown(column)!r}, which is not there; {hint}"
