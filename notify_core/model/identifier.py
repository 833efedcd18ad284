"""Identifiers of ours: strings that sort by the time they were made."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from functools import lru_cache

#: How the ids of messages that tell of events begin, and no other's: by it each process
#: knows them.
OF_EVENT = "event_"
#: Crockford's base 32: no I, L, O, U, and it sorts like the number.
_SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
#: What each byte's last five bits say.
_SYMBOL_OF_BYTE = bytes(ord(_SYMBOLS[byte & 31]) for byte in range(256))
_SHIFTS = range(45, -1, -5)
_RANDOM_SYMBOLS = 16
#: Random parts that are ready: each question to the system lets other threads go
#: first, so it is asked for many at a time.
_READY: list[str] = []
_AT_ONCE = 64

with suppress(AttributeError):  # some systems have no fork
    # The child's are to be others than the parent's.
    os.register_at_fork(after_in_child=_READY.clear)


def new_id() -> str:
    """Return a ULID: 26 characters, 48 bits of milliseconds, then 80 random bits."""
    return _written(time.time_ns() // 1_000_000) + _random()


def renewed(identifier: str) -> str:
    """Return the id of what is sent again in the place of a message."""
    return OF_EVENT + new_id() if identifier.startswith(OF_EVENT) else new_id()


def _random() -> str:
    try:
        return _READY.pop()
    except IndexError:
        many = os.urandom(_RANDOM_SYMBOLS * _AT_ONCE).translate(_SYMBOL_OF_BYTE)
        symbols = many.decode("ascii")
        starts = range(_RANDOM_SYMBOLS, len(symbols), _RANDOM_SYMBOLS)
        _READY.extend(symbols[at : at + _RANDOM_SYMBOLS] for at in starts)
        return symbols[:_RANDOM_SYMBOLS]


@lru_cache(maxsize=1)
def _written(milliseconds: int) -> str:
    return "".join(_SYMBOLS[milliseconds >> shift & 31] for shift in _SHIFTS)
