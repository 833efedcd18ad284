"""Accounts as they change while the emulator runs."""

from __future__ import annotations

from collections import OrderedDict
from ipaddress import ip_address, ip_network

from notify_ihuyi.emulator.limits import NumberLimits
from notify_ihuyi.emulator.products import PRODUCTS, Product
from notify_ihuyi.emulator.settings import AccountSettings, Settings
from notify_ihuyi.emulator.templates import Template


class Account:
    """One account: its balance, templates, blacklist and the numbers it used."""

    def __init__(self, settings: AccountSettings, platform: Settings) -> None:
        self.settings = settings
        #: Which product it is for.
        self.product: Product = PRODUCTS[settings.product]
        #: Messages left.
        self.balance = settings.balance
        #: The filed templates by id.
        self.templates: dict[str, Template] = {t.id: t for t in settings.templates}
        self.limits = NumberLimits(platform.limits, platform.keep)
        self._blacklist = frozenset(settings.blacklist)
        self._blocked: OrderedDict[str, None] = OrderedDict()
        self._keep = platform.keep

    def blocks(self, number: str) -> bool:
        """Whether *number* is on the account's blacklist."""
        return number in self._blacklist or number in self._blocked

    def block(self, number: str) -> None:
        """Put *number* on the blacklist, and release the oldest beyond the bound."""
        self._blocked[number] = None
        if len(self._blocked) > self._keep:
            self._blocked.popitem(last=False)

    def approved(self) -> list[Template]:
        """Return the templates that may be used."""
        return [t for t in self.templates.values() if t.approved]


def within(address: str, networks: tuple[str, ...]) -> bool:
    """Whether *address* lies in one of *networks*."""
    return bool(networks) and any(
        ip_address(address) in ip_network(network) for network in networks
    )
