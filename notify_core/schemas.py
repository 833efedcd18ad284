"""The public JSON Schemas: where they are, and how they refer to each other."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache, wraps
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend
from referencing import Registry, Resource
from referencing.jsonschema import SchemaRegistry

from notify_core.aside import breathe
from notify_core.patterns import longest_searched


def schema_root() -> Traversable:
    """Return the folder of schemas: the wheel's copy, or the checkout's own."""
    packaged = files("notify_core") / "_schemas"
    return packaged if packaged.is_dir() else Path(__file__).parents[1] / "schemas"


@cache
def registry() -> SchemaRegistry:
    """Return every schema by its `$id`, so that they can refer to each other.

    Nothing else is ever fetched: an unknown reference is an error.
    """
    contents = [_read(file) for file in schema_root().iterdir() if _is_schema(file)]
    resources = [Resource[Any].from_contents(schema) for schema in contents]
    empty: SchemaRegistry = Registry()
    return empty.with_resources(
        (resource.id() or "", resource) for resource in resources
    )


def public_schema(identifier: str) -> dict[str, Any]:
    """Return the schema with this `$id`."""
    schema: Any = registry().contents(identifier)
    return dict(schema)


def package_schema(package: str, name: str = "settings") -> dict[str, Any]:
    """Return the schema that a plugin ships as `<name>.schema.json` in *package*."""
    return _read(files(package) / f"{name}.schema.json")


def validator(schema: Mapping[str, Any]) -> Validator:
    """Return a validator of JSON Schema 2020-12, as its authors meant it.

    A `$` at the end of a pattern is the end of the text, not a newline before it; a
    text that would take too long to search matches no pattern; a missing key is
    reported at its own path; references lead to our schemas only.
    """
    made: Validator = _Validator(schema, registry=registry())
    return made


def _pattern(
    checked: Validator, pattern: str, instance: Any, _: Any
) -> Iterator[ValidationError]:
    if checked.is_type(instance, "string") and not found(pattern, instance):
        yield ValidationError("does not match")


def found(pattern: str, text: str) -> bool:
    """Tell whether a text matches; one that would take too long to search does not."""
    if len(text) > longest_searched(pattern):
        return False
    return re.search(exact_pattern(pattern), text) is not None


def unknown_names(error: Any) -> Iterator[str]:
    """Yield the keys that a complaint of `additionalProperties` is about.

    Args:
        error: The `ValidationError`, whose fields are typed as if they might be unset.
    """
    known = error.schema.get("properties", {})
    patterns = error.schema.get("patternProperties", {})
    for key in error.instance:
        if key not in known and not any(re.search(p, key) for p in patterns):
            yield key


def exact_pattern(pattern: str) -> str:
    """Return a pattern whose `$` at the end is the end of the text."""
    body = pattern.removesuffix("$")
    is_escaped = (len(body) - len(body.rstrip("\\"))) % 2
    return pattern if body == pattern or is_escaped else rf"{body}\Z"


def _required(
    checked: Validator, required: list[str], instance: Any, _: Any
) -> Iterator[ValidationError]:
    if checked.is_type(instance, "object"):
        for name in required:
            if name not in instance:
                yield ValidationError("is missing", path=[name])


def _breathing(keyword: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(keyword)
    def check(*given: Any) -> Any:
        breathe()
        return keyword(*given)

    return check


_KEYWORDS: Mapping[str, Any] = Draft202012Validator.VALIDATORS
_Validator: Any = extend(  # type: ignore[no-untyped-call]  # the stubs' omission
    Draft202012Validator,
    {
        **{name: _breathing(keyword) for name, keyword in _KEYWORDS.items()},
        "pattern": _pattern,
        "required": _required,
    },
)


def _is_schema(file: Traversable) -> bool:
    return file.name.endswith(".json")


def _read(file: Traversable) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return schema
