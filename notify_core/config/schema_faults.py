"""What is wrong with a JSON Schema that somebody wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

import attrs
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012, SchemaRegistry

from notify_core.aside import breathe
from notify_core.config.document import below
from notify_core.config.wording import Fault, faults, shown

#: What stands under these is data, not schema.
_DATA = {"const", "default", "enum", "examples"}


def schema_faults(schema: Mapping[str, Any]) -> list[Fault]:
    """Return everything that is no JSON Schema 2020-12.

    References are followed within the schema; nothing is ever fetched.
    """
    breathe()
    return list(_faults(_Written(repr(schema), schema)))


@attrs.frozen
class _Written:
    """A schema, and the text that tells it from others."""

    text: str
    schema: Mapping[str, Any] = attrs.field(eq=False, repr=False)


@lru_cache(maxsize=256)
def _faults(written: _Written) -> tuple[Fault, ...]:
    # Most of what a reload would cost: plugins' schemas are the same each time.
    schema = written.schema
    errors = _metaschema().iter_errors(schema)
    found = [fault for error in errors for fault in faults(error)]
    return tuple([*found, *_pattern_faults(schema)] or _reference_faults(schema))


@cache
def _metaschema() -> Draft202012Validator:
    return Draft202012Validator(Draft202012Validator.META_SCHEMA)


def patterns(schema: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield every regular expression of a schema, with its JSON pointer."""
    for place, part in _parts(schema, ""):
        if isinstance(said := part.get("pattern"), str):
            yield below(place, "pattern"), said
        if isinstance(named := part.get("patternProperties"), Mapping):
            yield from ((below(place, "patternProperties"), name) for name in named)


def _pattern_faults(schema: Mapping[str, Any]) -> Iterator[Fault]:
    for place, pattern in patterns(schema):
        why = _why_no_pattern(pattern)
        if why is not None:
            message = f"{shown(pattern)} is no regular expression: {why}"
            yield Fault(pointer=place, message=message)


def _why_no_pattern(pattern: str) -> str | None:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return str(error)
    return None


def _reference_faults(schema: Mapping[str, Any]) -> Iterator[Fault]:
    registry: SchemaRegistry = Registry()
    resolver = registry.resolver_with_root(DRAFT202012.create_resource(schema))
    for place, part in _parts(schema, ""):
        reference = part.get("$ref")
        if not isinstance(reference, str):
            continue
        try:
            resolver.lookup(reference)
        except Unresolvable:
            message = f"{shown(reference)} is nowhere in this schema"
            yield Fault(pointer=below(place, "$ref"), message=message)


def _parts(schema: Any, pointer: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every mapping in a schema, with its JSON pointer."""
    if isinstance(schema, list):
        for index, element in enumerate(schema):
            yield from _parts(element, below(pointer, index))
    if isinstance(schema, Mapping):
        yield pointer, schema
        for key, value in schema.items():
            if key not in _DATA:
                yield from _parts(value, below(pointer, key))
