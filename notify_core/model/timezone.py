"""Time zones by name."""

from __future__ import annotations

from datetime import UTC, tzinfo
from difflib import get_close_matches
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

_SHOWN_LENGTH = 60
#: A typing error comes nearer than this; another city of the region does not.
_CLOSE = 0.85
#: Cities that people look for, and whose zones are called by other cities.
_MEANT = {
    "Asia/Beijing": "Asia/Shanghai",
    "Asia/Shenzhen": "Asia/Shanghai",
    "Asia/Guangzhou": "Asia/Shanghai",
    "Asia/Delhi": "Asia/Kolkata",
    "Asia/Mumbai": "Asia/Kolkata",
    "Asia/Bangalore": "Asia/Kolkata",
    "America/San_Francisco": "America/Los_Angeles",
    "America/Washington": "America/New_York",
    "Europe/Munich": "Europe/Berlin",
    "Europe/Geneva": "Europe/Zurich",
}


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
    zones = sorted(available_timezones())
    known = {zone.rpartition("/")[2].lower(): zone for zone in zones}
    known |= {zone.lower(): zone for zone in zones}
    known |= {wrong.lower(): right for wrong, right in _MEANT.items()}
    close = get_close_matches(name.lower(), known, n=1, cutoff=_CLOSE)
    if close:
        return f"; did you mean {known[close[0]]!r}?"
    return "; write an IANA name, as Asia/Shanghai"
