"""Makes the emulator of an installed provider type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from notify_core.errors import ConfigurationError
from notify_core.names import nearest
from notify_core.plugins import Plugins
from notify_core.provider import ProviderType
from notify_core.testing.emulator import Emulator

#: The option of every emulator that says where the vendor pushes to.
PUSH_URL = "push_url"


def installed_type(plugins: Plugins, name: str) -> ProviderType:
    """Return the provider type of that name.

    Raises:
        ConfigurationError: There is none; names the nearest.
    """
    types = plugins.provider_types
    if name not in types:
        hint = nearest(name, types)
        raise ConfigurationError(f"no provider type {name!r} is installed; {hint}")
    return types[name]


def new_emulator(kind: ProviderType, options: Mapping[str, Any]) -> Emulator:
    """Make an emulator, not started.

    Raises:
        ConfigurationError: The type has none, or the options are not its.
    """
    if kind.emulator is None:
        raise ConfigurationError(f"provider type {kind.name!r} has no emulator")
    try:
        return kind.make_emulator(options)
    except ValueError as error:
        raise ConfigurationError(f"emulator of {kind.name!r}: {error}") from error
