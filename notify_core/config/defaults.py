"""Checks the defaults of a configuration against what the machine knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, tzinfo
from difflib import get_close_matches
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from notify_core.config.document import Node
from notify_core.config.wording import shown
from notify_core.errors import Problem

_REGION = re.compile("[A-Z]{2}")


def default_problems(node: Node) -> Iterator[Problem]:
    """Yield what is wrong with the defaults, beside what the schema says."""
    region, timezone = node["region"].text, node["timezone"].text
    if region is not None and _REGION.fullmatch(region):
        yield from _region_problems(region, node["region"])
    if timezone is not None:
        try:
            timezone_named(timezone)
        except ValueError as error:
            yield node["timezone"].problem(str(error))


def timezone_named(name: str | None) -> tzinfo:
    """Return a time zone; UTC without a name.

    Raises:
        ValueError: The machine knows none of this name.
    """
    if name is None:
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{shown(name)} is no known time zone{_near(name)}") from error


def _near(name: str) -> str:
    close = get_close_matches(name, available_timezones(), n=1)
    return f"; did you mean {close[0]!r}?" if close else "; write an IANA name"


def _region_problems(region: str, node: Node) -> Iterator[Problem]:
    # Imported here: the metadata takes 0.05 s, and e-mail users never need it.
    from phonenumbers import SUPPORTED_REGIONS  # noqa: PLC0415

    if region not in SUPPORTED_REGIONS:
        known = "codes are ISO 3166, as CN or GB"
        yield node.problem(f"{region!r} is no country with telephones; {known}")
