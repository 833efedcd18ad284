"""What does not fit when a value is read, told without showing the value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

import attrs
from cattrs import BaseValidationError, ForbiddenExtraKeysError
from cattrs.errors import AttributeValidationNote, IterableValidationNote

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
        case BaseValidationError():
            for inner in error.exceptions:
                yield from _problems(inner, place + _step(inner))
        case ForbiddenExtraKeysError():
            names = [field.name for field in attrs.fields(error.cl)]
            for key in sorted(map(shown, error.extra_fields)):
                fault = f"is unknown; {nearest(key, names)}"
                yield Problem(pointer=f"{place}/{_escaped(key)}", message=fault)
        case KeyError():
            yield Problem(pointer=place, message="is missing")
        case Misfit():
            yield Problem(pointer=place + error.place, message=str(error))
        case _:
            # Somebody else's class; what its error says may show the value.
            yield Problem(pointer=place, message=f"is refused: {type(error).__name__}")


def _step(error: Exception) -> str:
    """Return the step that leads to where the converter met *error*."""
    for note in getattr(error, "__notes__", ()):
        match note:
            case AttributeValidationNote():
                return f"/{note.name}"
            case IterableValidationNote():
                return f"/{_escaped(shown(note.index))}"
    return ""


def shown(name: object) -> str:
    """Return a name that somebody else wrote, short, with addresses masked."""
    return masked(str(name)[:_MOST_SHOWN])


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
