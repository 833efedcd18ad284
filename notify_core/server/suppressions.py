"""The suppression list: who gets nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from aiohttp import web

from notify_core.model.channel import Channel
from notify_core.server.answer import answer
from notify_core.server.endpoint import Endpoint
from notify_core.server.keys import ApiKey, Scope
from notify_core.server.problem import Kind, Refused
from notify_core.server.query import fields, parameters, typed, wrong_field
from notify_core.server.service import Service

_FIELDS = {"to": str, "why": str, "channel": str, "until": str}
_PATH = "/v1/suppressions"


class SuppressionList:
    """Everything under `/v1/suppressions`."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._notifier = service.notifier

    def endpoints(self) -> Iterator[Endpoint]:
        """Yield what there is."""
        yield Endpoint("GET", _PATH, self.show, Scope.READ)
        yield Endpoint("POST", _PATH, self.add, Scope.ADMIN)
        yield Endpoint("DELETE", f"{_PATH}/{{address}}", self.remove, Scope.ADMIN)

    async def show(self, request: web.Request, key: ApiKey) -> web.Response:
        """Show the list, oldest first, with addresses masked."""
        return answer({"suppressions": await self._notifier.suppressed()})

    async def add(self, request: web.Request, key: ApiKey) -> web.Response:
        """Send an address nothing more."""
        body = fields(await self._service.bodies.json(request), _FIELDS)
        missing = [name for name in ("to", "why") if not body.get(name, "").strip()]
        if missing:
            raise wrong_field(missing[0], "is missing")
        until = body.get("until")
        ends = None if until is None else typed(datetime, until, "until")
        channel = _channel(body)
        try:
            await self._notifier.suppress(
                body["to"], channel=channel, why=body["why"], until=ends
            )
        except ValueError as error:
            name = "until" if str(error).startswith("until") else "to"
            raise wrong_field(name, str(error)) from None
        return web.Response(status=204)

    async def remove(self, request: web.Request, key: ApiKey) -> web.Response:
        """Take an address off the list."""
        channel = _channel(parameters(request, ["channel"]))
        address = request.match_info["address"]
        try:
            was_on_it = await self._notifier.unsuppress(address, channel=channel)
        except ValueError as error:
            raise wrong_field("address", str(error)) from None
        if not was_on_it:
            raise Refused(Kind.NOT_FOUND, "the address is not on the list")
        return web.Response(status=204)


def _channel(given: dict[str, str]) -> Channel:
    return typed(Channel, given.get("channel", Channel.SMS.value), "channel")
