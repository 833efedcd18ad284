"""Makes a message of an event, in the form of Standard Webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import attrs
import msgspec

from notify_core.config.events import EventTarget
from notify_core.config.snapshot import Snapshot
from notify_core.model.channel import Channel, Kind
from notify_core.model.event import Event
from notify_core.model.identifier import OF_EVENT, new_id
from notify_core.model.message import Content, Message
from notify_core.wire import to_builtins


@attrs.frozen
class Happened:
    """An event, and when it was told."""

    event: Event
    #: With time zone.
    at: datetime

    @property
    def document(self) -> str:
        """The event as JSON: `type`, `timestamp`, and all the rest as `data`."""
        data = to_builtins(self.event)
        told = {"type": data.pop("type"), "timestamp": self.at.isoformat()}
        return msgspec.json.encode({**told, "data": data}).decode()


def is_of_event(event: Event) -> bool:
    """Tell whether an event is about a message that tells of an event."""
    message = getattr(event, "message", None)
    return isinstance(message, str) and message.startswith(OF_EVENT)


def message_of(
    document: str, target: EventTarget, extra: Mapping[str, Mapping[str, Any]]
) -> Message:
    """Return the message that tells an endpoint of an event."""
    return Message(
        id=OF_EVENT + new_id(),
        to=target.to,
        channel=Channel.WEBHOOK,
        kind=Kind.NOTICE,
        content=Content(text=document),
        route=target.route,
        extra=extra,
    )


def vendor_options(snapshot: Snapshot) -> dict[str, Mapping[str, Any]]:
    """Return what lets each provider type send the document as it is."""
    return {
        provider.type.name: dict(provider.type.json_text)
        for provider in snapshot.providers.values()
        if Channel.WEBHOOK in provider.capabilities.channels and provider.type.json_text
    }
