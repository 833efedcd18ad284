"""Write an address so that a reader recognises it and a stranger cannot use it."""

from __future__ import annotations

import re

_PHONE = re.compile(r"\+?\d[\d ().-]{5,}\d")
#: Tried once a word, and never given back (`++`): long texts take linear time.
_LOCAL = r"[^\s@<>\"(),:;\\]"
_EMAIL = re.compile(rf"(?<!{_LOCAL}){_LOCAL}++(?:@[\w-]+(?:\.[\w-]+)*)+")
_KEPT_AT_END = 4
_FEWEST_HIDDEN = 4


def masked_phone(number: str) -> str:
    """Return `+86138****8000` for `+8613800138000`; a short one shows less."""
    plus = "+" if number.startswith("+") else ""
    digits = number.removeprefix("+")
    if not digits.isdecimal():
        digits = re.sub(r"\D", "", digits)
    keep = min(_KEPT_AT_END, max(0, len(digits) - _FEWEST_HIDDEN) // 2)
    head = max(0, len(digits) - _FEWEST_HIDDEN - keep)
    head = min(head, 5)
    return f"{plus}{digits[:head]}****{digits[len(digits) - keep :]}"


def masked_email(address: str) -> str:
    """Return `j***@example.com` for `jane@example.com`; nothing of what has no @."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain}" if at else "***"


def masked(text: str) -> str:
    """Mask every phone number and e-mail address that stands in *text*."""
    if "@" in text:
        text = _EMAIL.sub(lambda match: masked_email(match[0]), text)
    return _PHONE.sub(lambda match: masked_phone(match[0]), text)
