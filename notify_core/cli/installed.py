"""Which distribution brought which provider type."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points

import attrs

from notify_core.plugins import PROJECT, Plugins
from notify_core.provider import Capabilities, ProviderType


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
    points = tuple(entry_points(group=PROJECT))
    for kind in sorted(plugins.provider_types.values(), key=lambda kind: kind.name):
        dist = next((p.dist for p in points if _is_home(p, kind)), None)
        yield InstalledType(
            name=kind.name,
            summary=kind.summary,
            distribution=dist.name if dist else None,
            version=dist.version if dist else None,
            capabilities=kind.capabilities,
            emulator=kind.emulator is not None,
            demo=kind.demo is not None,
        )


def _is_home(point: EntryPoint, kind: ProviderType) -> bool:
    """Tell whether a type's providers are made in the package of an entry point."""
    made_in: str = getattr(kind.create, "__module__", "")
    return point.module.partition(".")[0] == made_in.partition(".")[0]
