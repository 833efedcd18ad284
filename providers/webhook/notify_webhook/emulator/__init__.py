"""A strict receiver of webhooks: `notify emulator webhook`, or inside a test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from notify_core.testing.emulator import structure
from notify_webhook.emulator.server import WebhookEmulator
from notify_webhook.emulator.settings import TEST_SECRET, Settings

__all__ = ["TEST_SECRET", "Settings", "WebhookEmulator", "create_emulator"]


def create_emulator(options: Mapping[str, Any]) -> WebhookEmulator:
    """Return an emulator, not started, with the settings in *options*.

    Args:
        options: The settings as plain data; `{}` for every endpoint and `TEST_SECRET`.

    Raises:
        ValueError: With every fault in *options* and its place.
    """
    return WebhookEmulator(structure(options, Settings, "settings"))
