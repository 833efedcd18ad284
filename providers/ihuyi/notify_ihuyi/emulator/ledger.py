"""Charge accepted messages, number them, and give back what failed."""

from __future__ import annotations

from itertools import count

import attrs

from notify_core.testing.emulator import Arrival
from notify_ihuyi.emulator.accounts import Account
from notify_ihuyi.emulator.calls import Call
from notify_ihuyi.emulator.settings import Settings

#: Coprime to 10**10, so that the serial numbers look random and never repeat.
_STRIDE = 2_654_435_761
_SERIALS = 10**10


def signed_text(call: Call) -> str:
    """Return the text as the handset shows it."""
    if not (call.product.signed and call.account):
        return call.text
    signature = f"【{call.account.settings.signature}】"
    if call.settings.signature_place == "end":
        return call.text + signature
    return signature + call.text


def segments(text: str, settings: Settings) -> int:
    """Return how many messages *text* is charged as: 70 characters, then 67 a part."""
    if len(text) <= settings.segment_length:
        return 1
    return -(-len(text) // settings.part_length)


def cost(call: Call) -> int:
    """Return how many messages the whole call is charged as."""
    return _each(call, signed_text(call)) * len(call.numbers)


def _each(call: Call, text: str) -> int:
    return 1 if call.product.channel == "voice" else segments(text, call.settings)


class Ledger:
    """Accepts calls that have passed the checks."""

    def __init__(self) -> None:
        self._serials = count(1)

    def accept(self, call: Call) -> tuple[Arrival, ...]:
        """Charge *call* and return what arrives, all under one serial number."""
        if call.account:
            call.account.balance -= cost(call)
            if call.product.limits and not call.exempt:
                for sending in call.sendings():
                    call.account.limits.take(sending)
        return self._arrivals(call)

    def _serial(self, now: float) -> str:
        # 20 digits since 2018: the second, then 10 digits.
        return f"{int(now):010d}{next(self._serials) * _STRIDE % _SERIALS:010d}"

    def _arrivals(self, call: Call) -> tuple[Arrival, ...]:
        serial, text = self._serial(call.now), signed_text(call)
        common = Arrival(
            id=serial,
            to=call.numbers[0],
            text=text,
            at=call.now,
            account=call.account.settings.id if call.account else "",
            sender=call.account.settings.signature if call.account else "",
            template=call.template.id if call.template else "",
            segments=_each(call, text),
            channel=call.product.channel,
        )
        others = (attrs.evolve(common, to=number) for number in call.numbers[1:])
        return (common, *others)


def refund(account: Account, arrival: Arrival) -> None:
    """Give back what a failed message cost, if no receipt was made for it before."""
    if not arrival.receipt:
        account.balance += arrival.segments
