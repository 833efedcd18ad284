"""Reloads at a signal, as `kill -HUP` sends it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from notify_core.reloading.background import Reloadable, in_background, reload_quietly


@asynccontextmanager
async def reload_on_signal(notifier: Reloadable) -> AsyncIterator[None]:
    """Reload an open notifier's file at each SIGHUP, while the block lasts.

    A file that is refused shows in the log and the metrics, and nowhere else.
    Signals that come while it is read lead to one more reload.

    Raises:
        RuntimeError: This is not the main thread, the only one that hears signals.
        NotImplementedError: The system has no such signals: Windows.
    """
    loop, asked = asyncio.get_running_loop(), asyncio.Event()

    async def reload_each() -> None:
        while await asked.wait():
            asked.clear()
            await reload_quietly(notifier)

    loop.add_signal_handler(signal.SIGHUP, asked.set)
    try:
        async with in_background(reload_each(), "notify-reload-on-signal"):
            yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)
