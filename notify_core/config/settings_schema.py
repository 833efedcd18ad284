"""The schema of a provider type's settings, made ready for what is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from notify_core.config.shape import BRANCHES, LISTS, Schema, Shape, referred

#: What still holds of a secret when a reference stands in its place.
_SAID_OF_SECRETS = {"title", "description"}
#: Keywords whose schemas apply to what stands in the value.
_CHILDREN = ("properties", "patternProperties")
_CHILD = ("additionalProperties", "items")


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
    if keyword in LISTS:
        return [_copied(root, other, change) for other in said]
    if keyword in BRANCHES:
        return _copied(root, said, change)
    if keyword == "$defs":
        return {name: _copied(root, other, change) for name, other in said.items()}
    return said


def _named(root: Schema, schema: Any) -> Schema:
    """Return a schema, or the one that it refers to with keywords of its own added."""
    if not isinstance(schema, Mapping):
        return {}
    target = referred(root, schema["$ref"]) if "$ref" in schema else None
    return {**(target or {}), **schema}
