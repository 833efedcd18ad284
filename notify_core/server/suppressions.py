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
from notify_core.server.query import (
    field,
    parameter,
    texts,
    with_plus,
    wrong_field,
    wrong_parameter,
)
from notify_core.server.service import Service

_FIELDS = ("to", "why", "channel", "until")
_PATH = "/v1/suppressions"


class SuppressionList:
    """Everything under `/v1/suppressions`."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._notifier = service.notifier

    def endpoints(self) -> Iterator[Endpoint]:
        """Yield what there is."""
        yield Endpoint("GET", _PATH, self.show, Scope.READ, ("to", "channel"))
        yield Endpoint("POST", _PATH, self.add, Scope.ADMIN)
        one = f"{_PATH}/{{address}}"
        yield Endpoint("DELETE", one, self.remove, Scope.ADMIN, ("channel",))

    async def show(self, request: web.Request, key: ApiKey) -> web.Response:
        """Show the list, or what is on it of one address; addresses are masked."""
        to, channel = request.query.get("to"), _channel(request)
        if to is not None:
            to = with_plus(to)
        try:
            found = await self._notifier.suppressed(to, channel=channel)
        except ValueError as error:
            raise wrong_parameter("to", str(error)) from None
        return answer({"suppressions": found})

    async def add(self, request: web.Request, key: ApiKey) -> web.Response:
        """Send an address nothing more."""
        sent = await self._service.bodies.json(request)
        body = texts(sent, _FIELDS, needed=("to", "why"))
        until = body.get("until")
        ends = None if until is None else field(datetime, until, "until")
        channel = field(Channel, body.get("channel", Channel.SMS.value), "channel")
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
        channel = _channel(request)
        address = request.match_info["address"]
        try:
            was_on_it = await self._notifier.unsuppress(address, channel=channel)
        except ValueError as error:
            raise wrong_field("address", str(error)) from None
        if not was_on_it:
            raise Refused(Kind.NOT_FOUND, "the address is not on the list")
        return web.Response(status=204)


def _channel(request: web.Request) -> Channel:
    asked = request.query.get("channel", Channel.SMS.value)
    return parameter(Channel, asked, "channel")
