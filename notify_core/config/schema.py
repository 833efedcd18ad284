"""The schema of configurations: the core's own, and with every provider type's in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jsonschema.protocols import Validator

from notify_core.config.schema_faults import schema_faults
from notify_core.config.settings_schema import closed, with_references
from notify_core.plugins import Plugins
from notify_core.policy.policy import PolicyType
from notify_core.policy.schema import CONFIG_SCHEMA
from notify_core.provider import ProviderType
from notify_core.schemas import public_schema, validator

_REFERENCE = f"{CONFIG_SCHEMA}#/$defs/reference"
_POLICY = "https://notify-core.example/schemas/policy/{}.schema.json"
#: The only key of a policy set that null cannot take away.
_EXTENDS = "extends"
#: What editors show of an option.
_SHOWN = ("title", "description", "default", "examples")
_SETTINGS = "https://notify-core.example/schemas/settings/{}.schema.json"


def config_validator(policies: Mapping[str, PolicyType]) -> Validator:
    """Return the check of everything but the providers' settings.

    Args:
        policies: The policy types of plugins, by name.
    """
    schema = public_schema(CONFIG_SCHEMA)
    schema["$defs"] = {**schema["$defs"], **_with_policies(schema, policies)}
    return validator(schema)


def composed_schema(plugins: Plugins) -> dict[str, Any]:
    """Return the schema of a configuration that uses what is installed.

    Editors complete and check with it; `notify schema` prints it. It stands alone.
    """
    types = plugins.provider_types
    schema = public_schema(CONFIG_SCHEMA)
    pool = _with_names(schema["$defs"]["pool"], "strategy", plugins.strategies)
    provider = _with_names(schema["$defs"]["provider"], "type", types)
    provider["allOf"] = [_settings_of(name) for name in sorted(types)]
    settings = {f"settings.{name}": _settings(type_) for name, type_ in types.items()}
    composed = {"pool": pool, "provider": provider, **settings}
    composed |= _with_policies(schema, plugins.policy_types)
    schema["$defs"] = {**schema["$defs"], **composed}
    return schema


def _with_names(
    schema: dict[str, Any], option: str, names: Iterable[str]
) -> dict[str, Any]:
    """Return a schema one of whose options takes these names."""
    options = schema["properties"]
    offered = {**options[option], "enum": sorted(names)}
    return {**schema, "properties": {**options, option: offered}}


def _with_policies(
    schema: dict[str, Any], types: Mapping[str, PolicyType]
) -> dict[str, Any]:
    """Return the definition of a policy set with these types in, and those it names."""
    policy = schema["$defs"]["policy"]
    # What is wrong with a broken one is told where a set uses it.
    sound = {name: t for name, t in types.items() if not schema_faults(t.schema)}
    theirs: dict[str, Any] = {
        name: {"description": type_.summary} for name, type_ in types.items()
    }
    for name in sound:
        theirs[name]["$ref"] = _POLICY.format(name)
    options = {
        name: option if name == _EXTENDS else _or_null(option)
        for name, option in {**policy["properties"], **theirs}.items()
    }
    settings = {
        f"policy.{name}": {**closed(type_.schema), "$id": _POLICY.format(name)}
        for name, type_ in sound.items()
    }
    return {"policy": {**policy, "properties": options}, **settings}


def _or_null(option: dict[str, Any]) -> dict[str, Any]:
    """Let null take away what another set says."""
    kept = {key: option[key] for key in _SHOWN if key in option}
    return {**kept, "if": {"type": "null"}, "else": option}


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
