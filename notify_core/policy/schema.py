"""Where the schemas of the built-in policies stand: in that of configurations."""

from __future__ import annotations

from typing import Any

from notify_core.schemas import public_schema

CONFIG_SCHEMA = "https://notify-core.example/schemas/config.schema.json"


def built_in_schema(name: str) -> dict[str, Any]:
    """Return the schema of a built-in policy's settings, as a reference."""
    return {"$ref": f"{CONFIG_SCHEMA}#/$defs/policy/properties/{name}"}


def own_keys() -> frozenset[str]:
    """Return the keys of a policy set that are notify-core's own."""
    return frozenset(public_schema(CONFIG_SCHEMA)["$defs"]["policy"]["properties"])
