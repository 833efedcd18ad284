"""A test in a configuration: messages, answers, and what must follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import attrs

from notify_core.errors import Problem
from notify_core.model.message import Message
from notify_core.model.outcome import Reason

NO_PAUSE = timedelta()

#: When messages can be tried out: every span can be counted from there.
_YEARS = range(1970, 3000)
#: The most time from the first message to the last.
LONGEST = timedelta(days=365250)


def time_fault(at: datetime) -> str | None:
    """Return why no message can be tried out at a time; None: it can."""
    if at.year in _YEARS:
        return None
    return f"is not of the years {_YEARS.start} to {_YEARS.stop - 1}"


@attrs.frozen(kw_only=True)
class RouteTest:
    """Messages sent in a row, with scripted answers, and what becomes of the last."""

    #: Unique among the tests of a configuration.
    name: str
    #: When the first message is sent, with time zone.
    at: datetime
    #: Sent one after the other.
    given: tuple[Message, ...]
    #: How often all of them are sent.
    repeat: int = 1
    #: The time from one message to the next.
    every: timedelta = NO_PAUSE
    #: What a provider answers, first first, by its name; the last answer stays.
    answers: Mapping[str, tuple[Reason, ...]] = attrs.field(factory=dict)
    #: What is expected of the last message, by the names of `expect`.
    expected: Mapping[str, Any]
    #: Where it stands, and no message.
    place: Problem

    @property
    def messages(self) -> Iterator[Message]:
        """Yield every message to be sent, each with an id of its own."""
        yield from self.given
        for round_ in range(2, self.repeat + 1):
            for message in self.given:
                yield attrs.evolve(message, id=f"{message.id}-{round_}")
