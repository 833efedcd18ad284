"""Where an emulator listens."""

from __future__ import annotations

import logging

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

#: Seconds that a handler may still take when the site stops.
_GRACE = 0.01


log = logging.getLogger("notify_core.testing.emulator")


def _tells_no_request(record: logging.LogRecord) -> bool:
    # The error of a malformed request quotes it, with its password and number.
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError)


log.addFilter(_tells_no_request)


class Site:
    """One application on one port."""

    def __init__(self, app: web.Application) -> None:
        self._app = app
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """The base URL, `http://127.0.0.1:8106`.

        Raises:
            RuntimeError: The site is not started.
        """
        if self._runner is None:
            raise RuntimeError("the emulator has no URL before start()")
        host, port = self._runner.addresses[0][:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def start(self, host: str, port: int) -> None:
        """Listen on *host* and *port*; 0: a free one.

        Raises:
            OSError: The port cannot be had.
            RuntimeError: The site is started already.
        """
        if self._runner:
            raise RuntimeError(f"the emulator already runs at {self.url}")
        runner = web.AppRunner(
            self._app,
            access_log=None,
            logger=log,
            handler_cancellation=True,  # a stalled answer ends with its client
            shutdown_timeout=_GRACE,
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner

    async def stop(self) -> None:
        """Close every connection and cancel what still runs."""
        runner, self._runner = self._runner, None
        if runner:
            await runner.cleanup()
