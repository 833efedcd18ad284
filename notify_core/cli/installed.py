"""Which distribution brought which provider type."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import entry_points

import attrs

from notify_core.plugins import PROJECT, Plugins
from notify_core.provider import Capabilities


@attrs.frozen(kw_only=True)
class InstalledType:
    """A provider type, and where it comes from."""

    #: What `type:` says in a configuration.
    name: str
    #: One sentence.
    summary: str
    #: Name of the distribution; None when the type comes from no entry point.
    distribution: str | None
    #: Its version.
    version: str | None
    #: What its accounts can do at most.
    capabilities: Capabilities
    #: Whether `notify emulator` can play its vendor.
    emulator: bool
    #: Whether `notify demo` can play its exchange.
    demo: bool


def installed_types(plugins: Plugins) -> Iterator[InstalledType]:
    """Yield every provider type on offer, by name."""
    homes = {point.name: point.dist for point in entry_points(group=PROJECT)}
    for kind in sorted(plugins.provider_types.values(), key=lambda kind: kind.name):
        dist = homes.get(plugins.offered_by[kind.name])
        yield InstalledType(
            name=kind.name,
            summary=kind.summary,
            distribution=dist.name if dist else None,
            version=dist.version if dist else None,
            capabilities=kind.capabilities,
            emulator=kind.emulator is not None,
            demo=kind.demo is not None,
        )
