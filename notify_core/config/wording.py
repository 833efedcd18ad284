"""Says in plain words what a schema library complains about.

The library's own messages quote values, and a value may be a secret. These show one
only where a single value stands in the configuration itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import attrs

from notify_core.config.document import GivenSecret, below
from notify_core.config.secrets import Referenced
from notify_core.names import nearest
from notify_core.schemas import exact_pattern, unknown_names
from notify_core.secret import Secret
from notify_core.urls import masked_url, names_user

#: A `jsonschema.ValidationError`, whose fields are typed as if they might be unset.
Complaint = Any

_SHOWN_LENGTH = 60
#: What is wrong with `http://user:password@host`.
USER_IN_URL = "user and password do not belong in it: take them out"
_CONTAINERS = {"object", "array"}
_KINDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}
_KINDS_OF_VALUES = (
    (bool, "a truth value"),
    (Secret | GivenSecret, "a Secret"),
    (dict, "a mapping"),
    (list, "a list"),
    (str, "a text"),
    (int | float, "a number"),
)


@attrs.frozen(kw_only=True)
class Fault:
    """One thing wrong with a value that a schema describes."""

    #: JSON pointer from the value that was checked.
    pointer: str
    message: str
    #: The key is at fault, not what stands behind it.
    at_key: bool = False


def faults(error: Complaint) -> Iterator[Fault]:
    """Yield what a complaint amounts to: one fault for each key at fault."""
    pointer = ""
    for key in error.absolute_path:
        pointer = below(pointer, key)
    if _is_of_name(error):
        key, message = error.instance, _of_name(error)
        yield Fault(pointer=below(pointer, key), message=message, at_key=True)
    elif error.validator in ("additionalProperties", "unevaluatedProperties"):
        known = [*error.schema.get("properties", ()), *_titles_of_patterns(error)]
        for key in unknown_names(error):
            message = f"is unknown; {nearest(key, known)}"
            yield Fault(pointer=below(pointer, key), message=message, at_key=True)
    else:
        at_key = error.validator in ("required", "minProperties", "maxProperties")
        yield Fault(pointer=pointer, message=_worded(error), at_key=at_key)


def shown(value: Any) -> str:
    """Return a value as a message may show it."""
    match value:
        case Referenced():
            return f"what {value.source} holds"
        case str():
            text = masked_url(value)
            is_long = len(text) > _SHOWN_LENGTH
            return repr(text[:_SHOWN_LENGTH]) + "…" * is_long
        case int() | float() if not isinstance(value, bool):
            return repr(value)
        case bool():
            return "true" if value else "false"
    return _kind(value)


def written(value: Any) -> str:
    """Return an example as it would be written in YAML."""
    match value:
        case dict():
            return "{" + ", ".join(f"{k}: {written(v)}" for k, v in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(written, value)) + "]"
        case bool() | None:
            return shown(value)
    return str(value)


def _kind(value: Any) -> str:
    for kind, name in _KINDS_OF_VALUES:
        if isinstance(value, kind):
            return name
    return "null"


def _is_of_name(error: Complaint) -> bool:
    """Whether a key was checked: by the keyword, not a property of the same name."""
    path = list(error.absolute_schema_path)
    pairs = zip(["", *path], path, strict=False)
    return any(
        key == "propertyNames" != before != "properties" for before, key in pairs
    )


def _of_name(error: Complaint) -> str:
    """Word a fault of a key: the key is the value that was checked."""
    title = error.schema.get("title")
    if error.validator == "enum":
        what = f"is no {title}" if title else "is unknown"
        return f"{what}; {nearest(error.instance, error.validator_value)}"
    return f"is no {title or 'name that is allowed here'}"


def _titles_of_patterns(error: Complaint) -> list[str]:
    """Return what keys of a pattern are called, as `labels.<name>`."""
    described = error.schema.get("patternProperties", {}).values()
    return [schema["title"] for schema in described if "title" in schema]


def _worded(error: Complaint) -> str:
    if error.validator in ("anyOf", "oneOf"):
        # Of the forms that it might have, the one it comes near to.
        near = [other for other in error.context if other.validator != "type"]
        error = near[0] if len(near) == 1 and not near[0].path else error
    word = _WORDS.get(error.validator)
    if word is None:
        return f"{shown(error.instance)} does not satisfy {error.validator or 'false'}"
    return word(error)


def _type(error: Complaint) -> str:
    given, wanted = error.instance, _wanted(error)
    if given is None:
        return f"has no value; {wanted} belongs here{_example(error)}"
    is_container = _CONTAINERS.issuperset(_types(error))
    if _is_unquoted(error):
        quoted = f"put it in quotes: '{written(given)}'"
        return f"{shown(given)} is {_kind(given)}, not {wanted}; {quoted}"
    if "title" in error.schema:
        # A text in the place of a mapping may be a misplaced secret: not shown.
        what = _kind(given) if is_container else shown(given)
        return f"{what} is no {error.schema['title']}{_example(error)}"
    if is_container:
        return f"must be {wanted}, not {_kind(given)}"
    return f"{shown(given)} is not {wanted}"


def _is_unquoted(error: Complaint) -> bool:
    """Whether a text was written that YAML reads as something else."""
    is_of_text = {"string"} == {*_types(error)} - {"null"}
    if not is_of_text or not isinstance(error.instance, bool | int | float):
        return False
    if "title" not in error.schema:
        return True
    pattern = error.schema.get("pattern", "(?!)")
    return re.search(exact_pattern(pattern), written(error.instance)) is not None


def _types(error: Complaint) -> list[str]:
    types: str | list[str] = error.validator_value
    return [types] if isinstance(types, str) else types


def _wanted(error: Complaint) -> str:
    return " or ".join(_KINDS[name] for name in _types(error))


def _example(error: Complaint) -> str:
    example = written(error.schema.get("examples", [""])[0])
    is_short = 0 < len(example) <= _SHOWN_LENGTH
    return f"; write for example {example}" if is_short else ""


def _pattern(error: Complaint) -> str:
    given = error.instance
    if "title" in error.schema:
        remedy = f"; {USER_IN_URL}" if names_user(given) else _example(error)
        return f"{shown(given)} is no {error.schema['title']}{remedy}"
    return f"{shown(given)} does not match {error.validator_value}"


def _enum(error: Complaint) -> str:
    given, names = error.instance, [written(name) for name in error.validator_value]
    # Of what is never shown, not even what it comes near to is told.
    if isinstance(given, str) and not isinstance(given, Referenced):
        return f"{shown(given)} is unknown; {nearest(given, names)}"
    return f"{shown(given)} is none of {', '.join(names)}"


def _const(error: Complaint) -> str:
    return f"must be {written(error.validator_value)}, not {shown(error.instance)}"


def _bound(words: str) -> Callable[[Complaint], str]:
    return lambda error: f"{shown(error.instance)} is {words} {error.validator_value}"


def _size(words: str) -> Callable[[Complaint], str]:
    def word(error: Complaint) -> str:
        return words.format(error.validator_value) if error.instance else "is empty"

    return word


_WORDS: dict[Any, Callable[[Complaint], str]] = {
    "type": _type,
    "pattern": _pattern,
    "enum": _enum,
    "const": _const,
    "required": lambda _: "is missing",
    "minimum": _bound("less than"),
    "maximum": _bound("more than"),
    "exclusiveMinimum": _bound("not more than"),
    "exclusiveMaximum": _bound("not less than"),
    "minLength": _size("is shorter than {} characters"),
    "maxLength": _size("is longer than {} characters"),
    "minItems": _size("has fewer than {} elements"),
    "maxItems": _size("has more than {} elements"),
    "minProperties": _size("has fewer than {} keys"),
    "maxProperties": _size("has more than {} keys"),
    "uniqueItems": lambda _: "names something twice",
    "dependentRequired": lambda error: str(error.message),
}
