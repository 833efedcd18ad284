"""Charges accepted messages and numbers them."""

from __future__ import annotations

from itertools import count

from notify_aliyun.emulator.calls import Call
from notify_aliyun.emulator.checks import mainland, sendings
from notify_core.testing.emulator import Arrival

_ONE_PART, _LONG_PART = 70, 67


def parts(text: str) -> int:
    """Return how many messages *text* is: 70 characters, then 67 a part."""
    return 1 if len(text) <= _ONE_PART else -(-len(text) // _LONG_PART)


class Ledger:
    """Accepts calls that have passed the checks."""

    def __init__(self) -> None:
        self._serials = count(1)

    def accept(self, call: Call) -> tuple[Arrival, ...]:
        """Charge *call* and return what arrives, all under one BizId."""
        account = call.known_account()
        account.balance -= len(call.numbers)
        for sending in sendings(call):
            account.limits.take(sending)
        # As 900619746936498440^0: the vendor's ids have such a tail.
        biz_id = f"{int(call.now):010d}{next(self._serials):08d}^0"
        return tuple(self._arrival(call, number, biz_id) for number in call.numbers)

    def _arrival(self, call: Call, number: str, biz_id: str) -> Arrival:
        sign = call.param("SignName")
        text = f"【{sign}】{call.text}"
        return Arrival(
            id=biz_id,
            to=mainland(number) or number,
            text=text,
            at=call.now,
            account=call.proof["Credential"],
            sender=sign,
            template=call.known_template().code,
            reference=call.param("OutId"),
            segments=parts(text),
        )
