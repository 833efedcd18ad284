"""Reads which events go to which endpoints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import attrs

from notify_core.config.document import Node
from notify_core.config.routes import routes_by_name
from notify_core.config.wording import shown
from notify_core.errors import InvalidMessage, Problem
from notify_core.model.channel import Channel, Kind
from notify_core.model.checked import CheckedMessage
from notify_core.model.event import (
    EVENT_TYPES,
    InboundReceived,
    ReceiptMatched,
    Settled,
)
from notify_core.model.message import Content, Message
from notify_core.model.recipient import Endpoint
from notify_core.names import nearest
from notify_core.outbox.address import MEMORY
from notify_core.provider import Submission

if TYPE_CHECKING:
    from notify_core.config.snapshot import ProviderSettings, Snapshot

#: What is told where nothing is said: the name of each in JSON.
USUAL = tuple(EVENT_TYPES[c] for c in (Settled, ReceiptMatched, InboundReceived))

_MEMORY = (
    "events wait in memory here: each is sent once at most, and those that wait are "
    "lost with the process; name an outbox that outlives it"
)


@attrs.frozen(kw_only=True)
class EventTarget:
    """An endpoint that is told of events."""

    #: Name of the endpoint.
    to: str
    #: Names of the events, as `settled`.
    types: frozenset[str] = frozenset(USUAL)
    #: Name of the route; None: the one that such a message takes.
    route: str | None = None


def event_targets(root: Node) -> tuple[EventTarget, ...]:
    """Return who is told of events, of a configuration without problems."""
    return tuple(_target(node) for node in root["events"].elements())


def _target(node: Node) -> EventTarget:
    types = [name.value for name in node["types"].elements()]
    return EventTarget(
        to=node["to"].value,
        types=frozenset(types or USUAL),
        route=node["route"].text,
    )


def event_problems(
    root: Node, ready: Mapping[str, ProviderSettings]
) -> Iterator[Problem]:
    """Yield what is wrong with events, beside what the schema says.

    Args:
        root: The configuration.
        ready: The providers with nothing wrong.
    """
    routes = routes_by_name(root["routes"])
    # Of a faulty provider nobody knows its endpoints.
    known = len(ready) == len(root["providers"].names())
    for node in root["events"].elements():
        to, route = node["to"], node["route"]
        if known and to.text is not None and not _is_reached(to.text, ready):
            why = f"no provider has an endpoint {shown(to.text)}"
            yield to.problem(f"{why}: add it to one that serves webhook")
        if route.text is not None and route.text not in routes:
            hint = nearest(route.text, routes)
            yield route.problem(f"{shown(route.text)} is no route; {hint}")


def _is_reached(to: str, ready: Mapping[str, ProviderSettings]) -> bool:
    return any(has_endpoint(provider, to) for provider in ready.values())


def event_warnings(snapshot: Snapshot, root: Node) -> Iterator[Problem]:
    """Yield what is allowed with events and probably not meant."""
    if snapshot.events and snapshot.storage.url == MEMORY:
        yield root["events"].key_problem(_MEMORY)
    for target, node in zip(snapshot.events, root["events"].elements(), strict=True):
        try:
            route = snapshot.routes.choose(_message(target))
        except InvalidMessage as error:
            yield node["route"].problem(error.problems[0].message)
            continue
        pool = [snapshot.providers[name] for name in route.pool.providers]
        if not any(has_endpoint(provider, target.to) for provider in pool):
            why = f"they take route {route.name!r}, and no provider of its pool has it"
            yield node["to"].problem(f"gets no events: {why}; name another route")


def has_endpoint(provider: ProviderSettings, to: str) -> bool:
    """Tell whether a provider can send to an endpoint of that name."""
    if Channel.WEBHOOK not in provider.capabilities.channels:
        return False
    asked = Submission(
        message="event",
        reference="event",
        recipient=Endpoint(to),
        channel=Channel.WEBHOOK,
        kind=Kind.NOTICE,
        text="{}",
    )
    refuses = provider.type.refuses
    return refuses is None or refuses(provider.settings, asked) is None


def _message(target: EventTarget) -> CheckedMessage:
    message = Message(
        to=target.to,
        channel=Channel.WEBHOOK,
        kind=Kind.NOTICE,
        content=Content(text="{}"),
        route=target.route,
    )
    return CheckedMessage(
        message=message,
        recipient=Endpoint(target.to),
        kind=Kind.NOTICE,
        accepted_at=datetime.now(UTC),
        text="{}",
        content=message.content,
    )
