"""The lines that go to and fro on one connection."""

from __future__ import annotations

import asyncio
import ssl

#: Bytes that a line may have at all; what is longer ends the connection.
LONGEST = 1024 * 1024


class Unreadable(Exception):
    """What came is no line that a command or a mail can have."""


class Lines:
    """One connection as lines that end with CRLF.

    Args:
        reader: Of the connection.
        writer: Of the connection.
        idle: Seconds that the client may be silent.
    """

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, idle: float
    ) -> None:
        self._reader, self._writer = reader, writer
        self._idle = idle

    async def read(self) -> str:
        """Return the next line.

        Raises:
            TimeoutError: The client is silent.
            Unreadable: It is no UTF-8, or has no end.
            ConnectionError: The client is gone.
        """
        try:
            return (await self._next())[:-2].decode()
        except UnicodeDecodeError as error:
            raise Unreadable from error

    async def content(self, most: int) -> bytes:
        """Read up to the line with only a dot; keep little more than *most* bytes.

        Raises:
            TimeoutError: The client is silent.
            Unreadable: A line has no end.
            ConnectionError: The client is gone.
        """
        content = bytearray()
        while (line := await self._next()) != b".\r\n":
            if len(content) <= most:
                content += line[1:] if line.startswith(b".") else line
        return bytes(content)

    async def say(self, reply: str) -> None:
        """Write a reply."""
        await self.write(reply.encode() + b"\r\n")

    async def write(self, data: bytes) -> None:
        """Write exactly this."""
        self._writer.write(data)
        await self._writer.drain()

    async def encrypt(self, trust: ssl.SSLContext) -> None:
        """Go on encrypted.

        Raises:
            OSError: The two sides do not agree.
        """
        await self._writer.start_tls(trust)

    async def _next(self) -> bytes:
        try:
            async with asyncio.timeout(self._idle):
                return await self._reader.readuntil(b"\r\n")
        except asyncio.LimitOverrunError as error:
            raise Unreadable from error
        except asyncio.IncompleteReadError as error:
            raise ConnectionResetError from error
