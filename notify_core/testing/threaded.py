"""An emulator on a thread of its own, for tests of code without an event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from notify_core.testing.emulator import Emulator


@contextmanager
def threaded(emulator: Emulator) -> Iterator[Emulator]:
    """Run an emulator beside the caller; `emulator.url` says where."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="emulator", daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(emulator.start(), loop).result()
        yield emulator
        asyncio.run_coroutine_threadsafe(emulator.stop(), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
