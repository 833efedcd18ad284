"""How many parts a text takes as SMS, and in which alphabet it travels.

Source: 3GPP TS 23.038 for the alphabet and TS 23.040 for the parts: 160 septets alone
and 153 in a chain in GSM-7, 70 and 67 UTF-16 units in UCS-2. Vendors that count in
another way say so in `ProviderType.segments`.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import attrs

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
#: Written as an escape and a character.
_EXTENDED = frozenset("^{}\\[~]|€\f")
_GSM_7_ALPHABET = _BASIC | _EXTENDED


class Encoding(StrEnum):
    """The alphabet in which a text travels."""

    #: 7 bits a character, two characters' room for a few.
    GSM_7 = "gsm-7"
    #: 16 bits a character, two characters' room beyond the basic plane.
    UCS_2 = "ucs-2"


@attrs.frozen
class _Room:
    """How much fits, in septets or in UTF-16 units."""

    alone: int
    each: int


_ROOMS = {Encoding.GSM_7: _Room(160, 153), Encoding.UCS_2: _Room(70, 67)}
#: So many characters fit into one part whatever they are.
_ALWAYS_ONE = _ROOMS[Encoding.UCS_2].alone // 2


def encoding_of(text: str) -> Encoding:
    """Return the narrowest alphabet that has every character of *text*."""
    fits = _GSM_7_ALPHABET.issuperset(text)
    return Encoding.GSM_7 if fits else Encoding.UCS_2


def count_segments(text: str) -> int:
    """Return the parts of *text*; 1 for an empty one."""
    if len(text) <= _ALWAYS_ONE:
        return 1
    encoding = encoding_of(text)
    return _parts(_widths(text, encoding), _ROOMS[encoding])


def _widths(text: str, encoding: Encoding) -> Iterable[int]:
    if encoding is Encoding.GSM_7:
        return (1 + (letter in _EXTENDED) for letter in text)
    return (1 + (letter > "\uffff") for letter in text)


def _parts(widths: Iterable[int], room: _Room) -> int:
    """Count the parts; what has two units is not cut in the middle."""
    total, parts, used = 0, 1, 0
    for width in widths:
        total += width
        if used + width > room.each:
            parts, used = parts + 1, 0
        used += width
    return 1 if total <= room.alone else parts
