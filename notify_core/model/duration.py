"""Spans of time as configuration and wire write them: `30s`, `5m`."""

from __future__ import annotations

import re
from datetime import timedelta

#: From the longest: the writer takes the first that divides the span.
_UNITS = {
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
    "ms": timedelta(milliseconds=1),
    "us": timedelta(microseconds=1),
}
_WRITTEN = re.compile(rf"([0-9]{{1,20}})({'|'.join(_UNITS)})")
_NOTHING = timedelta(0)


def parse_duration(text: str) -> timedelta:
    """Return the span that a whole number with a unit says, `5m`.

    Raises:
        ValueError: It says none; the text names the units.
    """
    written = _WRITTEN.fullmatch(text)
    if written is None:
        raise ValueError(
            "is no duration: write a whole number and one of the units "
            f"{', '.join(_UNITS)}, as 30s or 5m"
        )
    try:
        return int(written[1]) * _UNITS[written[2]]
    except OverflowError as error:
        raise ValueError("is longer than a million years") from error


def format_duration(span: timedelta) -> str:
    """Return the one way to write a span: its longest exact unit, `90s`, `5m`, `0s`.

    Raises:
        ValueError: The span is negative.
    """
    if span < _NOTHING:
        raise ValueError("a negative duration cannot be written")
    if span == _NOTHING:
        return "0s"
    unit = next(unit for unit, length in _UNITS.items() if not span % length)
    return f"{span // _UNITS[unit]}{unit}"
