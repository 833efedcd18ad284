"""Time zones by name."""

from __future__ import annotations

from datetime import UTC, tzinfo
from difflib import get_close_matches
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

_SHOWN_LENGTH = 60


def timezone_named(name: str | None) -> tzinfo:
    """Return the time zone of an IANA name, `Asia/Shanghai`; UTC without a name.

    Raises:
        ValueError: The machine knows none of this name; says which is near.
    """
    if name is None:
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        shown = repr(name[:_SHOWN_LENGTH]) + "…" * (len(name) > _SHOWN_LENGTH)
        raise ValueError(f"{shown} is no known time zone{_near(name)}") from error


def _near(name: str) -> str:
    close = get_close_matches(name, available_timezones(), n=1)
    return f"; did you mean {close[0]!r}?" if close else "; write an IANA name"
