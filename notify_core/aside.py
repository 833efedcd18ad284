"""Long work on a thread of its own, which lets the event loop's thread go first.

Python runs one thread at a time, and takes the turn from a busy one only every 5 ms.
An event loop gives its turn away at each request that it reads or writes: beside a
busy thread it gets nothing done but one of those every 5 ms. So long work rests by
itself, far more often.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

#: Seconds of work after which it rests, and how long.
WORK = 0.0005
REST = 0.001

P = ParamSpec("P")
T = TypeVar("T")


class _Turn(threading.local):
    """When the work of this thread rests next; None: it never does."""

    ends: float | None = None


_turn = _Turn()


def breathe() -> None:
    """Rest when it is time; long work calls it at every small step.

    It does nothing where the work was not begun with `aside`.
    """
    if _turn.ends is not None and time.perf_counter() >= _turn.ends:
        time.sleep(REST)
        _turn.ends = time.perf_counter() + WORK


async def aside(work: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
    """Run long work on a thread, and return what it returns."""

    def resting() -> T:
        _turn.ends = time.perf_counter() + WORK
        try:
            return work(*args, **options)
        finally:
            _turn.ends = None

    return await asyncio.to_thread(resting)
