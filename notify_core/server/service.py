"""What every part of the service works with."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from aiohttp import web

from notify_core.config.server import ServerSettings
from notify_core.notifier import Notifier
from notify_core.server.body import Bodies
from notify_core.server.doorkeeper import Doorkeeper
from notify_core.server.endpoint import Endpoint
from notify_core.server.keys import Scope
from notify_core.server.peer import Proxies
from notify_core.server.query import check_query

log = logging.getLogger("notify_core.server")

T = TypeVar("T")

Open = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Service:
    """The notifier, who may use it, and what is under way.

    Attributes:
        notifier: Open while the service runs.
        bodies: Reads what callers send.
        proxies: Tells who asks.
        patience: Seconds that a client may take.
    """

    def __init__(self, notifier: Notifier, settings: ServerSettings) -> None:
        limits = settings.limits
        self.notifier = notifier
        self.bodies = Bodies(limits)
        self.proxies = Proxies(settings.trusted_proxies)
        self.patience = limits.patience
        self._doorkeeper = Doorkeeper(settings.keys_file, limits.rate)
        self._closing = False
        self._waits: set[asyncio.Timeout] = set()
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def is_closing(self) -> bool:
        """Whether the service takes nothing new and ends what it has."""
        return self._closing

    def close(self) -> None:
        """Take nothing new: whoever waits for more of a stream gets an end."""
        self._closing = True
        for wait in self._waits:
            wait.reschedule(0)

    async def waited(self, what: Awaitable[bytes]) -> bytes | None:
        """Wait for a piece of a stream; None: it takes too long, or we close."""
        limit = 0 if self._closing else self.patience
        try:
            async with asyncio.timeout(limit) as wait:
                self._waits.add(wait)
                try:
                    return await what
                finally:
                    self._waits.discard(wait)
        except TimeoutError:
            return None

    def guarded(self, endpoint: Endpoint, scope: Scope) -> Open:
        """Return an endpoint's handler that lets in who has a key with this scope."""
        handler, known = endpoint.handler, endpoint.query

        async def handle(request: web.Request) -> web.StreamResponse:
            key = self._doorkeeper.admitted(request, scope)
            if request.query_string:
                check_query(request, known)
            return await handler(request, key)

        return handle

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Begin what goes on when nobody waits for it any more."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # Whoever still waits is told; a caller that went cannot be.
            log.warning("a message could not be sent: %s", type(error).__name__)

    async def aclose(self) -> None:
        """Wait until all of that has ended."""
        self.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)
