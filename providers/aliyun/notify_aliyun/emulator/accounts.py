"""Accounts as they change while the emulator runs."""

from __future__ import annotations

from notify_aliyun.emulator.limits import NumberLimits
from notify_aliyun.emulator.settings import AccountSettings, Settings


class Account:
    """One AccessKey: its balance, and what the numbers got."""

    def __init__(self, settings: AccountSettings, platform: Settings) -> None:
        self.settings = settings
        #: Messages left.
        self.balance = settings.balance
        self.templates = {template.code: template for template in settings.templates}
        self.limits = NumberLimits(platform.limits, platform.keep)
