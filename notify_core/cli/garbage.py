"""How often Python looks for garbage in processes that run for long."""

from __future__ import annotations

import gc

#: Objects more than were freed since the last look, and how many looks at young ones
#: there are to one at older ones.
_SELDOM = (10_000, 20, 20)


def collect_seldom() -> None:
    """Look for garbage less often, and not among what is there by now.

    What a message needs is freed as soon as nobody uses it; only circles are left to
    the collector, and there are few. With Python's own settings it takes a tenth of
    the time of the service. It is the whole process that is meant: a library has no
    say in that, a command has.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_SELDOM)
