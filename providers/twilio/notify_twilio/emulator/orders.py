"""A request to create a message as the base of all emulators sees it."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from notify_core.testing.emulator import Arrival, Order, Verdict
from notify_twilio.codes import ACCEPTED
from notify_twilio.emulator.answers import created, refused, words_of
from notify_twilio.emulator.calls import Call
from notify_twilio.emulator.checks import refusal_of


@attrs.define(kw_only=True)
class TwilioOrder(Order):
    """One POST to Messages.json."""

    call: Call
    #: Charges the message and gives it a SID.
    accept: Callable[[Call], Arrival]

    def process(self, *, by_magic: bool) -> Verdict:
        """Check the call, and accept or refuse it."""
        return self.force(refusal_of(self.call) or ACCEPTED)

    def force(self, code: str) -> Verdict:
        """Answer with *code*, whatever the call says; 201 accepts it."""
        if code != ACCEPTED or self.call.account is None:
            code = "20003" if code == ACCEPTED else code
            text = words_of(code, self.call)
            return Verdict(code=code, text=text, response=refused(code, self.call))
        arrival = self.accept(self.call)
        response = created(self.call, arrival)
        return Verdict(code=code, response=response, arrivals=(arrival,))
