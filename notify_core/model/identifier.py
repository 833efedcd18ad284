"""Identifiers of ours: strings that sort by the time they were made."""

from __future__ import annotations

import os
import time

#: Crockford's base 32: no I, L, O, U, and it sorts like the number.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
#: Ten bits at a time: half as many steps as character by character.
_PAIRS = tuple(first + second for first in _ALPHABET for second in _ALPHABET)
_SHIFTS = tuple(range(120, -1, -10))
_RANDOM_BITS = 80


def new_id() -> str:
    """Return a ULID: 26 characters, 48 bits of milliseconds, then 80 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    value = milliseconds << _RANDOM_BITS | int.from_bytes(os.urandom(10))
    return "".join([_PAIRS[value >> shift & 1023] for shift in _SHIFTS])
