"""What a JSON Schema says of each value, by whatever keyword it says it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

_CONTAINERS = {"object", "array"}
_CONTAINER_KEYWORDS = {"properties", "additionalProperties", "items"}
#: Keywords that settle what becomes of keys without a name.
_OPENING = {"additionalProperties", "patternProperties", "unevaluatedProperties"}
#: Keywords whose schemas apply to the same value.
LISTS = ("allOf", "anyOf", "oneOf")
BRANCHES = ("then", "else")

Schema = Mapping[str, Any]


@attrs.frozen
class Shape:
    """All that a schema says of one value."""

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
    others = [other for keyword in LISTS for other in schema.get(keyword, ())]
    others += [schema[keyword] for keyword in BRANCHES if keyword in schema]
    others += [referred(root, schema["$ref"])] if "$ref" in schema else []
    for other in others:
        yield from _applied(root, other, seen)


def _children(schema: Schema, key: str | int) -> Iterator[Any]:
    if isinstance(key, int):
        yield schema.get("items")
    elif key in schema.get("properties", {}):
        yield schema["properties"][key]
    else:
        yield schema.get("additionalProperties")


def referred(root: Schema, reference: str) -> Any:
    """Return what `#/$defs/name` names; None when it is not in the same schema."""
    found: Any = root
    for part in reference.removeprefix("#").split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if reference.startswith("#") else None
