"""The application: every endpoint, and who may use it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from aiohttp import HttpVersion11, web

from notify_core.config.server import ServerSettings
from notify_core.metrics.families import Family
from notify_core.notifier import Notifier
from notify_core.server.contract import Contract
from notify_core.server.endpoint import Endpoint
from notify_core.server.listing import Listing
from notify_core.server.messages import Messages
from notify_core.server.operations import Operations
from notify_core.server.problem import Kind
from notify_core.server.providers import Providers
from notify_core.server.routes import Routes
from notify_core.server.service import Service
from notify_core.server.suppressions import SuppressionList
from notify_core.server.visit import PROBLEMS, answered
from notify_core.server.webhooks import VendorPushes

#: Where the service is found in its application.
SERVICE = web.AppKey("notify_core.service", Service)


def application(
    notifier: Notifier, settings: ServerSettings | None = None
) -> web.Application:
    """Return the service as an aiohttp application; it may be mounted in another one.

    Args:
        notifier: Open while the application runs; who opened it closes it.
        settings: Keys, proxies and limits; None: those of its configuration.

    Raises:
        ConfigurationError: The file of API keys cannot be read.
    """
    service = Service(notifier, settings or notifier.snapshot.server)
    app = web.Application(middlewares=[answered])
    app[SERVICE] = service
    app[PROBLEMS] = _counted_from_zero(notifier)
    for endpoint in _endpoints(service):
        handler = endpoint.handler
        if endpoint.scope is not None:
            handler = service.guarded(endpoint, endpoint.scope)
        app.router.add_route(
            endpoint.method, endpoint.path, handler, expect_handler=_go_on
        )
    app.cleanup_ctx.append(_ended)
    return app


def _counted_from_zero(notifier: Notifier) -> Family:
    problems = notifier.metrics.http_problems
    for kind in Kind:  # so that a rate shows from the first one
        problems.start_at_zero(kind.label)
    return problems


def _endpoints(service: Service) -> Iterator[Endpoint]:
    parts = (Messages, Listing, Routes, Providers, SuppressionList, VendorPushes)
    for part in (*parts, Operations):
        yield from part(service).endpoints()
    yield from Contract().endpoints()


async def _go_on(request: web.Request) -> None:
    """Let a client send the body that it holds back; expect what else it will."""
    expected = request.headers.get("Expect", "").lower()
    if request.version == HttpVersion11 and expected == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # nothing of the answer was written yet


async def _ended(app: web.Application) -> AsyncIterator[None]:
    yield
    await app[SERVICE].aclose()
