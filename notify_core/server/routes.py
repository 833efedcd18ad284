"""Which way a message would take."""

from __future__ import annotations

from collections.abc import Iterator

from aiohttp import web

from notify_core.server.answer import answer
from notify_core.server.endpoint import Endpoint
from notify_core.server.keys import ApiKey, Scope
from notify_core.server.service import Service
from notify_core.wire import message_from_builtins


class Routes:
    """`POST /v1/routes/explain`."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def endpoints(self) -> Iterator[Endpoint]:
        """Yield what there is."""
        yield Endpoint("POST", "/v1/routes/explain", self.explain, Scope.READ)

    async def explain(self, request: web.Request, key: ApiKey) -> web.Response:
        """Explain the way of a message; nothing is sent."""
        body = await self._service.bodies.json(request)
        message = message_from_builtins(body)
        return answer(await self._service.notifier.explain(message))
