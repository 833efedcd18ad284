"""Messages, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import attrs
from aiohttp import web

from notify_core.model.channel import Channel, Kind
from notify_core.model.outcome import Reason
from notify_core.model.recipient import parse_recipient
from notify_core.model.status import Status
from notify_core.outbox.dead_letter import dead_letter
from notify_core.outbox.listing import MOST_AT_ONCE, MessageFilter
from notify_core.outbox.record import Record
from notify_core.server.answer import answer
from notify_core.server.endpoint import Endpoint
from notify_core.server.keys import ApiKey, Scope
from notify_core.server.query import parameters, typed, wrong_parameter
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
_BOOLS = {"true": True, "false": False}


@attrs.frozen(kw_only=True)
class Listed:
    """One message of a list."""

    id: str
    status: Status
    final: bool
    #: Why it stands there.
    reason: Reason | None
    #: Why it is a dead letter; None: it is none.
    dead: str | None
    route: str
    channel: Channel
    kind: Kind
    template: str | None
    #: The recipient, masked.
    to: str
    #: Name of the provider of the last attempt.
    provider: str | None
    attempts: int
    accepted_at: datetime
    #: When it is to go, where it waits.
    due_at: datetime | None

    @classmethod
    def of(cls, record: Record) -> Listed:
        """Return what a list shows of a record."""
        return cls(
            id=record.message.id,
            status=record.status,
            final=record.final,
            reason=record.telling_reason,
            dead=dead_letter(record),
            route=record.route,
            channel=record.message.channel,
            kind=record.kind,
            template=record.message.template,
            to=record.recipient.masked,
            provider=record.attempts[-1].provider if record.attempts else None,
            attempts=len(record.attempts),
            accepted_at=record.accepted_at,
            due_at=record.due_at,
        )


class Listing:
    """`GET /v1/messages`."""

    def __init__(self, service: Service) -> None:
        self._notifier = service.notifier

    def endpoints(self) -> Iterator[Endpoint]:
        """Yield what there is."""
        yield Endpoint("GET", "/v1/messages", self.show, Scope.READ)

    async def show(self, request: web.Request, key: ApiKey) -> web.Response:
        """Show a page of messages, the newest first."""
        page = await self._notifier.messages(self._filter(request))
        listed = [Listed.of(record) for record in page.records]
        return answer({"messages": listed, "cursor": page.cursor})

    def _filter(self, request: web.Request) -> MessageFilter:
        given = parameters(request, _PARAMETERS)
        asked = {name: _read(name, value) for name, value in given.items()}
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
    return typed(_PARAMETERS[name], text, name)
