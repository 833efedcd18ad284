"""Requests per second of the service, against a bare aiohttp handler.

Both servers run on one core, in turn; what asks them runs on another one. The bare
handler decodes the same JSON and answers with a document of the same size; the
service lets the caller in, checks, routes and records the message durably, and answers.

The rounds run both for the same number of requests; the ratio is taken within a
round, and the median of the rounds is shown, since machines are noisy.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import attrs

from bench.machine import pinned
from bench.requirement import least
from bench.speed import Speed, Watch, medians, ratio

#: Connections that ask at the same time.
CONNECTIONS = 64
#: Of a bare handler; and messages a second as lines of one stream.
REQUIRED = (least("of_bare", 0.40), least("lines", 10_000))
_MESSAGE = {
    "to": "+8613800138000",
    "template": "login-code",
    "params": {"code": "2546"},
    "labels": {"tenant": "a1"},
}
_BODY = json.dumps(_MESSAGE).encode()


@attrs.frozen
class Server:
    """A server to be measured."""

    pid: int
    port: int
    #: The API key; of the bare handler, which asks for none, anything.
    key: str

    def cpu(self) -> float:
        """Return the seconds of CPU that it has used, in all its threads."""
        told = Path(f"/proc/{self.pid}/stat").read_text("ascii").split()
        return sum(map(int, told[13:15])) / os.sysconf("SC_CLK_TCK")

    def head(self, media: str, length: int) -> bytes:
        """Return the head of a request with a body."""
        return (
            f"POST /v1/messages HTTP/1.1\r\nHost: n.example\r\n"
            f"Authorization: Bearer {self.key}\r\n"
            f"Content-Type: {media}\r\nContent-Length: {length}\r\n\r\n"
        ).encode()


class _Caller(asyncio.Protocol):
    """Asks again as soon as it is answered: the least work that a client can do."""

    def __init__(self, request: bytes, more: Callable[[], bool]) -> None:
        self.done = asyncio.get_running_loop().create_future()
        self._request = request
        self._more = more
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 (for the type)
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return
        if head[9:12] not in (b"200", b"202"):
            self.done.set_exception(RuntimeError(self._buffer.decode()))
        self._buffer = b""
        if self._more():
            self._transport.write(self._request)
        elif not self.done.done():
            self._transport.close()
            self.done.set_result(None)

    def connection_lost(self, _: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(ConnectionError("the server closed"))


def _length(head: bytes) -> int:
    at = head.index(b"Content-Length: ") + 16
    return int(head[at:].split(b"\r\n", 1)[0])


async def _singles(server: Server, many: int) -> Speed:
    """Send so many messages, each in a request of its own."""
    left = iter(range(many - CONNECTIONS))
    request = server.head("application/json", len(_BODY)) + _BODY
    loop = asyncio.get_running_loop()
    watch = Watch(server.cpu)
    made = [
        await loop.create_connection(
            lambda: _Caller(request, lambda: next(left, None) is not None),
            "127.0.0.1",
            server.port,
        )
        for _ in range(CONNECTIONS)
    ]
    await asyncio.gather(*(caller.done for _, caller in made))
    return watch.speed(many)


async def _lines(server: Server, many: int) -> Speed:
    """Send so many messages in one stream."""
    body = (_BODY + b"\n") * many
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    watch = Watch(server.cpu)
    writer.write(server.head("application/x-ndjson", len(body)))
    writing = asyncio.create_task(_write(writer, body))
    end = b""
    while b'{"end"' not in end:
        end = end[-16:] + await reader.read(1 << 18)
    speed = watch.speed(many)
    await writing
    writer.close()
    if f'"taken":{many}'.encode() not in end:
        raise RuntimeError(end.decode())
    return speed


async def _write(writer: asyncio.StreamWriter, body: bytes) -> None:
    for at in range(0, len(body), 1 << 18):
        writer.write(body[at : at + (1 << 18)])
        await writer.drain()


@contextmanager
def _servers(folder: str) -> Iterator[dict[str, Server]]:
    with ExitStack() as stack:
        found = {}
        for name in ("bare", "service"):
            told = stack.enter_context(pinned("bench.http_server", name, folder))
            pid, port, key = told.split()
            found[name] = Server(int(pid), int(port), key)
        yield found


def run(many: int, rounds: int, folder: str | None) -> dict[str, Any]:
    """Measure both servers and return the figures."""
    with TemporaryDirectory(dir=folder) as kept, _servers(kept) as servers:
        return asyncio.run(_measured(servers, many, rounds))


async def _measured(
    servers: dict[str, Server], many: int, rounds: int
) -> dict[str, Any]:
    for server in servers.values():
        await _singles(server, max(many // 10, 2 * CONNECTIONS))
    singles = [
        {name: await _singles(server, many) for name, server in servers.items()}
        for _ in range(rounds)
    ]
    lines = [await _lines(servers["service"], many * 5) for _ in range(rounds)]
    return {
        "requests": many,
        "rounds": rounds,
        **medians(singles),
        "of_bare": ratio(singles, "service", "bare"),
        "lines": round(median(speed.rate for speed in lines)),
        "lines_cpu_us": round(median(speed.cpu for speed in lines)),
    }


def lines(figures: dict[str, Any]) -> Iterator[str]:
    """Say the figures for people."""
    for name, rate in figures["rate"].items():
        yield f"{name:<8}{rate:>8} /s{figures['cpu_us'][name]:>8} µs CPU"
    yield f"lines   {figures['lines']:>8} /s{figures['lines_cpu_us']:>8} µs CPU"
