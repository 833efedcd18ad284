"""Checks a template's parameters against its JSON Schema.

Most templates take a few short strings. For those the schema is compiled to direct
checks, about a hundred times as fast; whatever fails them, or a schema of another
shape, goes to the schema library, which also words the complaint.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from notify_core.errors import Problem
from notify_core.schemas import exact_pattern, validator

_OBJECT_KEYS = {"type", "properties", "required", "additionalProperties"}
_STRING_KEYS = {"type", "pattern", "minLength", "maxLength", "description", "title"}


class ParamsCheck:
    """The compiled check of one schema."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._validator = validator(schema)
        self._is_plainly_valid = _direct_check(schema)

    def problems(self, params: Mapping[str, Any]) -> list[Problem]:
        """Return every fault, with its pointer below `/params`."""
        if self._is_plainly_valid(params):
            return []
        errors = self._validator.iter_errors(dict(params))
        return [_problem(error) for error in errors]


def allowed(
    schema: Mapping[str, Any], name: str, values: Iterable[Any]
) -> Iterator[Any]:
    """Yield those of *values* that *schema* lets the parameter *name* have."""
    checked = validator(schema)
    for value in values:
        errors = checked.iter_errors({name: value})
        if not any(list(error.absolute_path)[:1] == [name] for error in errors):
            yield value


def _problem(error: Any) -> Problem:
    path = "".join(f"/{part}" for part in error.absolute_path)
    return Problem(pointer=f"/params{path}", message=worded(error))


def worded(error: Any) -> str:
    """Say what is wrong without the value, which may be a verification code."""
    match error.validator:
        case "required":
            return "is missing"
        case "additionalProperties":
            allowed = ", ".join(sorted(error.schema.get("properties", {})))
            return f"has unknown names; there are: {allowed}"
        case _:
            return f"does not satisfy {error.validator}: {error.validator_value!r}"


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
    least, most = schema.get("minLength", 0), schema.get("maxLength", float("inf"))
    found = re.compile(exact_pattern(schema.get("pattern", ""))).search

    def is_valid(value: Any) -> bool:
        return (
            isinstance(value, str)
            and least <= len(value) <= most
            and found(value) is not None
        )

    return is_valid
