"""What an engine is given, and the providers that are made of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from random import Random
from typing import cast

import aiohttp
import attrs

from notify_core.clock import Clock
from notify_core.config.snapshot import Snapshot
from notify_core.errors import PluginError
from notify_core.model.event import PluginFailed
from notify_core.outbox.port import DurableOutbox, Outbox
from notify_core.plugins import Plugins
from notify_core.unit import Unit, open_unit


@attrs.frozen(kw_only=True)
class Parts:
    """What an engine is given."""

    plugins: Plugins
    outbox: Outbox
    clock: Clock
    random: Random
    #: The host's HTTP session; None: one of its own for each provider.
    session: aiohttp.ClientSession | None

    @property
    def durable(self) -> DurableOutbox | None:
        """The outbox, if messages in it outlive the process."""
        return cast("DurableOutbox", self.outbox) if self.outbox.durable else None

    async def opened(
        self, snapshot: Snapshot, known: Mapping[str, Unit]
    ) -> dict[str, Unit]:
        """Return a unit for each provider: the known one where nothing changed.

        Raises:
            PluginError: One cannot be made; those that were made are closed then.
        """
        units: dict[str, Unit] = {}
        try:
            for name, settings in snapshot.providers.items():
                unit = known.get(name)
                if unit is None or unit.settings != settings:
                    unit = open_unit(settings, self.clock, self.session)
                units[name] = unit
        except PluginError:
            await self.close(set(units.values()).difference(known.values()))
            raise
        return units

    async def close(self, units: Iterable[Unit]) -> None:
        """Close all, whatever one of them does."""
        for unit in tuple(units):
            try:
                await unit.aclose()
            except Exception as error:  # noqa: BLE001 (a stranger's code must not keep the others open)
                self.tell_failed(unit, "aclose", error)

    def tell_failed(self, unit: Unit, hook: str, error: Exception) -> str:
        """Tell observers that a provider's plugin raised; return what."""
        plugin, kind = unit.settings.type.name, type(error).__name__
        self.plugins.observe(PluginFailed(plugin=plugin, hook=hook, error=kind))
        return kind
