"""Shows messages where a developer sees them instead of sending them."""

from __future__ import annotations

import json
from importlib.resources import files

from notify_console.provider import ConsoleProvider
from notify_core import hookimpl
from notify_core.model.channel import Channel
from notify_core.provider import Capabilities, ProviderType, TextMode


@hookimpl
def notify_register_providers() -> tuple[ProviderType, ...]:
    """Offer the provider type `console`."""
    schema = files("notify_console").joinpath("settings.schema.json")
    return (
        ProviderType(
            name="console",
            summary="Prints or logs the message instead of sending it",
            capabilities=Capabilities(channels=frozenset(Channel), text=TextMode.FREE),
            settings_schema=json.loads(schema.read_text("utf-8")),
            create=ConsoleProvider,
            account_key=lambda settings: f"console:{settings['target']}",
        ),
    )
