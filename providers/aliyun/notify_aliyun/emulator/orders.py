"""A SendSms as the base of all emulators sees it."""

from __future__ import annotations

import attrs

from notify_aliyun.emulator.answers import answer
from notify_aliyun.emulator.calls import Call
from notify_aliyun.emulator.checks import refusal_of
from notify_aliyun.emulator.codes import ACCEPTED, Refusal
from notify_aliyun.emulator.ledger import Ledger
from notify_core.testing.emulator import Arrival, Order, Verdict


@attrs.define(kw_only=True)
class AliyunOrder(Order):
    """One call of SendSms."""

    call: Call
    ledger: Ledger

    def process(self, *, by_magic: bool) -> Verdict:
        """Check the call, and accept or refuse it."""
        return self._verdict(refusal_of(self.call) or Refusal(ACCEPTED))

    def force(self, code: str) -> Verdict:
        """Answer with *code*, whatever the call says; `OK` accepts what is right."""
        if code == ACCEPTED:
            return self.process(by_magic=False)
        return self._verdict(Refusal(code))

    def _verdict(self, refusal: Refusal) -> Verdict:
        arrivals: tuple[Arrival, ...] = ()
        fields = {}
        if refusal.code == ACCEPTED:
            arrivals = self.ledger.accept(self.call)
            fields["BizId"] = arrivals[0].id
        return Verdict(
            code=refusal.code,
            text=refusal.text,
            response=answer(refusal, self.call.header("host"), fields),
            arrivals=arrivals,
        )
