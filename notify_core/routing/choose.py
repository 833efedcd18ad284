"""Chooses the route of a message."""

from __future__ import annotations

from notify_core.config.snapshot import Snapshot
from notify_core.errors import InvalidMessage, Problem
from notify_core.model.message import Message
from notify_core.names import nearest
from notify_core.routing.route import Route


def choose_route(message: Message, snapshot: Snapshot) -> Route:
    """Return the one route that the message takes.

    Raises:
        InvalidMessage: It names a route that the configuration does not have.
    """
    root = snapshot.root
    if message.route not in (None, root.name):
        why = f"no route {message.route!r}; {nearest(str(message.route), [root.name])}"
        raise InvalidMessage([Problem(pointer="/route", message=why)])
    return root
