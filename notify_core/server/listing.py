"""Messages, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from aiohttp import web

from notify_core.model.channel import Channel, Kind
from notify_core.model.recipient import parse_recipient
from notify_core.model.status import Status
from notify_core.outbox.listed import Listed
from notify_core.outbox.listing import MessageFilter
from notify_core.outbox.paging import MOST_AT_ONCE
from notify_core.server.answer import answer
from notify_core.server.endpoint import Endpoint
from notify_core.server.keys import ApiKey, Scope
from notify_core.server.query import parameter, with_plus, wrong_parameter
from notify_core.server.service import Service

#: What each parameter stands for.
_PARAMETERS: Mapping[str, type] = {
    "status": Status,
    "provider": str,
    "channel": Channel,
    "kind": Kind,
    "template": str,
    "route": str,
    "to": str,
    "since": datetime,
    "until": datetime,
    "dead": bool,
    "limit": int,
    "cursor": str,
}
#: Those in which a + stands for itself, though nobody wrote it as %2B.
_WITH_PLUS = ("to", "since", "until")
_BOOLS = {"true": True, "false": False}


class Listing:
    """`GET /v1/messages`."""

    def __init__(self, service: Service) -> None:
        self._notifier = service.notifier

    def endpoints(self) -> Iterator[Endpoint]:
        """Yield what there is."""
        yield Endpoint("GET", "/v1/messages", self.show, Scope.READ, _PARAMETERS)

    async def show(self, request: web.Request, key: ApiKey) -> web.Response:
        """Show a page of messages, the newest first."""
        page = await self._notifier.messages(self._filter(request))
        listed = [Listed.of(record) for record in page.records]
        return answer({"messages": listed, "cursor": page.cursor})

    def _filter(self, request: web.Request) -> MessageFilter:
        asked = {name: _read(name, value) for name, value in request.query.items()}
        if "to" in asked:
            asked["address"] = self._address(asked)
        asked.pop("to", None)
        try:
            return MessageFilter(**asked)
        except ValueError as error:
            name = "cursor" if "cursor" in str(error) else "limit"
            raise wrong_parameter(name, str(error)) from None

    def _address(self, asked: Mapping[str, Any]) -> str:
        channel = asked.get("channel", Channel.SMS)
        try:
            region = self._notifier.snapshot.region
            return parse_recipient(channel, asked["to"], region).address
        except ValueError as error:
            raise wrong_parameter("to", str(error)) from None


def _read(name: str, text: str) -> Any:
    if name == "limit":
        if text.isascii() and text.isdecimal() and 0 < int(text[:9]) <= MOST_AT_ONCE:
            return int(text)
        raise wrong_parameter(name, f"is no number from 1 to {MOST_AT_ONCE}")
    if name == "dead":
        if text in _BOOLS:
            return _BOOLS[text]
        raise wrong_parameter(name, "is neither true nor false")
    if name in _WITH_PLUS:
        text = with_plus(text)
    return parameter(_PARAMETERS[name], text, name)
