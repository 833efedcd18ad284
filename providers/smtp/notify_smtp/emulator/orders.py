"""A mail as the base of all emulators sees it."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from notify_core.testing.emulator import Arrival, Order, Verdict
from notify_smtp.emulator.message import Letter
from notify_smtp.emulator.settings import Settings

_ACCEPTED = "250 2.0.0"


@attrs.define(kw_only=True)
class MailOrder(Order):
    """One mail after its final dot."""

    letter: Letter
    #: The address in MAIL FROM.
    sender: str = attrs.field(repr=False)
    #: Who is logged in; empty: nobody.
    account: str
    settings: Settings
    #: When it came, Unix seconds.
    at: float
    #: Puts the mail into the queue and returns its id there.
    queue: Callable[[Letter], str] = attrs.field(repr=False)

    def process(self, *, by_magic: bool) -> Verdict:
        """Take the mail, or refuse what is in it."""
        if len(self.letter.source) > self.settings.max_size:
            return Verdict(code="552 5.3.4", text="Message too big for system")
        if self.letter.fault:
            return Verdict(code="550 5.6.0", text=self.letter.fault)
        if any(word in self.text for word in self.settings.refused_words):
            return Verdict(code="550 5.7.1", text="Message refused")
        return self._accept()

    def force(self, code: str) -> Verdict:
        """Answer with *code*; one that begins with 2 takes the mail."""
        if code.startswith("2"):
            return self._accept()
        return Verdict(code=code, text="As scripted")

    def _accept(self) -> Verdict:
        serial = self.queue(self.letter)
        arrivals = tuple(self._arrival(serial, to) for to in self.to)
        text = f"Ok: queued as {serial}"
        return Verdict(code=_ACCEPTED, text=text, arrivals=arrivals)

    def _arrival(self, serial: str, to: str) -> Arrival:
        return Arrival(
            id=serial,
            to=to,
            text=self.text,
            at=self.at,
            account=self.account,
            sender=self.sender,
            reference=self.reference,
            channel="email",
        )
