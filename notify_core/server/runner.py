"""Serves an application on a port; what is no HTTP is refused as all else is."""

from __future__ import annotations

import logging
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong

from notify_core.config.server import Address
from notify_core.server.problem import Kind, Refused
from notify_core.server.visit import REQUEST_ID, Visit, new_id, write_down

#: Seconds that the rest of a refused body is read, so that the answer can be.
_LINGER = 2.0
_NO_HTTP = "this is no HTTP/1.1 request that can be read"
_LONG_HEAD = "a line of the head is too long"

log = logging.getLogger("notify_core.server.http")


def _tells_no_request(record: logging.LogRecord) -> bool:
    # The error of a malformed request quotes it, with its key and number.
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError)


log.addFilter(_tells_no_request)


class Runner(web.AppRunner):
    """Serves an application from `listen` until `cleanup`.

    Args:
        app: The application.
        patience: Seconds that a client may take for the head of a request.
        grace: Seconds that requests have to be answered at the end.
    """

    def __init__(self, app: web.Application, *, patience: float, grace: float) -> None:
        super().__init__(
            app,
            access_log=None,  # it would write paths down, and with them tokens
            logger=log,
            # From the first byte on: who sends half a head has no longer, either.
            keepalive_timeout=patience,
            lingering_time=min(_LINGER, patience),
            shutdown_timeout=grace,
            auto_decompress=False,
        )

    @property
    def url(self) -> str:
        """Where it listens: `http://127.0.0.1:8080`."""
        host, port = self.addresses[0][:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def listen(self, address: Address) -> None:
        """Take requests at an address.

        Raises:
            OSError: It is taken, or none of this machine; `filename` is the address.
        """
        await self.setup()
        try:
            await web.TCPSite(self, address.host, address.port).start()
        except OSError as error:
            error.filename = str(address)
            raise

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        return _Server(
            made.request_handler, request_factory=made.request_factory, **self._kwargs
        )


class _Server(web.Server):
    def __init__(self, *args: Any, request_factory: Any, **options: Any) -> None:
        super().__init__(*args, request_factory=request_factory, **options)
        self._options = options

    def __call__(self) -> web.RequestHandler:
        return _Connection(self, loop=self._loop, **self._options)


class _Connection(web.RequestHandler):
    """One connection. What is no HTTP never comes as far as the application."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Return the answer to what cannot be read."""
        refused = super().handle_error(request, status, exc, message)
        if not isinstance(exc, HttpProcessingError):
            return refused
        # Not aiohttp's own words: they quote the request.
        why = _LONG_HEAD if isinstance(exc, LineTooLong) else _NO_HTTP
        current = Visit(new_id())
        response = Refused(Kind.MALFORMED, why).response(current.id)
        response.headers[REQUEST_ID] = current.id
        response.force_close()
        write_down(current, request.method, "-", response.status, 0.0)
        return response
