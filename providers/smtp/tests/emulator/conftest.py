"""A started emulator, and clients that are not ours."""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import attrs
import pytest
from notify_smtp.emulator import SmtpEmulator, create_emulator

MAIL = (
    b"Date: Thu, 21 May 1998 05:33:29 -0700\r\n"
    b"From: John Q. Public <JQP@bar.com>\r\n"
    b"Subject: The Next Meeting of the Board\r\n"
    b"To: Jones@xyz.com\r\n"
    b"Message-ID: <01ABC@bar.com>\r\n"
    b"\r\n"
    b"Bill:\r\n"
    b"The code is 2546.\r\n"
)


@attrs.define
class Line:
    """A client that writes and reads lines by hand."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def reply(self) -> list[str]:
        """Read one reply, which may have many lines."""
        lines = []
        while not lines or lines[-1][3:4] == "-":
            lines.append((await self.reader.readuntil(b"\r\n"))[:-2].decode())
        return lines

    async def say(self, *lines: str) -> str:
        """Write commands and return the last line of the last reply."""
        reply = [""]
        for line in lines:
            self.writer.write(line.encode() + b"\r\n")
            reply = await self.reply()
        return reply[-1]

    async def send(self, content: bytes = MAIL, to: str = "jane@example.org") -> str:
        """Send a whole mail and return the reply to it."""
        await self.say("EHLO a", "MAIL FROM:<a@example.com>", f"RCPT TO:<{to}>", "DATA")
        self.writer.write(content + b".\r\n")
        return (await self.reply())[-1]

    async def is_closed(self) -> bool:
        """Tell whether the emulator has closed the connection without a word."""
        return await self.reader.read() == b""


@attrs.define
class Desk:
    """One emulator and what is needed to talk to it."""

    emulator: SmtpEmulator
    stack: AsyncExitStack
    session: aiohttp.ClientSession

    async def line(self) -> Line:
        """Connect by hand, and read the greeting."""
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", self.emulator.smtp_port
        )
        self.stack.callback(writer.close)
        line = Line(reader, writer)
        await line.reply()
        return line

    async def by_smtplib(
        self, work: Callable[[smtplib.SMTP], Any], **options: Any
    ) -> Any:
        """Do something with the standard library's client."""

        def do() -> Any:
            port = self.emulator.smtp_port
            with smtplib.SMTP("127.0.0.1", port, "client.test", 5, **options) as client:
                return work(client)

        return await asyncio.to_thread(do)

    async def get(self, path: str) -> str:
        """Read a page or a list of the emulator."""
        async with self.session.get(self.emulator.url + path) as response:
            assert response.status == 200
            return await response.text()


Opener = Callable[..., Awaitable[Desk]]


@pytest.fixture
async def open_desk() -> AsyncIterator[Opener]:
    """Start an emulator with the given settings: `await open_desk(max_size=10)`."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())

        async def open_one(**settings: Any) -> Desk:
            emulator = create_emulator({"smtp_port": 0, **settings})
            await stack.enter_async_context(emulator)
            return Desk(emulator, stack, session)

        yield open_one


@pytest.fixture
async def desk(open_desk: Opener) -> Desk:
    """Start an emulator that takes everything."""
    return await open_desk()


@pytest.fixture
async def line(desk: Desk) -> Line:
    """Connect to it by hand."""
    return await desk.line()


@pytest.fixture
def mail() -> bytes:
    """Return a mail: that of RFC 5321, appendix D.3, with a code."""
    return MAIL
