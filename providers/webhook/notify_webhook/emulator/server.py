"""The webhook emulator: a receiver whose endpoints are the paths of one HTTP server."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import ClassVar

from aiohttp import web

from notify_core.testing.emulator import Do, Emulator
from notify_webhook.emulator.checks import Call
from notify_webhook.emulator.orders import WebhookOrder
from notify_webhook.emulator.settings import Settings

_STATUS = "[2-5][0-9]{2}"
_MAGIC = re.compile(f"status-({_STATUS})")


class WebhookEmulator(Emulator):
    """A receiver that takes what Standard Webhooks describes, and nothing else.

    Args:
        settings: What it takes.
        clock: Unix seconds.
        sleep: Not used: a receiver pushes nothing.
    """

    title = "Webhook receiver"
    code_form: ClassVar[str] = _STATUS

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.settings = settings or Settings()
        super().__init__(clock=clock, sleep=sleep, keep=self.settings.keep)

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        """Return the endpoints: each name is a path."""
        return [web.post("/{endpoint:[a-z0-9][a-z0-9_-]{0,62}}", self.serve)]

    def magic(self, recipient: str) -> Do | None:
        """Return the status that an endpoint named `status-503` always answers with."""
        named = _MAGIC.fullmatch(recipient)
        return Do(code=named[1]) if named else None

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer a request to any endpoint."""
        if self.faults.closes_unread():
            return self.drop_unread(request)
        call = Call(
            endpoint=request.match_info["endpoint"],
            headers={name.lower(): value for name, value in request.headers.items()},
            body=await request.read(),
            now=self.clock(),
            settings=self.settings,
        )
        return await self.answer(request, self._order(call))

    def _order(self, call: Call) -> WebhookOrder:
        return WebhookOrder(
            to=(call.endpoint,),
            text=call.body.decode(errors="replace"),
            reference=call.id,
            call=call,
            is_duplicate=self.settings.drops_duplicates and self._has(call),
        )

    def _has(self, call: Call) -> bool:
        """Tell whether the message came before: one id names one message."""
        return self.arrivals.find(id=call.id) is not None
