"""The options of the published schema, each with the way to it.

A way is `policies.*.limits[].over`: `*` stands for any name, `[]` for any element.
What a route below another one says is written as what the first one says.
Where one or a list of the like may stand, the options are those of the one.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from notify_core.policy.schema import CONFIG_SCHEMA
from notify_core.schemas import public_schema

Schema = Mapping[str, Any]

_SINGLE = {"string", "number", "integer", "boolean"}
#: Keywords below which schemas of the same value stand.
_BRANCHES = ("allOf", "anyOf", "oneOf", "if", "then", "else")


@attrs.frozen
class Option:
    """A value that a configuration may have."""

    way: str
    #: Whether it can be left out alone.
    required: bool


def options() -> dict[str, Option]:
    """Return every option of the schema by its way."""
    schema = public_schema(CONFIG_SCHEMA)
    walk = _Walk(schema["$defs"])
    return {option.way: option for option in walk.below(schema, "", (), required=True)}


@attrs.frozen
class _Walk:
    definitions: Schema

    def below(
        self, schema: Schema, way: str, through: tuple[str, ...], *, required: bool
    ) -> Iterator[Option]:
        """Yield the option at a way, if it is one, and those below it."""
        found = self._facets(schema, through)
        facets = [facet for facet, _ in found]
        elements = [(f["items"], led) for f, led in found if "items" in f]
        if way and (
            _is_single(facets)
            or _is_anything(facets)
            or any(self._ends_in(*element) for element in elements)
        ):
            yield Option(way, required)
        if _is_anything(facets):
            return
        needed = {key for facet in facets for key in facet.get("required", ())}
        for facet, led in found:
            for key, value in _named(facet):
                below = f"{way}.{key}".removeprefix(".")
                yield from self.below(value, below, led, required=key in needed)
        alone = {reference for _, led in found for reference in led}
        for element, led in elements:
            if element.get("$ref") not in alone:
                yield from self._of_elements(element, f"{way}[]", led)

    def _of_elements(
        self, element: Schema, way: str, through: tuple[str, ...]
    ) -> Iterator[Option]:
        for option in self.below(element, way, through, required=True):
            if option.way != way:
                yield option

    def _ends_in(self, element: Schema, through: tuple[str, ...]) -> bool:
        """Whether a list is an option as a whole: of single values, or of its like."""
        if self._is_recursive(element, through):
            return True
        return _is_single([facet for facet, _ in self._facets(element, through)])

    def _is_recursive(self, schema: Schema, through: tuple[str, ...]) -> bool:
        return schema.get("$ref") in through

    def _facets(
        self, schema: Schema, through: tuple[str, ...]
    ) -> list[tuple[Schema, tuple[str, ...]]]:
        """Return all schemas of one value, each with the references that led to it."""
        found = [(schema, through)]
        if (reference := schema.get("$ref")) is not None and reference not in through:
            target = self.definitions[reference.removeprefix("#/$defs/")]
            found += self._facets(target, (*through, reference))
        for keyword in _BRANCHES:
            inside = schema.get(keyword, [])
            for branch in inside if isinstance(inside, list) else [inside]:
                found += self._facets(branch, through)
        return found


def _named(facet: Schema) -> Iterator[tuple[str, Schema]]:
    """Yield what stands under names, each with its schema."""
    yield from facet.get("properties", {}).items()
    if isinstance(facet.get("additionalProperties"), dict):
        yield "*", facet["additionalProperties"]
    for pattern in facet.get("patternProperties", {}).values():
        if "title" in pattern:  # the others only narrow what has a name
            yield pattern["title"].replace("<name>", "*"), pattern


def _types(facets: list[Schema]) -> set[str]:
    said = [facet.get("type", ()) for facet in facets]
    return {t for one in said for t in ([one] if isinstance(one, str) else one)}


def _is_single(facets: list[Schema]) -> bool:
    is_listed = any("enum" in facet or "const" in facet for facet in facets)
    return is_listed or not _SINGLE.isdisjoint(_types(facets))


def _is_anything(facets: list[Schema]) -> bool:
    """Whether it is a mapping whose keys are not said here."""
    is_open = not any("additionalProperties" in facet for facet in facets)
    return is_open and _types(facets) == {"object"}
