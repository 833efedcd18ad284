"""A TCP proxy that fails as networks do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType

#: Bytes that are passed on at once.
_PIECE = 65536


class TcpProxy:
    """Passes on what comes to a port of 127.0.0.1, until it is told otherwise.

        async with TcpProxy("127.0.0.1", 5432) as proxy:
            connect(proxy.port)
            proxy.part()    # nothing gets through; nobody is told
            proxy.mend()    # what was on its way arrives
            proxy.part_after(lambda piece: b"COMMIT" in piece)

    Args:
        host: Where to.
        port: Where to.
    """

    def __init__(self, host: str, port: int) -> None:
        self._to = (host, port)
        self._is_whole = asyncio.Event()
        self._is_whole.set()
        self._is_parted = asyncio.Event()
        self._is_last: Callable[[bytes], bool] = _never
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        """Where from; known once it is entered."""
        if self._server is None:
            raise RuntimeError("enter the proxy first: `async with proxy:`")
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def part(self) -> None:
        """Let nothing through: connections stand, and new ones get no answer."""
        self._is_whole.clear()
        self._is_parted.set()

    async def parted(self) -> None:
        """Return when nothing gets through."""
        await self._is_parted.wait()

    def part_after(self, is_last: Callable[[bytes], bool]) -> None:
        """Let nothing through as soon as a piece has passed of which this is true.

        Args:
            is_last: Asked of each piece, in either direction.
        """
        self._is_last = is_last

    def mend(self) -> None:
        """Let everything through, what was held back first."""
        self._is_whole.set()
        self._is_parted.clear()

    def cut(self) -> None:
        """End every connection at once."""
        for writer in tuple(self._writers):
            writer.transport.abort()

    async def __aenter__(self) -> TcpProxy:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server is not None:
            self._server.close()
        self.cut()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._writers.add(writer)
        try:
            await self._is_whole.wait()
            there_reader, there = await asyncio.open_connection(*self._to)
        except OSError:
            writer.transport.abort()
            return
        self._writers.add(there)
        await asyncio.gather(
            self._pass_on(reader, there), self._pass_on(there_reader, writer)
        )
        self._writers -= {writer, there}

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            while piece := await reader.read(_PIECE):
                await self._is_whole.wait()
                writer.write(piece)
                await writer.drain()
                if self._is_last(piece):
                    self._is_last = _never
                    self.part()
        except OSError:
            writer.transport.abort()
        else:
            await self._is_whole.wait()
            writer.close()


def _never(_: bytes) -> bool:
    return False
