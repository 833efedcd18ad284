"""Says why a regular expression cannot be used on values from outside."""

from __future__ import annotations

import re
from itertools import pairwise

#: Of an expression: an escape, a class, the head of a group, a repetition, a sign.
_SIGN = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?P[<=]\w+|\(\?[a-zA-Z-]*[:=!>]|\(\?<[=!]"
    r"|\{\d*,?\d*\}|.",
    re.DOTALL,
)
_AGAIN = re.compile(r"[*+]|\{\d*,\d*\}")
_BACK = re.compile(r"\\[1-9]|\(\?P=\w+")


def pattern_fault(pattern: str) -> str | None:
    """Return why a regular expression is refused; None for a good one.

    A group that repeats, with a repetition or a choice in it, can take time that
    doubles with each character; so can a reference to an earlier group.
    """
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return f"is no regular expression: {error}"
    signs = _SIGN.findall(pattern)
    if any(map(_BACK.fullmatch, signs)):
        return "refers to what a group found, which may take for ever; write it out"
    if _repeats_within(signs):
        why = "repeats a group in which something repeats or is chosen"
        return f"{why}, which may take for ever; repeat single characters"
    return None


def _repeats_within(signs: list[str]) -> bool:
    open_groups = [False]
    for sign, after in pairwise([*signs, ""]):
        if sign.startswith("("):
            open_groups.append(False)
        elif sign == ")" and len(open_groups) > 1:
            varies = open_groups.pop()
            if varies and _AGAIN.fullmatch(after):
                return True
            open_groups[-1] |= varies
        elif sign in ("|", "?") or _AGAIN.fullmatch(sign):
            open_groups[-1] = True
    return False
