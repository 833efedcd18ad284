"""How often Python looks for garbage in processes that run for long."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

#: Objects more than were freed since the last look, and how many looks at young ones
#: there are to one at older ones.
_SELDOM = (10_000, 20, 20)


@contextmanager
def collected_seldom() -> Iterator[None]:
    """Look for garbage less often, and not among what is there at the beginning.

    What a message needs is freed as soon as nobody uses it; only circles are left to
    the collector, and there are few. With Python's own settings it takes a tenth of
    the service's time. This holds for the whole process: a library has no say in that,
    a command has.
    """
    usual = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
