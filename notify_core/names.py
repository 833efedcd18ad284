"""Names for people who mistyped one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

#: More names than a reader looks through: then only the nearest are told.
_MANY = 40
_NEAREST = 12


def nearest(name: str, known: Iterable[str]) -> str:
    """Return `did you mean 'x'?`, or the names that there are."""
    names = sorted(known)
    close = get_close_matches(name, names, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    if not names:
        return "there are none"
    if len(names) > _MANY:
        names = [*get_close_matches(name, names, n=_NEAREST, cutoff=0), "…"]
    return f"there are: {', '.join(names)}"
