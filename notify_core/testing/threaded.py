"""An emulator on a thread of its own, for tests of code without an event loop."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from notify_core.loop_thread import LoopThread
from notify_core.testing.emulator import Emulator


@contextmanager
def threaded(emulator: Emulator) -> Iterator[Emulator]:
    """Run an emulator beside the caller; `emulator.url` says where.

    A forked child that leaves does not stop it: it is the parent's.
    """
    thread = LoopThread("emulator", emulator)
    try:
        thread.call(emulator.start())
        yield emulator
    finally:
        if thread.is_here:
            thread.call(emulator.stop())
            thread.stop()
