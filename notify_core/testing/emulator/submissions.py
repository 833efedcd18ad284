"""Requests to send: what was asked, what the vendor ruled, what is remembered."""

from __future__ import annotations

from abc import ABC, abstractmethod

import attrs
from aiohttp import web

from notify_core.model.masking import masked
from notify_core.testing.emulator.arrivals import Arrival
from notify_core.testing.emulator.faults import Do

_LONGEST = 1_000


@attrs.frozen(kw_only=True)
class Verdict:
    """What the vendor made of an order."""

    #: The vendor's code.
    code: str
    #: The vendor's words.
    text: str = ""
    #: The HTTP answer; a vendor without HTTP has none.
    response: web.Response | None = attrs.field(default=None, repr=False)
    #: What arrived; empty if the order was refused.
    arrivals: tuple[Arrival, ...] = ()


@attrs.define(kw_only=True)
class Order(ABC):
    """One request to send, as a vendor's emulator understood it."""

    #: The recipients in the vendor's own form.
    to: tuple[str, ...]
    #: The text, or the values for the template.
    text: str = ""
    #: The vendor's id of the template.
    template: str = ""
    #: The reference that the sender gave.
    reference: str = ""

    @abstractmethod
    def process(self, *, by_magic: bool) -> Verdict:
        """Check the order, and accept or refuse it.

        Args:
            by_magic: The recipient is a magic number: no per-number limit applies.
        """

    @abstractmethod
    def force(self, code: str) -> Verdict:
        """Answer with *code*, whatever the order says."""


@attrs.frozen(kw_only=True)
class Submission:
    """One request to send, as it is remembered."""

    #: When, Unix seconds by the emulator's clock.
    at: float
    #: The recipients, joined by commas; empty: the request was not read.
    to: str = attrs.field(default="", repr=masked)
    #: The text or the template's values.
    text: str = attrs.field(default="", repr=False)
    #: The vendor's id of the template.
    template: str = ""
    #: The reference that the sender gave.
    reference: str = ""
    #: The vendor's code; empty: the vendor never looked at it.
    code: str = ""
    #: The vendor's words.
    answer: str = ""
    #: Whether the vendor accepted, and charged, the message.
    accepted: bool = False
    #: The vendor's id of the (first) accepted message.
    id: str = ""
    #: What was scripted for it, `close after`; empty: nothing.
    fault: str = ""


def remember(at: float, order: Order, verdict: Verdict | None, do: Do) -> Submission:
    """Return the record of *order*; without a *verdict* nobody looked at it.

    Every text is cut after 1 000 characters, so that a record stays small.
    """
    known = verdict or _NO_VERDICT
    return Submission(
        at=at,
        to=",".join(order.to)[:_LONGEST],
        text=order.text[:_LONGEST],
        template=order.template[:_LONGEST],
        reference=order.reference[:_LONGEST],
        code=known.code,
        answer=known.text,
        accepted=bool(known.arrivals),
        id=known.arrivals[0].id if known.arrivals else "",
        fault=str(do),
    )


_NO_VERDICT = Verdict(code="")
