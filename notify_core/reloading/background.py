"""Reloads that nobody waits for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol

from notify_core.config.snapshot import Snapshot
from notify_core.errors import ConfigurationError


class Reloadable(Protocol):
    """An open notifier, as far as reloading goes."""

    @property
    def snapshot(self) -> Snapshot:
        """The configuration in use."""
        ...

    async def reload(self) -> Snapshot:
        """Read the configuration's file again."""
        ...


async def reload_quietly(notifier: Reloadable) -> None:
    """Reload; a refusal was logged and counted already, and nobody waits for it."""
    with suppress(ConfigurationError):
        await notifier.reload()


@asynccontextmanager
async def in_background(
    work: Coroutine[Any, Any, None], name: str
) -> AsyncIterator[None]:
    """Run *work* while the block lasts; what it raises comes out at the end."""
    task = asyncio.get_running_loop().create_task(work, name=name)
    await asyncio.sleep(0)  # it has begun when the block begins
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
