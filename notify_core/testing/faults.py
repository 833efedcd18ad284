"""A server on loopback that plays wire faults and counts what it has read."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import ssl
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Self

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from notify_core.http import new_session
from notify_core.testing.wire_table import FAULTS, End, HttpAnswer, Place, Script

_HOST = "127.0.0.1"
_BY_NAME = {fault.name: fault.script for fault in FAULTS}
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_DRIP_SECONDS = 0.02
#: With it, closing resets the connection instead of ending it in good order.
_NO_LINGER = struct.pack("ii", 1, 0)


class NoNames(AbstractResolver):
    """A resolver that knows no name: no look-up leaves the machine."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Say that there is no such host."""
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    async def close(self) -> None:
        """Release nothing."""


def local_session() -> aiohttp.ClientSession:
    """Open the session that the core would open, except that no name resolves."""
    return new_session(resolver=NoNames())


class FaultServer:
    """Plays one script to every connection; until told otherwise, it answers `{}`.

    Attributes:
        requests: Every whole request that was read, as it came.
        connections: How many connections were accepted.
    """

    def __init__(self) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self._script = HttpAnswer(body=b"{}").script
        self._elsewhere = contextlib.ExitStack()
        self._serving: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._listener = self._elsewhere.enter_context(_port(backlog=128))
        self._accepting = asyncio.create_task(self._accept())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._accepting.cancel()
        await asyncio.gather(self._accepting, return_exceptions=True)
        await self.drop()
        self._elsewhere.close()

    # What is played.

    @property
    def url(self) -> str:
        """The base URL of the plain server."""
        return f"http://{_HOST}:{_number(self._listener)}"

    def play(self, played: Script | HttpAnswer | str) -> str:
        """Play a script, an answer or the fault of this name; return the base URL."""
        match played:
            case Script():
                self._script = played
            case HttpAnswer():
                self._script = played.script
            case str():
                self._script = _BY_NAME[played]
        return self._place(self._script.place)

    def _place(self, place: Place) -> str:
        match place:
            case Place.REFUSED:
                deaf = self._elsewhere.enter_context(_port(backlog=None))
                return f"http://{_HOST}:{_number(deaf)}"
            case Place.FULL:
                full = self._elsewhere.enter_context(_full_port())
                return f"http://{_HOST}:{_number(full)}"
            case Place.UNKNOWN_HOST:
                return "http://nobody.invalid"
            case Place.UNTRUSTED | Place.SILENT_TLS:
                return self.url.replace("http", "https")
            case Place.SERVER:
                return self.url

    async def drop(self) -> None:
        """Close every connection, and let a client in this loop notice."""
        for task in self._serving:
            task.cancel()
        await self.left()
        for _ in range(3):  # the news is read in one turn and acted on in the next
            await asyncio.sleep(0)

    # What happened.

    async def read(self, requests: int = 1) -> None:
        """Wait until so many whole requests were read."""
        await self._until(lambda: len(self.requests) >= requests)

    async def connected(self, connections: int = 1) -> None:
        """Wait until so many connections were accepted."""
        await self._until(lambda: self.connections >= connections)

    async def left(self) -> None:
        """Wait until no connection is open."""
        await self._until(lambda: not self._serving)

    async def _until(self, reached: Callable[[], bool]) -> None:
        while not reached():
            await self._changed.wait()

    def _tell(self) -> None:
        self._changed.set()  # wakes everybody who waits now
        self._changed.clear()

    # Serving.

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            connection, _ = await loop.sock_accept(self._listener)
            task = asyncio.create_task(self._serve(connection))
            self._serving.add(task)
            task.add_done_callback(self._served)
            self.connections += 1
            self._tell()

    def _served(self, task: asyncio.Task[None]) -> None:
        self._serving.discard(task)
        self._tell()

    async def _serve(self, connection: socket.socket) -> None:
        # OSError: the client left in the middle, as it may.
        with contextlib.suppress(OSError), connection:
            if self._script.place is Place.UNTRUSTED:
                await _shake_hands(connection)
            elif not self._script.reads:
                await _readable(connection)
            else:
                await self._converse(connection)

    async def _converse(self, connection: socket.socket) -> None:
        while request := await _read(connection):
            self.requests.append(request)
            self._tell()
            script = self._script
            await asyncio.get_running_loop().sock_sendall(connection, script.answer)
            if script.end is not End.KEEP:
                return await _end(connection, script.end)
        return None


# One connection.


async def _read(connection: socket.socket) -> bytes | None:
    """Return a whole request; None when the client leaves before that."""
    loop = asyncio.get_running_loop()
    request = b""
    while not _is_whole(request):
        piece = await loop.sock_recv(connection, 65536)
        if not piece:
            return None
        request += piece
    return request


def _is_whole(request: bytes) -> bool:
    head, blank, body = request.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    return bool(blank) and len(body) >= (int(length[1]) if length else 0)


async def _end(connection: socket.socket, end: End) -> None:
    loop = asyncio.get_running_loop()
    if end is End.RESET:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    if end is End.STALL:
        await loop.sock_recv(connection, 1)  # ends when the client leaves
    while end is End.DRIP:
        await loop.sock_sendall(connection, b" ")
        await asyncio.sleep(_DRIP_SECONDS)


async def _readable(connection: socket.socket) -> None:
    """Wait until something has come, and leave it unread."""
    loop = asyncio.get_running_loop()
    came = asyncio.Event()
    loop.add_reader(connection, came.set)
    try:
        await came.wait()
    finally:
        loop.remove_reader(connection)


async def _shake_hands(connection: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_accepted_socket(
        asyncio.Protocol, connection, ssl=_untrusted()
    )
    transport.close()


@cache
def _untrusted() -> ssl.SSLContext:
    # Imported here: only those who run tests have it.
    import trustme  # noqa: PLC0415

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert(_HOST).configure_cert(context)
    return context


# Ports.


@contextmanager
def _port(backlog: int | None) -> Iterator[socket.socket]:
    """Hold a port; with no backlog nobody listens on it."""
    with socket.socket() as held:
        held.bind((_HOST, 0))
        held.setblocking(False)
        if backlog is not None:
            held.listen(backlog)
        yield held


@contextmanager
def _full_port() -> Iterator[socket.socket]:
    """Hold a port whose queue is full: it takes one connection, nobody accepts it."""
    with _port(backlog=0) as held, contextlib.ExitStack() as waiting:
        for _ in range(2):
            filler = waiting.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(held.getsockname())
        yield held


def _number(held: socket.socket) -> int:
    return int(held.getsockname()[1])
