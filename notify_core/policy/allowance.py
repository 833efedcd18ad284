"""How many in how much time: `5/1h`, `10/day`."""

from __future__ import annotations

import re
from datetime import tzinfo

import attrs

from notify_core.model.duration import parse_duration
from notify_core.policy.take import CalendarDay, Sliding, Take, Window

_WRITTEN = re.compile(r"([1-9][0-9]{0,5})/(day|[1-9][0-9]{0,5}[smhd])")


@attrs.frozen
class Allowance:
    """How many takings a window may have."""

    most: int
    window: Window
    #: As the configuration writes it.
    written: str = attrs.field(eq=False)

    def take(self, counter: str) -> Take:
        """Return what one message takes from a counter under this allowance."""
        return Take(counter=counter, window=self.window, most=self.most)


def parse_allowance(written: str, timezone: tzinfo) -> Allowance:
    """Return what `5/1h` (any one hour) or `5/day` (midnight to midnight) says.

    Args:
        written: A number, a slash, and a duration or the word `day`.
        timezone: Where a day begins and ends.

    Raises:
        ValueError: It says nothing of the kind.
    """
    said = _WRITTEN.fullmatch(written)
    if said is None:
        raise ValueError(f"{written!r} is no allowance: write as 5/1h or 5/day")
    most, span = said.groups()
    window = CalendarDay(timezone) if span == "day" else Sliding(parse_duration(span))
    return Allowance(int(most), window, written)
