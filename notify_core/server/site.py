"""Where the service listens, and how it stops."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from aiohttp import web
from prometheus_client.aiohttp import make_aiohttp_handler

from notify_core.config.server import Address, ServerSettings
from notify_core.notifier import Notifier
from notify_core.server.application import SERVICE, application
from notify_core.server.runner import Runner

#: Seconds that requests have to be answered when the service stops.
GRACE = 30.0


class Site:
    """The service on its ports, while the block lasts.

    At its end nothing new is taken, and what has begun is answered.

    Args:
        notifier: An open one.
        settings: Where and how; None: those of its configuration.
        grace: Seconds that requests have to be answered at the end.

    Raises:
        ConfigurationError: The file of API keys cannot be read.
    """

    def __init__(
        self,
        notifier: Notifier,
        settings: ServerSettings | None = None,
        *,
        grace: float = GRACE,
    ) -> None:
        self._settings = settings or notifier.snapshot.server
        self._app = application(notifier, self._settings)
        patience = self._settings.limits.patience
        self._runner = Runner(self._app, patience=patience, grace=grace)
        self._metrics = MetricsSite(notifier, self._settings.metrics_listen)

    @property
    def url(self) -> str:
        """The base URL of the service: `http://127.0.0.1:8080`."""
        return self._runner.url

    @property
    def metrics_url(self) -> str | None:
        """Where metrics are without a key; None: nowhere."""
        return self._metrics.url

    async def __aenter__(self) -> Self:
        try:
            await self._runner.listen(self._settings.listen)
            await self._metrics.__aenter__()
        except OSError:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._stop()

    async def _stop(self) -> None:
        self._app[SERVICE].close()
        await self._runner.cleanup()
        await self._metrics.__aexit__(None, None, None)


class MetricsSite:
    """The metrics on a port of their own, without a key, while the block lasts.

    Args:
        notifier: Whose metrics.
        address: Where; None: nowhere.
    """

    def __init__(self, notifier: Notifier, address: Address | None) -> None:
        app = web.Application()
        expose = make_aiohttp_handler(notifier.metrics.registry)
        app.router.add_get("/metrics", expose)
        patience = notifier.snapshot.server.limits.patience
        self._runner = Runner(app, patience=patience, grace=1.0)
        self._address = address

    @property
    def url(self) -> str | None:
        """Where they are; None: nowhere."""
        return f"{self._runner.url}/metrics" if self._runner.addresses else None

    async def __aenter__(self) -> Self:
        if self._address is not None:
            await self._runner.listen(self._address)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._runner.cleanup()
