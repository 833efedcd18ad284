"""A vendor that answers at once: the least work an HTTP server can do.

Run as a process of its own, pinned to a core of its own: `python -m bench.stub`.
It prints its port and serves until it is ended.
"""

from __future__ import annotations

import asyncio
import os
import sys

_BODY = '{"code":2,"msg":"提交成功","smsid":"%020d"}'


class _Vendor(asyncio.Protocol):
    """Reads requests with a Content-Length, on kept connections."""

    _served = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 (for the type)
        self._transport = transport
        self._buffer = b""

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (length := _request_length(self._buffer)) is not None:
            self._buffer = self._buffer[length:]
            self._transport.write(self._answer())

    def _answer(self) -> bytes:
        _Vendor._served += 1
        body = (_BODY % (1616568673_0000000000 + _Vendor._served)).encode()
        return (
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n"
            b"Content-Length: %d\r\n\r\n" % len(body) + body
        )


def _request_length(buffer: bytes) -> int | None:
    """Return the length of the first whole request; None while it is not whole."""
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = buffer[:end].lower()
    at = head.find(b"content-length:")
    body = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
    whole = end + 4 + body
    return whole if len(buffer) >= whole else None


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Vendor, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    if len(sys.argv) > 1 and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {int(sys.argv[1])})
    asyncio.run(_serve())
