"""What arrived on the handsets, and what their owners answered."""

from __future__ import annotations

import re
from collections import OrderedDict, deque
from collections.abc import Iterator

import attrs

from notify_core.model.masking import masked
from notify_core.testing.emulator.address import same_address

_CODE = re.compile(r"(?<![0-9])[0-9]{4,8}(?![0-9])")


@attrs.frozen(kw_only=True)
class Arrival:
    """One message as its recipient sees it."""

    #: The vendor's id of the message.
    id: str
    #: The recipient in the vendor's own form.
    to: str = attrs.field(repr=masked)
    #: The whole text, with signature and the template's values.
    text: str = attrs.field(repr=False)
    #: When it was accepted, Unix seconds by the emulator's clock.
    at: float
    #: The account that sent it.
    account: str = ""
    #: The signature, sender id or from-address.
    sender: str = ""
    #: The vendor's id of the template.
    template: str = ""
    #: The reference that the sender gave.
    reference: str = ""
    #: How many messages were charged.
    segments: int = 1
    #: `sms`, `voice`, `email`.
    channel: str = "sms"
    #: What the last receipt said: `delivered`, `failed`, a vendor's code; empty: none.
    receipt: str = ""

    @property
    def login_code(self) -> str:
        """The first run of 4 to 8 digits in the text, or nothing."""
        found = _CODE.search(self.text)
        return found[0] if found else ""


@attrs.frozen(kw_only=True)
class Reply:
    """What a handset sent back."""

    #: Who wrote.
    to: str = attrs.field(repr=masked)
    #: What they wrote.
    text: str = attrs.field(repr=False)
    #: When, Unix seconds by the emulator's clock.
    at: float


@attrs.frozen(kw_only=True)
class Report:
    """A delivery report that the vendor is about to push."""

    #: The vendor's id of the message.
    id: str
    #: The recipient in the vendor's own form.
    to: str = attrs.field(repr=masked)
    #: `delivered`, `failed`, or a vendor's code.
    outcome: str
    #: When, Unix seconds by the emulator's clock.
    at: float
    #: What it is about; None: nothing that the emulator remembers.
    arrival: Arrival | None


class Arrivals:
    """The newest *keep* arrivals and replies, oldest first."""

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._arrivals: OrderedDict[tuple[str, str], Arrival] = OrderedDict()
        self.replies: deque[Reply] = deque(maxlen=keep)

    def __iter__(self) -> Iterator[Arrival]:
        return iter(self._arrivals.values())

    def __len__(self) -> int:
        return len(self._arrivals)

    def put(self, arrival: Arrival) -> None:
        """Keep *arrival*, and forget the oldest beyond the bound."""
        self._arrivals[arrival.id, arrival.to] = arrival
        if len(self._arrivals) > self._keep:
            self._arrivals.popitem(last=False)

    def update(self, arrival: Arrival) -> None:
        """Replace an older state of *arrival*, if it is still kept."""
        if (arrival.id, arrival.to) in self._arrivals:
            self._arrivals[arrival.id, arrival.to] = arrival

    def current(self, arrival: Arrival) -> Arrival:
        """Return the newest state of *arrival*."""
        return self._arrivals.get((arrival.id, arrival.to), arrival)

    def clear(self) -> None:
        """Forget everything."""
        self._arrivals.clear()
        self.replies.clear()

    def find(self, *, id: str | None = None, to: str | None = None) -> Arrival | None:  # noqa: A002 (the word of the control API)
        """Return the newest arrival with this id, or else for this recipient."""
        for arrival in reversed(self._arrivals.values()):
            if arrival.id == id:
                return arrival
            if id is None and to is not None and same_address(arrival.to, to):
                return arrival
        return None

    def search(self, *, to: str = "", text: str = "") -> list[Arrival]:
        """Return the arrivals for *to* whose number, text or id contains *text*."""
        wanted = text.casefold()
        return [
            arrival
            for arrival in self
            if (not to or same_address(arrival.to, to))
            and (not wanted or wanted in _haystack(arrival))
        ]


def _haystack(arrival: Arrival) -> str:
    return f"{arrival.to}\n{arrival.text}\n{arrival.id}".casefold()
