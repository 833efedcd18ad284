"""A mail server that catches mails: `notify emulator smtp`, or inside a test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from notify_core.testing.emulator import structure
from notify_smtp.emulator.server import SmtpEmulator
from notify_smtp.emulator.settings import AccountSettings, Settings

__all__ = ["AccountSettings", "Settings", "SmtpEmulator", "create_emulator"]


def create_emulator(options: Mapping[str, Any]) -> SmtpEmulator:
    """Return an emulator, not started, with the settings in *options*.

    Args:
        options: The settings as plain data; `{}` takes everything from everybody.

    Raises:
        ValueError: With every fault in *options* and its place.
    """
    return SmtpEmulator(structure(options, Settings, "settings"))
