"""How the vendor writes numbers.

Source: parameter `PhoneNumbers` of SendSms,
https://help.aliyun.com/zh/sms/developer-reference/api-dysmsapi-2017-05-25-sendsms:
eleven digits in the mainland, abroad the country code and the number without a plus.
"""

from __future__ import annotations

import re

from notify_core.model.recipient import Phone

_MAINLAND_CODE = "86"
_MAINLAND = re.compile(r"(?:(?:\+|00)?86|\+)?(1[3-9][0-9]{9})")
_ABROAD = re.compile(r"(?:\+|00)?([1-9][0-9]{6,14})")


def is_mainland(phone: Phone) -> bool:
    """Tell whether a number belongs to the mainland."""
    return phone.country_code == _MAINLAND_CODE


def vendor_number(phone: Phone) -> str:
    """Return the number as the vendor takes it."""
    return phone.national if is_mainland(phone) else phone.address.removeprefix("+")


def is_ambiguous(phone: Phone) -> bool:
    """Tell whether the vendor would read a foreign number as one of the mainland.

    That of +1 305 555 0100 is written 13055550100.
    """
    return not is_mainland(phone) and bool(_MAINLAND.fullmatch(vendor_number(phone)))


def address(written: str) -> str | None:
    """Return E.164, as `Phone.address` has it; None when it is no number."""
    if mainland := _MAINLAND.fullmatch(written):
        return f"+{_MAINLAND_CODE}{mainland[1]}"
    abroad = _ABROAD.fullmatch(written)
    return f"+{abroad[1]}" if abroad else None
