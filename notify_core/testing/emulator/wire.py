"""What can be done to a connection instead of answering."""

from __future__ import annotations

from aiohttp import web

from notify_core.testing.emulator.faults import Raw


def drop(request: web.Request, *, read: bool) -> web.StreamResponse:
    """Close the connection without an answer.

    Args:
        request: Whose connection.
        read: True: everything was read, so the end is orderly. False: what the client
            still writes is refused, which most clients see as a reset.
    """
    if request.transport:
        request.transport.close() if read else request.transport.abort()
    return web.Response()


def raw_answer(request: web.Request, raw: Raw) -> web.StreamResponse:
    """Return the scripted response, or write its body and close."""
    if not raw.wire:
        return raw.response()
    if request.transport:
        request.transport.write(raw.data)
    return drop(request, read=True)
