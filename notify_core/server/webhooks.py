"""What vendors push."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus

from aiohttp import web

from notify_core.model.webhook import WebhookRequest
from notify_core.server.endpoint import Endpoint
from notify_core.server.problem import AGAIN
from notify_core.server.service import Service

_PATH = "/webhooks/{provider}/{token}"


class VendorPushes:
    """Takes pushes; the token in the path and the vendor's signature open the door."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def endpoints(self) -> Iterator[Endpoint]:
        """Yield what there is."""
        yield Endpoint("POST", _PATH, self.take)
        yield Endpoint("GET", _PATH, self.take)

    async def take(self, request: web.Request) -> web.Response:
        """Hand a push to the notifier, and give the vendor the answer that it wants."""
        service = self._service
        push = WebhookRequest(
            method=request.method,
            url=service.proxies.url(request),
            headers=request.headers,
            body=await service.bodies.read(request),
            source=service.proxies.source(request),
            token=request.match_info["token"],
        )
        reply = await service.notifier.receive(request.match_info["provider"], push)
        return web.Response(
            status=reply.status,
            body=reply.body,
            headers={"Content-Type": reply.content_type, **_when(reply.status)},
        )


def _when(status: int) -> Mapping[str, str]:
    """Return the header that says when a push that was not stored may come again."""
    return AGAIN if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
