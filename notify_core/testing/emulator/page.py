"""The page for people: what arrived on each handset, as in a mail catcher."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

import attrs
import jinja2

from notify_core.testing.emulator.arrivals import Arrival, Reply
from notify_core.testing.emulator.pushes import Push

if TYPE_CHECKING:
    from notify_core.testing.emulator.base import Emulator

#: The page shows the newest; the control API lists all.
_MOST_ENTRIES = 300
_MOST_REFUSALS = 20


@attrs.define(kw_only=True)
class Handset:
    """One recipient and the conversation, newest first."""

    #: The recipient in the vendor's own form.
    to: str
    #: Whether a reply from it would be pushed somewhere.
    can_reply: bool
    #: Arrivals and replies.
    entries: list[Arrival | Reply] = attrs.Factory(list)


def render_page(emulator: Emulator, search: str) -> str:
    """Return the page with what *search* finds in numbers, texts and ids."""
    return _template().render(
        emulator=emulator,
        search=search,
        handsets=_handsets(emulator, search),
        receipts=_receipts(emulator),
        refusals=_refusals(emulator),
        shown=_MOST_ENTRIES,
    )


def _handsets(emulator: Emulator, search: str) -> list[Handset]:
    found = emulator.arrivals.search(text=search.strip())
    handsets: dict[str, Handset] = {}
    for arrival in islice(reversed(found), _MOST_ENTRIES):
        if arrival.to not in handsets:
            can_reply = _can_reply(emulator, arrival)
            handsets[arrival.to] = Handset(to=arrival.to, can_reply=can_reply)
        handsets[arrival.to].entries.append(arrival)
    for reply in emulator.arrivals.replies:
        if reply.to in handsets:
            handsets[reply.to].entries.append(reply)
    for handset in handsets.values():
        handset.entries.sort(key=lambda entry: entry.at, reverse=True)
    return list(handsets.values())


def _can_reply(emulator: Emulator, arrival: Arrival) -> bool:
    reply = Reply(to=arrival.to, text="", at=arrival.at)
    try:
        return emulator.reply_request(reply, arrival) is not None
    except LookupError:
        return False


def _receipts(emulator: Emulator) -> dict[tuple[str, str], Push]:
    return {
        (push.request.message, push.request.to): push
        for push in emulator.pushes.log
        if push.request.kind == "receipt"
    }


def _refusals(emulator: Emulator) -> list[object]:
    refused = (s for s in reversed(emulator.submissions) if not s.accepted)
    return list(islice(refused, _MOST_REFUSALS))


def _clock_time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("notify_core.testing.emulator", ""),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["clock_time"] = _clock_time
    return environment.get_template("page.html.j2")
