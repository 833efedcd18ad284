"""Recognises the usual mobile number without a full parse.

Parsing takes 20 µs; most numbers come in E.164 and belong to a country code with
one country. For those, the library's own patterns are asked directly. What they do
not know for certain goes the long way.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import attrs

#: A calling code has three digits at most, so these say the country.
_HEAD = re.compile(r"\+[0-9]{3}")
_CODES = (slice(1, 2), slice(1, 3), slice(1, 4))


@attrs.frozen
class _Country:
    """A country with a calling code of its own."""

    #: Its calling code and its ISO code: `86`, `CN`.
    names: tuple[str, str]
    #: A whole mobile number of it in E.164.
    mobile: re.Pattern[str]


def mobile_of_one_country(to: str) -> tuple[str, str] | None:
    """Return (country calling code, ISO country) of a valid mobile number in E.164.

    None says nothing: the number may be valid all the same.
    """
    country = _country(to[:4])
    return country.names if country and country.mobile.fullmatch(to) else None


@lru_cache(maxsize=1024)
def _country(head: str) -> _Country | None:
    """Return the country of a number that begins so; None unless it is one."""
    # Imported here: the metadata takes 0.1 s, and e-mail users never need it.
    import phonenumbers  # noqa: PLC0415

    if not _HEAD.fullmatch(head):
        return None
    for code in (head[digits] for digits in _CODES):
        match phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code)):
            case (phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY,):
                continue
            case (country,):
                metadata = phonenumbers.PhoneMetadata.metadata_for_region(country)
                return _Country((code, country), _mobile(code, metadata))
    return None


def _mobile(code: str, metadata: Any) -> re.Pattern[str]:
    """Return what is both a number of the country and one of its mobile numbers."""
    general = metadata.general_desc.national_number_pattern
    # No country is without mobile numbers today; one that were would match none.
    mobile = getattr(metadata.mobile, "national_number_pattern", None) or "(?!)"
    return re.compile(rf"\+{code}(?=(?:{general})\Z)(?:{mobile})", re.ASCII)
