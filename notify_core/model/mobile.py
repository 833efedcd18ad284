"""Recognises the usual mobile number without a full parse.

Parsing takes 20 µs; most numbers come in E.164 and belong to a country code with
one country. For those, the library's own patterns are asked directly. What they do
not know for certain goes the long way.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

_LONGEST_CODE = 3


def mobile_of_one_country(to: str) -> tuple[str, str] | None:
    """Return (country calling code, ISO country) of a valid mobile number in E.164.

    None says nothing: the number may be valid all the same.
    """
    if not (to.startswith("+") and to.isascii() and to[1:].isdigit()):
        return None
    for length in range(1, _LONGEST_CODE + 1):
        known = _patterns(to[1 : 1 + length])
        if known is not None:
            country, general, mobile = known
            national = to[1 + length :]
            fits = general.fullmatch(national) and mobile.fullmatch(national)
            return (to[1 : 1 + length], country) if fits else None
    return None


@cache
def _patterns(code: str) -> tuple[str, re.Pattern[str], re.Pattern[str]] | None:
    """Return the country of a calling code and its patterns; None unless it is one."""
    # Imported here: the metadata takes 0.1 s, and e-mail users never need it.
    import phonenumbers  # noqa: PLC0415

    countries = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code or 0), ())
    if (
        len(countries) != 1
        or countries[0] == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY
    ):
        return None
    metadata: Any = phonenumbers.PhoneMetadata.metadata_for_region(countries[0])
    general = metadata.general_desc.national_number_pattern
    # No country is without mobile numbers today; one that were would match none.
    mobile = getattr(metadata.mobile, "national_number_pattern", None) or "(?!)"
    return countries[0], re.compile(general), re.compile(mobile)
