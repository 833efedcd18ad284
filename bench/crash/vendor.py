"""A vendor on this machine with a record of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web


class Vendor:
    """Accepts everything, as often as it comes.

    Attributes:
        accepted: How often each reference was accepted.
        base: Where it is.
    """

    def __init__(self) -> None:
        self.accepted: Counter[str] = Counter()
        self.base = ""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Serve while the block lasts."""
        app = web.Application()
        app.router.add_post("/messages", self._accept)
        app.router.add_get("/messages/{reference}", self._tell)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        self.base = f"http://{host}:{port}"
        try:
            yield
        finally:
            await runner.cleanup()

    async def _accept(self, request: web.Request) -> web.Response:
        reference = (await request.read()).decode()
        self.accepted[reference] += 1
        return web.Response(text=f"v-{reference}-{self.accepted[reference]}")

    async def _tell(self, request: web.Request) -> web.Response:
        known = self.accepted[request.match_info["reference"]]
        return web.Response(status=200 if known else 404)
