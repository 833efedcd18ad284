"""Checks the defaults of a configuration against what the machine knows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from notify_core.config.document import Node
from notify_core.errors import Problem
from notify_core.model.timezone import timezone_named

#: Others are told by the schema.
_REGION = re.compile("[A-Z]{2}")


def default_problems(node: Node) -> Iterator[Problem]:
    """Yield what is wrong with the defaults, beside what the schema says."""
    region, timezone = node["region"].text, node["timezone"].text
    is_code = region is not None and _REGION.fullmatch(region)
    fault = region_fault(region) if region and is_code else None
    if fault is not None:
        yield node["region"].problem(f"{region!r} {fault}")
    if timezone is not None:
        try:
            timezone_named(timezone)
        except ValueError as error:
            yield node["timezone"].problem(str(error))


def region_fault(region: str) -> str | None:
    """Return why an ISO 3166 code is none of a country with telephones; None: it is."""
    # Imported here: the metadata takes 0.05 s, and e-mail users never need it.
    from phonenumbers import SUPPORTED_REGIONS  # noqa: PLC0415

    if region in SUPPORTED_REGIONS:
        return None
    return "is no country with telephones; codes are ISO 3166, as CN or GB"
