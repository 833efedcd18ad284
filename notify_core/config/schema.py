"""The schema of configurations: the core's own, and with every provider type's in."""

from __future__ import annotations

from functools import cache
from typing import Any

from jsonschema.protocols import Validator

from notify_core.config.settings_schema import closed, with_references
from notify_core.plugins import Plugins
from notify_core.provider import ProviderType
from notify_core.schemas import public_schema, validator

CONFIG_SCHEMA = "https://notify-core.example/schemas/config.schema.json"
_REFERENCE = f"{CONFIG_SCHEMA}#/$defs/reference"
_SETTINGS = "https://notify-core.example/schemas/settings/{}.schema.json"


@cache
def config_validator() -> Validator:
    """Return the check of everything but the providers' settings."""
    return validator(public_schema(CONFIG_SCHEMA))


def composed_schema(plugins: Plugins) -> dict[str, Any]:
    """Return the schema of a configuration that uses what is installed.

    Editors complete and check with it; `notify schema` prints it. It stands alone.
    """
    types = plugins.provider_types
    schema = public_schema(CONFIG_SCHEMA)
    provider = dict(schema["$defs"]["provider"])
    offered = {**provider["properties"]["type"], "enum": sorted(types)}
    provider["properties"] = {**provider["properties"], "type": offered}
    provider["allOf"] = [_settings_of(name) for name in sorted(types)]
    settings = {f"settings.{name}": _settings(type_) for name, type_ in types.items()}
    schema["$defs"] = {**schema["$defs"], "provider": provider, **settings}
    return schema


def _settings_of(name: str) -> dict[str, Any]:
    """Say that a provider of a type has the settings of that type."""
    settings = {"$ref": _SETTINGS.format(name)}
    return {
        "if": {"required": ["type"], "properties": {"type": {"const": name}}},
        "then": {"properties": {"settings": settings}},
    }


def _settings(type_: ProviderType) -> dict[str, Any]:
    as_written = with_references(closed(type_.settings_schema), _REFERENCE)
    return {**as_written, "$id": _SETTINGS.format(type_.name)}
