"""A vendor that answers at once: the least work an HTTP server can do.

Run as a process of its own, pinned to a core of its own: `python -m bench.stub`.
It prints its port and serves until it is ended.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_BODY = '{"code":2,"msg":"提交成功","smsid":"%020d"}'


class Stub:
    """Answers everything that it is asked.

    Args:
        delay: Seconds before each answer.

    Attributes:
        served: Requests that came.
        heard_at: When the last one came, as `time.time` has it.
    """

    def __init__(self, delay: float = 0.0) -> None:
        self.delay = delay
        self.served = 0
        self.heard_at = 0.0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        """Serve while the block lasts; give the URL."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: _Vendor(self), "127.0.0.1", 0, backlog=1024
        )
        async with server:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    def answer(self) -> bytes:
        """Return the answer to a request that came now."""
        self.served += 1
        self.heard_at = time.time()
        body = (_BODY % (1616568673_0000000000 + self.served)).encode()
        return (
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n"
            b"Content-Length: %d\r\n\r\n" % len(body) + body
        )


class _Vendor(asyncio.Protocol):
    """Reads requests with a Content-Length, on kept connections."""

    def __init__(self, stub: Stub) -> None:
        self._stub = stub
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 (for the type)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (length := _request_length(self._buffer)) is not None:
            self._buffer = self._buffer[length:]
            self._tell(self._stub.answer())

    def _tell(self, answer: bytes) -> None:
        if not self._stub.delay:
            self._transport.write(answer)
            return
        loop = asyncio.get_running_loop()
        loop.call_later(self._stub.delay, self._transport.write, answer)


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
    async with Stub().open() as base:
        print(base.rpartition(":")[2], flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    if len(sys.argv) > 1 and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {int(sys.argv[1])})
    asyncio.run(_serve())
