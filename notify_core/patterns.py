"""How long a regular expression may take on values from outside."""

from __future__ import annotations

import re
from collections import deque
from functools import lru_cache

from notify_core.model.validity import MOST_ADDRESS, MOST_TEXT

#: Any expression that is not refused is quick on a value that is no longer than this.
LONGEST_SEARCHED = MOST_ADDRESS

#: Of an expression: an escape, a class, the head of a group, a repetition, a sign.
_SIGN = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?P[<=]\w+|\(\?[a-zA-Z-]*[:=!>]|\(\?<[=!]"
    r"|\{\d*,?\d*\}|.",
    re.DOTALL,
)
_AGAIN = re.compile(r"\?|[*+]|\{(\d*)(,?)(\d*)\}")
_COMMENT = re.compile(r"\(\?#[^)]*\)")
_BACK = re.compile(r"\\[1-9]|\(\?P=\w+")
#: Tie an expression to the beginning of a value.
_BEGINNING = ("^", r"\A")
#: Steps of a search that takes 0.1 s at most. Each repetition that is looked for
#: wherever another ends takes as many as the value is long.
_MOST = 16 * (LONGEST_SEARCHED + 1) ** 3
#: The same of a search in a value of one of these sizes.
_MOST_ON_LONG = _MOST // 4
_SIZES = (MOST_TEXT, 30_000, 10_000, 3_000, 1_000)
_REMEDY = "tie it to the beginning with ^, or repeat less"


def pattern_fault(pattern: str) -> str | None:
    """Return why a regular expression is refused; None for a good one.

    A group that repeats, with a repetition or a choice in it, can take time that
    doubles with each character; so can a reference to an earlier group. Of others
    the ways are counted in which they may be tried on the longest value.
    """
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return f"is no regular expression: {error}"
    effort = _Effort(pattern, LONGEST_SEARCHED)
    if effort.refers_back:
        return "refers to what a group found, which may take for ever; write it out"
    if effort.repeats_within:
        why = "repeats a group in which something repeats or is chosen"
        return f"{why}, which may take for ever; repeat single characters"
    if effort.steps > _MOST:
        why = f"may take seconds on a value of {LONGEST_SEARCHED} characters"
        return f"repeats or chooses so often that it {why}; {_REMEDY}"
    return None


@lru_cache(maxsize=1024)
def longest_searched(pattern: str) -> int:
    """Return how long a value may be in which a regular expression is looked for.

    In that, too, a search takes 0.1 s at most, if the expression is not refused.
    """
    sizes = (size for size in _SIZES if _Effort(pattern, size).steps <= _MOST_ON_LONG)
    return next(sizes, LONGEST_SEARCHED)


class _Effort:
    """How many steps a search takes at most.

    Args:
        pattern: The expression.
        size: Of the value.

    Attributes:
        steps: Never too few; more than are of use are not told apart.
        refers_back: It wants again what a group found.
        repeats_within: A repeated group has a repetition or a choice in it.
    """

    def __init__(self, pattern: str, size: int) -> None:
        signs = _SIGN.findall(_COMMENT.sub("", pattern))
        self.refers_back = any(map(_BACK.fullmatch, signs))
        self.repeats_within = False
        self._signs, self._size = deque(signs), size
        is_tied = signs[:1] != [] and signs[0] in _BEGINNING
        ways, length, branches = self._choice()
        starts = 1 if is_tied and branches == 1 else size + 1
        self.steps = starts * ways * length

    def _choice(self) -> tuple[int, int, int]:
        """Read up to the end of a group; return its ways, length and branches."""
        ways, length, branches = 0, 1, 0
        while True:
            one, its_length = self._branch()
            ways, length, branches = ways + one, max(length, its_length), branches + 1
            if not self._signs or self._signs.popleft() == ")":
                return ways, length, branches

    def _branch(self) -> tuple[int, int]:
        ways, length = 1, 0
        while self._signs and self._signs[0] not in ("|", ")"):
            one, its_length = self._piece()
            ways, length = min(ways * one, _MOST + 1), length + its_length
        return ways, length

    def _piece(self) -> tuple[int, int]:
        """Read a character, class or group with what says how often it stands."""
        ways, length = 1, 1
        if self._signs.popleft().startswith("("):
            ways, length, _ = self._choice()
        least, most = self._times()
        if ways > 1 and least != most > 1:
            self.repeats_within = True
        every = min(ways, _MOST) ** min(most, LONGEST_SEARCHED) if ways > 1 else 1
        return every + most - least, length * max(least, 1)

    def _times(self) -> tuple[int, int]:
        said = _AGAIN.fullmatch(self._signs[0]) if self._signs else None
        if said is None:
            return 1, 1
        self._signs.popleft()
        if self._signs and self._signs[0] in ("?", "+"):
            self._signs.popleft()  # as few as possible, or all at once
        if said[0] in _SHORT:
            least, most = _SHORT[said[0]]
            return least, min(most, self._size)
        least = int(said[1] or 0)
        most = int(said[3] or self._size) if said[2] else least
        return least, min(max(least, most), least + self._size)


#: Repetitions that are written with one sign; no value is as long as the last.
_SHORT = {"?": (0, 1), "*": (0, MOST_TEXT), "+": (1, MOST_TEXT)}
