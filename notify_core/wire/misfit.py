"""What does not fit when a value is read, told without showing the value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

import attrs
from cattrs import (
    AttributeValidationNote,
    ClassValidationError,
    ForbiddenExtraKeysError,
    IterableValidationError,
    IterableValidationNote,
)

from notify_core.errors import Problem
from notify_core.model.masking import masked
from notify_core.names import nearest

#: A body of a thousand mistakes is not worth a thousand lines.
MOST_PROBLEMS = 100
#: Of a name that somebody else wrote.
_MOST_SHOWN = 64

_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (type(None), "null"),
    (bool, "true or false"),
    ((int, float), "a number"),
    (str, "a string"),
    (Mapping, "an object"),
    ((list, tuple), "an array"),
)


class Misfit(ValueError):
    """A value is not what its place wants; the text holds nothing of the value.

    Attributes:
        place: JSON pointer from the value to the fault.
    """

    def __init__(self, fault: str, place: str = "") -> None:
        super().__init__(fault)
        self.place = place


def kind_of(value: object) -> str:
    """Return what a JSON value is: `a string`, `null`."""
    for types, kind in _KINDS:
        if isinstance(value, types):
            return kind
    return type(value).__name__


def problems_of(error: Exception) -> list[Problem]:
    """Return every fault that the converter found."""
    problems = list(islice(_problems(error, ""), MOST_PROBLEMS + 1))
    if len(problems) > MOST_PROBLEMS:
        fault = f"has more faults than these {MOST_PROBLEMS}"
        problems[MOST_PROBLEMS] = Problem(pointer="", message=fault)
    return problems


def _problems(error: Exception, place: str) -> Iterator[Problem]:
    match error:
        case ClassValidationError() | IterableValidationError():
            placed, others = error.group_exceptions()
            for inner, note in placed:
                yield from _problems(inner, place + pointer_to(_step(note)))
            for inner in others:
                yield from _problems(inner, place)
        case ForbiddenExtraKeysError():
            names = [field.name for field in attrs.fields(error.cl)]
            for key in sorted(map(shown, error.extra_fields)):
                fault = f"is unknown; {nearest(key, names)}"
                yield Problem(pointer=place + pointer_to(key), message=fault)
        case KeyError():
            yield Problem(pointer=place, message="is missing")
        case Misfit():
            yield Problem(pointer=place + error.place, message=str(error))
        case _:
            # Somebody else's class; what its error says may show the value.
            yield Problem(pointer=place, message=f"is refused: {type(error).__name__}")


def _step(note: AttributeValidationNote | IterableValidationNote) -> str:
    """Return the field, item or key where the converter met a fault."""
    return note.name if isinstance(note, AttributeValidationNote) else shown(note.index)


def shown(name: object) -> str:
    """Return a name that somebody else wrote, short, with addresses masked."""
    return masked(str(name)[:_MOST_SHOWN])


def pointer_to(name: str) -> str:
    """Return the step of a JSON pointer (RFC 6901) to a member."""
    return "/" + name.replace("~", "~0").replace("/", "~1")
