"""Identifiers of ours: strings that sort by the time they were made."""

from __future__ import annotations

import os
import time
from functools import lru_cache

#: Crockford's base 32: no I, L, O, U, and it sorts like the number.
_SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
#: What each byte's last five bits say.
_SYMBOL_OF_BYTE = bytes(ord(_SYMBOLS[byte & 31]) for byte in range(256))
_SHIFTS = range(45, -1, -5)
_RANDOM_SYMBOLS = 16


def new_id() -> str:
    """Return a ULID: 26 characters, 48 bits of milliseconds, then 80 random bits."""
    symbols = os.urandom(_RANDOM_SYMBOLS).translate(_SYMBOL_OF_BYTE)
    return _written(time.time_ns() // 1_000_000) + symbols.decode("ascii")


@lru_cache(maxsize=1)
def _written(milliseconds: int) -> str:
    return "".join(_SYMBOLS[milliseconds >> shift & 31] for shift in _SHIFTS)
