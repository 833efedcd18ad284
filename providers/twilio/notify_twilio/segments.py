"""How many segments a text is sent and billed as.

Source: https://www.twilio.com/docs/glossary/what-sms-character-limit (160 and 153 in
GSM-7, 70 and 67 in UCS-2) and 3GPP TS 23.038 for the alphabet. Twilio's own count,
`num_segments`, differs where the Messaging Service's Smart Encoding replaces
characters.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
#: Written as an escape and a character.
_EXTENDED = frozenset("^{}\\[~]|€\f")


@attrs.frozen
class _Room:
    """How much fits, in septets or in UTF-16 units."""

    alone: int
    each: int


_GSM_7 = _Room(160, 153)
_UCS_2 = _Room(70, 67)


def count_segments(text: str) -> int:
    """Return the segments of *text*; 1 for an empty one."""
    if _BASIC.union(_EXTENDED).issuperset(text):
        return _parts((1 + (letter in _EXTENDED) for letter in text), _GSM_7)
    return _parts((1 + (letter > "\uffff") for letter in text), _UCS_2)


def _parts(widths: Iterable[int], room: _Room) -> int:
    """Count the parts; what has two units is not cut in the middle."""
    total, parts, used = 0, 1, 0
    for width in widths:
        total += width
        if used + width > room.each:
            parts, used = parts + 1, 0
        used += width
    return 1 if total <= room.alone else parts
