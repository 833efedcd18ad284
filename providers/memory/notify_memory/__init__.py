"""Keeps messages in the process instead of sending them."""

from __future__ import annotations

from notify_core import hookimpl
from notify_core.model.channel import Channel
from notify_core.provider import Capabilities, ProviderType, TextMode
from notify_core.schemas import package_schema
from notify_memory.provider import MemoryProvider

__all__ = ["MemoryProvider", "notify_register_providers"]


@hookimpl
def notify_register_providers() -> tuple[ProviderType, ...]:
    """Offer the provider type `memory`."""
    return (
        ProviderType(
            name="memory",
            summary="Keeps messages in the process instead of sending them",
            capabilities=Capabilities(channels=frozenset(Channel), text=TextMode.FREE),
            settings_schema=package_schema("notify_memory"),
            create=MemoryProvider,
            account_key=lambda _: "memory",
        ),
    )
