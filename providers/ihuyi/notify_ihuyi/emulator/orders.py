"""A Submit as the base of all emulators sees it."""

from __future__ import annotations

import attrs

from notify_core.testing.emulator import Arrival, Order, Verdict
from notify_ihuyi.emulator.answers import answer
from notify_ihuyi.emulator.calls import Call
from notify_ihuyi.emulator.checks import refusal_of
from notify_ihuyi.emulator.codes import ACCEPTED, Refusal, text_of
from notify_ihuyi.emulator.ledger import Ledger

_NO_ID = "0"


@attrs.define(kw_only=True)
class IhuyiOrder(Order):
    """One call of Submit."""

    call: Call
    ledger: Ledger

    def process(self, *, by_magic: bool) -> Verdict:
        """Check the call, and accept or refuse it."""
        self.call.exempt = by_magic
        return self._verdict(refusal_of(self.call) or Refusal(ACCEPTED))

    def force(self, code: str) -> Verdict:
        """Answer with *code*, whatever the call says; 2 accepts it."""
        return self._verdict(Refusal(int(code)))

    def _verdict(self, refusal: Refusal) -> Verdict:
        arrivals: tuple[Arrival, ...] = ()
        if refusal.code == ACCEPTED:
            arrivals = self.ledger.accept(self.call)
        serial = arrivals[0].id if arrivals else _NO_ID
        voice = self.call.product.channel == "voice"
        return Verdict(
            code=str(refusal.code),
            text=text_of(refusal, self.call.operation, voice=voice),
            response=answer(self.call, refusal, serial),
            arrivals=arrivals,
        )
