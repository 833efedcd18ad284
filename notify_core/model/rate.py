"""So many in a span of time, as configuration writes it: `50/s`."""

from __future__ import annotations

import re
from typing import Self

import attrs

#: Seconds.
_UNITS = {"s": 1, "m": 60, "h": 3600}
_WRITTEN = re.compile(r"([1-9][0-9]{0,5})/([smh])")


@attrs.frozen
class Rate:
    """So many in a second, a minute or an hour."""

    amount: int
    #: `s`, `m` or `h`.
    unit: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the rate that a text says, `50/s`.

        Raises:
            ValueError: It says none; the text tells how one is written.
        """
        written = _WRITTEN.fullmatch(text)
        if written is None:
            raise ValueError(
                "is no rate: write a whole number from 1 to 999999, '/' and one of "
                f"the units {', '.join(_UNITS)}, as 50/s"
            )
        return cls(int(written[1]), written[2])

    @property
    def interval(self) -> float:
        """Seconds from one to the next."""
        return _UNITS[self.unit] / self.amount

    def __str__(self) -> str:
        return f"{self.amount}/{self.unit}"
