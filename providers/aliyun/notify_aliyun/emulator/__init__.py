"""A server that behaves as the vendor does: `notify emulator aliyun`, or in a test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from notify_aliyun.emulator.server import AliyunEmulator
from notify_aliyun.emulator.settings import (
    DEFAULT_SIGN,
    TEST_ID,
    TEST_SECRET,
    AccountSettings,
    Limits,
    Settings,
)
from notify_aliyun.emulator.templates import DEFAULT_TEMPLATES, Template
from notify_core.testing.emulator import structure

__all__ = [
    "DEFAULT_SIGN",
    "DEFAULT_TEMPLATES",
    "TEST_ID",
    "TEST_SECRET",
    "AccountSettings",
    "AliyunEmulator",
    "Limits",
    "Settings",
    "Template",
    "create_emulator",
]


def create_emulator(options: Mapping[str, Any]) -> AliyunEmulator:
    """Return an emulator, not started, with the settings in *options*.

    Args:
        options: The settings as plain data; `{}` for one account with an OTP template.

    Raises:
        ValueError: With every fault in *options* and its place.
    """
    return AliyunEmulator(structure(options, Settings, "settings"))
