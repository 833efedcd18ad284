"""A server that behaves as ihuyi does: `notify emulator ihuyi`, or inside a test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from notify_core.testing.emulator import structure
from notify_ihuyi.emulator.server import IhuyiEmulator
from notify_ihuyi.emulator.settings import (
    DEFAULT_SIGNATURE,
    TEST_ACCOUNT,
    TEST_APIKEY,
    AccountSettings,
    Limits,
    Settings,
    load_settings,
)
from notify_ihuyi.emulator.templates import DEFAULT_TEMPLATE, Template

__all__ = [
    "DEFAULT_SIGNATURE",
    "DEFAULT_TEMPLATE",
    "TEST_ACCOUNT",
    "TEST_APIKEY",
    "AccountSettings",
    "IhuyiEmulator",
    "Limits",
    "Settings",
    "Template",
    "create_emulator",
    "load_settings",
]


def create_emulator(options: Mapping[str, Any]) -> IhuyiEmulator:
    """Return an emulator, not started, with the settings in *options*.

    Args:
        options: The settings as plain data; `{}` for the vendor's test account.

    Raises:
        ValueError: With every fault in *options* and its place.
    """
    return IhuyiEmulator(structure(options, Settings, "settings"))
