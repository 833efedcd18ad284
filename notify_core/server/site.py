"""Where the service listens, and how it stops."""

from __future__ import annotations

import logging
from types import TracebackType
from typing import Self

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from prometheus_client.aiohttp import make_aiohttp_handler

from notify_core.config.server import Address, ServerSettings
from notify_core.notifier import Notifier
from notify_core.server.application import SERVICE, application

#: Seconds that requests have to be answered when the service stops.
GRACE = 30.0
#: Seconds that the rest of a refused body is read, so that the answer can be.
_LINGER = 2.0

log = logging.getLogger("notify_core.server.http")


def _tells_no_request(record: logging.LogRecord) -> bool:
    # The error of a malformed request quotes it, with its key and number.
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError)


log.addFilter(_tells_no_request)


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
        self._runner = _runner(self._app, patience, grace)
        metrics = web.Application()
        expose = make_aiohttp_handler(notifier.metrics.registry)
        metrics.router.add_get("/metrics", expose)
        self._metrics = _runner(metrics, patience, grace=1.0)

    @property
    def url(self) -> str:
        """The base URL of the service: `http://127.0.0.1:8080`."""
        return _url(self._runner)

    @property
    def metrics_url(self) -> str | None:
        """Where metrics are without a key; None: nowhere."""
        return f"{_url(self._metrics)}/metrics" if self._metrics.addresses else None

    async def __aenter__(self) -> Self:
        try:
            await _listen(self._runner, self._settings.listen)
            if self._settings.metrics_listen is not None:
                await _listen(self._metrics, self._settings.metrics_listen)
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
        await self._metrics.cleanup()


def _runner(app: web.Application, patience: float, grace: float) -> web.AppRunner:
    return web.AppRunner(
        app,
        access_log=None,  # it would write paths down, and with them tokens
        logger=log,
        # From the first byte on: who sends half a head has no longer, either.
        keepalive_timeout=patience,
        lingering_time=min(_LINGER, patience),
        shutdown_timeout=grace,
        auto_decompress=False,
    )


async def _listen(runner: web.AppRunner, address: Address) -> None:
    await runner.setup()
    await web.TCPSite(runner, address.host, address.port).start()


def _url(runner: web.AppRunner) -> str:
    host, port = runner.addresses[0][:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
