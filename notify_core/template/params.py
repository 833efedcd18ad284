"""Checks a template's parameters against its JSON Schema.

Most templates take a few short strings. For those the schema is compiled to direct
checks, about a hundred times as fast; whatever fails them, or a schema of another
shape, goes to the schema library, which also words the complaint.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from notify_core.errors import Problem
from notify_core.model.masking import masked
from notify_core.names import nearest
from notify_core.patterns import LONGEST_SEARCHED, longest_searched
from notify_core.schemas import exact_pattern, unknown_names, validator

_OBJECT_KEYS = {"type", "properties", "required", "additionalProperties"}
_STRING_KEYS = {"type", "pattern", "minLength", "maxLength", "description", "title"}

#: What a value is called in JSON.
_KINDS = (
    (bool, "boolean"),
    (int | float, "number"),
    (str, "string"),
    (Mapping, "object"),
    (list | tuple, "array"),
)
#: Of the names that a template does not have, and of the letters of each.
_MOST_TOLD = 20
_MOST_SHOWN = 64


class ParamsCheck:
    """The compiled check of one schema."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._validator = validator(schema)
        self._is_plainly_valid = _direct_check(schema)
        self._searches_names = "patternProperties" in repr(schema)

    def problems(self, params: Mapping[str, Any]) -> list[Problem]:
        """Return every fault, with its pointer below `/params`."""
        if self._is_plainly_valid(params):
            return []
        if self._searches_names and (long := list(_long_names(params, "/params"))):
            return long
        errors = self._validator.iter_errors(dict(params))
        return [problem for e in errors for problem in complaints(e, "/params")]


def allowed(
    schema: Mapping[str, Any], name: str, values: Iterable[Any]
) -> Iterator[Any]:
    """Yield those of *values* that *schema* lets the parameter *name* have."""
    checked = validator(schema)
    for value in values:
        errors = checked.iter_errors({name: value})
        if not any(list(error.absolute_path)[:1] == [name] for error in errors):
            yield value


def complaints(error: Any, pointer: str) -> Iterator[Problem]:
    """Yield what a complaint of the schema library amounts to, without any value.

    A value may be a verification code. Of unknown names, each is told.

    Args:
        error: A `ValidationError`.
        pointer: JSON pointer to the value that was checked.
    """
    place = pointer + "".join(f"/{_step(part)}" for part in error.absolute_path)
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", ())
        for name in islice(map(_short, unknown_names(error)), _MOST_TOLD):
            message = f"is unknown; {nearest(name, known)}"
            yield Problem(pointer=f"{place}/{_step(name)}", message=message)
    else:
        yield Problem(pointer=place, message=_worded(error))


def _long_names(value: Any, pointer: str) -> Iterator[Problem]:
    """Yield the names in which no `patternProperties` is to be looked for."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            place = f"{pointer}/{_step(_short(str(name)))}"
            if len(str(name)) > LONGEST_SEARCHED:
                why = f"is a name of more than {LONGEST_SEARCHED} characters"
                yield Problem(pointer=place, message=why)
            yield from _long_names(inner, place)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _long_names(inner, f"{pointer}/{index}")


def _worded(error: Any) -> str:
    if error.validator == "required":
        return "is missing"
    if error.validator == "pattern":
        most = longest_searched(error.validator_value)
        if len(error.instance) > most:
            return f"is longer than {most} characters, too long to look for its pattern"
    if error.validator == "type":
        return _mistyped(error.instance, error.validator_value)
    return f"does not satisfy {error.validator}: {error.validator_value!r}"


def _mistyped(found: Any, types: str | list[str]) -> str:
    """Word a value of a wrong type, which is not shown."""
    wanted = types if isinstance(types, str) else " or ".join(types)
    name = next((name for kind, name in _KINDS if isinstance(found, kind)), "null")
    is_unquoted = name == "number" and "string" in types
    return f"is {name}, not {wanted}" + (": put it in quotes" if is_unquoted else "")


def _short(name: str) -> str:
    """Return a name that somebody else wrote, with addresses masked."""
    return masked(name[:_MOST_SHOWN])


def _step(part: str | int) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


def _direct_check(schema: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], bool]:
    properties = schema.get("properties", {})
    is_flat = set(schema) <= _OBJECT_KEYS and schema.get("type") == "object"
    if not is_flat or schema.get("additionalProperties", True) is not False:
        return lambda _: False
    checks = {name: _string_check(value) for name, value in properties.items()}
    required = frozenset(schema.get("required", ()))
    usable = {name: check for name, check in checks.items() if check is not None}

    def is_valid(params: Mapping[str, Any]) -> bool:
        for name, value in params.items():
            check = usable.get(name)
            if check is None or not check(value):
                return False
        return params.keys() >= required

    return is_valid


def _string_check(schema: Any) -> Callable[[Any], bool] | None:
    if not isinstance(schema, Mapping) or schema.get("type") != "string":
        return None
    if not set(schema) <= _STRING_KEYS:
        return None
    pattern = schema.get("pattern")
    least, most = schema.get("minLength", 0), schema.get("maxLength", float("inf"))
    if pattern is not None:
        most = min(most, longest_searched(pattern))
    found = re.compile(exact_pattern(pattern or "")).search

    def is_valid(value: Any) -> bool:
        return (
            isinstance(value, str)
            and least <= len(value) <= most
            and found(value) is not None
        )

    return is_valid
