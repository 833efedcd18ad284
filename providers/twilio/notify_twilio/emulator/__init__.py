"""A server that behaves as Twilio does: `notify emulator twilio`, or inside a test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from notify_core.testing.emulator import structure
from notify_twilio.emulator.server import TwilioEmulator
from notify_twilio.emulator.settings import (
    TEST_ACCOUNT,
    TEST_SENDER,
    TEST_SERVICE,
    TEST_TOKEN,
    AccountSettings,
    Settings,
)

__all__ = [
    "TEST_ACCOUNT",
    "TEST_SENDER",
    "TEST_SERVICE",
    "TEST_TOKEN",
    "AccountSettings",
    "Settings",
    "TwilioEmulator",
    "create_emulator",
]


def create_emulator(options: Mapping[str, Any]) -> TwilioEmulator:
    """Return an emulator, not started, with the settings in *options*.

    Args:
        options: The settings as plain data; `{}` for one account, as Twilio's own
            examples print it.

    Raises:
        ValueError: With every fault in *options* and its place.
    """
    return TwilioEmulator(structure(options, Settings, "settings"))
