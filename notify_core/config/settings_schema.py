"""What a provider type's settings schema says of each setting."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any

import attrs

_CONTAINERS = {"object", "array"}
_CONTAINER_KEYWORDS = {"properties", "additionalProperties", "items"}
#: What still holds of a secret when a reference stands in its place.
_SAID_OF_SECRETS = {"title", "description"}
#: Keywords whose schemas apply to the same value.
_LISTS = ("allOf", "anyOf", "oneOf")
_BRANCHES = ("then", "else")
#: Keywords whose schemas apply to what stands in the value.
_CHILDREN = ("properties", "patternProperties")
_CHILD = ("additionalProperties", "items")
#: Keywords that settle what becomes of other keys.
_OPENING = {"additionalProperties", "patternProperties", "unevaluatedProperties"}

Schema = Mapping[str, Any]


@attrs.frozen
class Shape:
    """All that a schema says of one value, by whatever keyword it says it."""

    root: Schema = attrs.field(repr=False)
    schemas: tuple[Schema, ...]

    @classmethod
    def of(cls, root: Schema, schema: Any) -> Shape:
        """Return what *schema*, which stands in *root*, says of its value."""
        return cls(root, tuple(_applied(root, schema, [])))

    def below(self, key: str | int) -> Shape:
        """Return what is said of the value under *key*."""
        found = [
            applied
            for schema in self.schemas
            for child in _children(schema, key)
            for applied in _applied(self.root, child, [])
        ]
        return Shape(self.root, tuple(found))

    @property
    def is_secret(self) -> bool:
        """Whether the value may be told to nobody."""
        return any(schema.get("writeOnly") is True for schema in self.schemas)

    @property
    def is_single(self) -> bool:
        """Whether it is one value: no mapping and no list."""
        return not any(_is_container(schema) for schema in self.schemas)

    @property
    def names(self) -> tuple[str, ...]:
        """The keys that a mapping here may have."""
        names = (
            name for schema in self.schemas for name in schema.get("properties", ())
        )
        return tuple(dict.fromkeys(names))

    @property
    def is_open(self) -> bool:
        """Whether other keys are provided for, or nothing is said of keys at all."""
        said = {keyword for schema in self.schemas for keyword in schema}
        return "properties" not in said or not said.isdisjoint(_OPENING)


def closed(root: Schema) -> dict[str, Any]:
    """Return the schema with every mapping closed to keys that it does not name."""
    root = {"properties": {}, **root}
    made: dict[str, Any] = _rewritten(root, root, _closing)
    return made


def fill_defaults(root: Schema, schema: Schema, value: Any) -> None:
    """Add to *value* what is left out and has a default, in mappings and lists.

    Only a `default` that stands in `properties` counts: one under a condition holds
    for some values and not for others.
    """
    schema = _named(root, schema)
    if isinstance(value, list) and isinstance(schema.get("items"), Mapping):
        for element in value:
            fill_defaults(root, schema["items"], element)
    if not isinstance(value, dict):
        return
    for name, child in schema.get("properties", {}).items():
        if name not in value and "default" in _named(root, child):
            value[name] = deepcopy(_named(root, child)["default"])
        fill_defaults(root, child, value.get(name))


def with_references(root: Schema, reference: str) -> dict[str, Any]:
    """Return the schema of settings as they are written: values or references.

    Args:
        root: The schema of settings as a provider gets them.
        reference: The URI of the schema of a reference.
    """

    def change(shape: Shape, schema: dict[str, Any]) -> dict[str, Any]:
        if not shape.is_single:
            return schema
        if shape.is_secret:
            kept = {key: schema[key] for key in schema if key in _SAID_OF_SECRETS}
            return {**kept, "$ref": reference}
        return {"if": {"type": "object"}, "then": {"$ref": reference}, "else": schema}

    made: dict[str, Any] = _rewritten(root, root, change)
    return made


_Change = Callable[[Shape, dict[str, Any]], dict[str, Any]]


def _closing(shape: Shape, schema: dict[str, Any]) -> dict[str, Any]:
    if shape.is_open:
        return schema
    return {**schema, "propertyNames": {"enum": list(shape.names)}}


def _rewritten(root: Schema, schema: Any, change: _Change) -> Any:
    """Return a copy in which *change* was applied to the schema of each value."""
    copy = _copied(root, schema, change)
    return change(Shape.of(root, schema), copy) if isinstance(copy, dict) else copy


def _copied(root: Schema, schema: Any, change: _Change) -> Any:
    """Return a copy in which *change* was applied to the schemas of what is inside."""
    if not isinstance(schema, Mapping):
        return schema
    return {
        keyword: _copied_keyword(root, keyword, said, change)
        for keyword, said in schema.items()
    }


def _copied_keyword(root: Schema, keyword: str, said: Any, change: _Change) -> Any:
    if keyword in _CHILDREN:
        return {name: _rewritten(root, child, change) for name, child in said.items()}
    if keyword in _CHILD:
        return _rewritten(root, said, change)
    if keyword in _LISTS:
        return [_copied(root, other, change) for other in said]
    if keyword in _BRANCHES:
        return _copied(root, said, change)
    if keyword == "$defs":
        return {name: _copied(root, other, change) for name, other in said.items()}
    return said


def _is_container(schema: Schema) -> bool:
    types = schema.get("type", ())
    named = {types} if isinstance(types, str) else set(types)
    return not _CONTAINERS.isdisjoint(named) or not _CONTAINER_KEYWORDS.isdisjoint(
        schema
    )


def _applied(root: Schema, schema: Any, seen: list[Any]) -> Iterator[Schema]:
    """Yield a schema and all that it applies to the same value."""
    if not isinstance(schema, Mapping) or any(schema is other for other in seen):
        return
    seen.append(schema)
    yield schema
    others = [other for keyword in _LISTS for other in schema.get(keyword, ())]
    others += [schema[keyword] for keyword in _BRANCHES if keyword in schema]
    others += [_referred(root, schema["$ref"])] if "$ref" in schema else []
    for other in others:
        yield from _applied(root, other, seen)


def _named(root: Schema, schema: Any) -> Schema:
    """Return a schema, or the one that it refers to with keywords of its own added."""
    if not isinstance(schema, Mapping):
        return {}
    referred = _referred(root, schema["$ref"]) if "$ref" in schema else {}
    return {**(referred or {}), **schema}


def _referred(root: Schema, reference: str) -> Any:
    """Return what `#/$defs/name` names; None when it is not in the same schema."""
    found: Any = root
    for part in reference.removeprefix("#").split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if reference.startswith("#") else None


def _children(schema: Schema, key: str | int) -> Iterator[Any]:
    if isinstance(key, int):
        yield schema.get("items")
    elif key in schema.get("properties", {}):
        yield schema["properties"][key]
    else:
        yield schema.get("additionalProperties")
