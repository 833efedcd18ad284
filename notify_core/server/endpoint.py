"""One thing that the service does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection

import attrs
from aiohttp import web

from notify_core.server.keys import Scope


@attrs.frozen
class Endpoint:
    """A method of a path, what answers, and the scope that opens it."""

    method: str
    path: str
    #: Takes the request, and with a scope the key that was shown.
    handler: Callable[..., Awaitable[web.StreamResponse]]
    #: None: it is open to everybody.
    scope: Scope | None = None
    #: Names of the query parameters that it knows.
    query: Collection[str] = ()
