"""Accounts as they change while the emulator runs."""

from __future__ import annotations

from collections import OrderedDict
from decimal import Decimal

from notify_twilio.emulator.settings import AccountSettings

#: https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out
_STOP = frozenset(
    {"STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"}
)
_START = frozenset({"START", "YES", "UNSTOP"})


class Account:
    """One account: what is left on it, and who said stop."""

    def __init__(self, settings: AccountSettings, keep: int) -> None:
        self.settings = settings
        #: What is left, in the account's currency.
        self.balance = Decimal(settings.balance)
        self._opted_out = OrderedDict.fromkeys(settings.opted_out)
        self._keep = keep

    def opens_with(self, user: str, password: str) -> bool:
        """Whether these are credentials of the account."""
        if self.settings.suspended:
            return False
        if user == self.settings.sid:
            return password == self.settings.auth_token
        return bool(password) and self.settings.api_keys.get(user) == password

    def has_opted_out(self, number: str) -> bool:
        """Whether nothing is sent to *number*."""
        return number in self._opted_out

    def hear(self, number: str, text: str) -> None:
        """Note a keyword in what *number* wrote."""
        word = text.strip().upper()
        if word in _STOP:
            self._opted_out[number] = None
            if len(self._opted_out) > self._keep:
                self._opted_out.popitem(last=False)
        elif word in _START:
            self._opted_out.pop(number, None)
