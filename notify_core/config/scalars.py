"""What an unquoted word in a configuration means, and which values are whole.

YAML 1.1 turned `on`, `NO`, `22:00`, `010` and `+86138…` into something else. Here a
word is what JSON would read it as, and otherwise a text.
"""

from __future__ import annotations

import re

Scalar = str | int | float | bool | None

_WORDS: dict[str, Scalar] = {
    "": None,
    "~": None,
    "null": None,
    "true": True,
    "false": False,
}
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_TOO_LARGE = 2**63
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")


def plain_value(word: str) -> Scalar:
    """Return the value of an unquoted word.

    Raises:
        ValueError: It is a number too large to count with.
    """
    if word in _WORDS:
        return _WORDS[word]
    if not _NUMBER.fullmatch(word):
        return word
    # As a float first: it takes any number of digits, an int does not.
    number = bounded(float(word))
    return int(word) if _INTEGER.fullmatch(word) else number


def bounded(number: float) -> float:
    """Return the number.

    Raises:
        ValueError: It is too large to count with, or no number at all.
    """
    if not abs(number) < _TOO_LARGE:
        raise ValueError("is too large a number; if it is a text, put it in quotes")
    return number


def whole(text: str) -> str:
    r"""Return the text.

    Raises:
        ValueError: It holds half a character, which `"\ud83d"` leaves behind.
    """
    if _HALF_CHARACTER.search(text):
        raise ValueError("holds half a character (U+D800 to U+DFFF); write it whole")
    return text
