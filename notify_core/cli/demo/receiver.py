"""The server that a vendor pushes to: one handler in front of `Notifier.receive`."""

from __future__ import annotations

from typing import Self

from aiohttp import web

from notify_core.model.webhook import WebhookRequest
from notify_core.notifier import Notifier
from notify_core.testing.emulator.site import Site

_PATH = "/webhooks/{provider}/{token}"


class Receiver:
    """Takes pushes on a free loopback port and hands them to a notifier.

    Attributes:
        notifier: Who takes them; until it is set, the vendor is asked to come again.
    """

    def __init__(self) -> None:
        self.notifier: Notifier | None = None
        app = web.Application()
        app.router.add_route("*", _PATH, self._take)
        self._site = Site(app)

    async def __aenter__(self) -> Self:
        await self._site.start("127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._site.stop()

    def url_for(self, provider: str, token: str) -> str:
        """Return where the vendor of *provider* pushes to."""
        return self._site.url + _PATH.format(provider=provider, token=token)

    async def _take(self, request: web.Request) -> web.Response:
        if self.notifier is None:
            raise web.HTTPServiceUnavailable
        reply = await self.notifier.receive(
            request.match_info["provider"],
            WebhookRequest(
                method=request.method,
                url=f"{request.scheme}://{request.host}{request.raw_path}",
                headers=request.headers,
                body=await request.read(),
                source=request.remote,
                token=request.match_info["token"],
            ),
        )
        return web.Response(
            status=reply.status,
            body=reply.body,
            headers={"Content-Type": reply.content_type},
        )
