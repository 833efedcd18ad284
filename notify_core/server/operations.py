"""What watches the service and what runs it ask: health, metrics, reload."""

from __future__ import annotations

from collections.abc import Iterator

from aiohttp import web
from prometheus_client.aiohttp import make_aiohttp_handler

from notify_core.errors import StoreUnavailable
from notify_core.server.answer import answer
from notify_core.server.endpoint import Endpoint
from notify_core.server.keys import ApiKey, Scope
from notify_core.server.problem import AGAIN
from notify_core.server.service import Service

#: No message has this id: it is asked for to see whether the store answers.
_NOBODY = "readyz"
#: By this parameter the metrics library is asked for some of them.
_METRICS = ("name[]",)


class Operations:
    """Everything that is not about messages."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._notifier = service.notifier
        self._exposition = make_aiohttp_handler(self._notifier.metrics.registry)
        #: What the process began with: a reload changes nothing in it.
        self._server = self._notifier.snapshot.server

    def endpoints(self) -> Iterator[Endpoint]:
        """Yield what there is."""
        for method in ("GET", "HEAD"):  # some that watch ask for no body
            yield Endpoint(method, "/healthz", self.alive)
            yield Endpoint(method, "/readyz", self.ready)
        yield Endpoint("GET", "/metrics", self.metrics, Scope.METRICS, _METRICS)
        yield Endpoint("POST", "/-/reload", self.reload, Scope.ADMIN)

    async def alive(self, request: web.Request) -> web.Response:
        """Tell that the process answers."""
        return answer({"status": "ok"})

    async def ready(self, request: web.Request) -> web.Response:
        """Tell whether requests may come: the store answers, and we do not stop."""
        store = await self._store()
        is_ready = store == "ok" and not self._service.is_closing
        told = {
            "status": "ready" if is_ready else "not ready",
            "store": store,
            "stopping": self._service.is_closing,
            "configuration": self._notifier.snapshot.hash,
        }
        return answer(told) if is_ready else answer(told, 503, AGAIN)

    async def metrics(self, request: web.Request, key: ApiKey) -> web.StreamResponse:
        """Show the metrics."""
        return await self._exposition(request)

    async def reload(self, request: web.Request, key: ApiKey) -> web.Response:
        """Take over the changed configuration whole, or change nothing."""
        snapshot = await self._notifier.reload()
        told = {
            "configuration": snapshot.hash,
            "restart_needed": snapshot.server != self._server,
        }
        return answer(told)

    async def _store(self) -> str:
        try:
            await self._notifier.get(_NOBODY)
        except StoreUnavailable:
            return "away"
        return "ok"
