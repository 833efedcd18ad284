"""When two ways of writing an address mean the same person."""

from __future__ import annotations

_FEWEST_DIGITS = 7


def same_address(one: str, other: str) -> bool:
    """Whether two addresses are one: equal, or one number with and without prefix."""
    if one == other:
        return True
    if "@" in one or "@" in other:
        return one.casefold() == other.casefold()
    shorter, longer = sorted((_digits(one), _digits(other)), key=len)
    return len(shorter) >= _FEWEST_DIGITS and longer.endswith(shorter)


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))
