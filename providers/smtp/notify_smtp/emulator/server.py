"""The SMTP emulator: a mail server for clients, a page for people."""

from __future__ import annotations

import asyncio
import hmac
import ssl
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import ClassVar, cast

from aiohttp import web

from notify_core.testing.emulator import Do, Emulator, Submission
from notify_smtp.emulator.dialogue import Dialogue
from notify_smtp.emulator.lines import LONGEST, Lines
from notify_smtp.emulator.login import Credentials
from notify_smtp.emulator.magic import magic
from notify_smtp.emulator.message import Letter
from notify_smtp.emulator.settings import AccountSettings, Settings

#: Nothing in a mail runs or calls home, whatever it holds.
_HTML_HEADERS = {
    "Content-Security-Policy": (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    )
}


class SmtpEmulator(Emulator):
    """A mail server that keeps what it gets.

    Args:
        settings: Every rule; the default takes everything from everybody.
        clock: Unix seconds.
    """

    title = "SMTP emulator"
    code_form: ClassVar[str] = r"[245]\d\d( [245]\.\d{1,3}\.\d{1,3})?"

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.settings = settings or Settings()
        #: What the certificate is shown with; None: nothing is encrypted.
        self.trust: ssl.SSLContext | None = self.settings.trust()
        self._letters: OrderedDict[str, Letter] = OrderedDict()
        self._queued = 0
        self._dialogues: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        super().__init__(clock=clock, keep=self.settings.keep)

    # Life.

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Serve the page on *host* and *port*, and SMTP on the port of the settings.

        Raises:
            OSError: A port cannot be had.
            RuntimeError: The emulator runs already.
        """
        await super().start(host, port)
        wrapped = self.trust if self.settings.security == "tls" else None
        try:
            self._server = await asyncio.start_server(
                self._serve, host, self.settings.smtp_port, ssl=wrapped, limit=LONGEST
            )
        except OSError as error:
            await super().stop()
            why = f"the SMTP port {self.settings.smtp_port} is taken: set smtp_port"
            raise OSError(error.errno, why) from error

    async def stop(self) -> None:
        """Close every connection."""
        if self._server is not None:
            self._server.close()
        for task in list(self._dialogues):
            task.cancel()
        await asyncio.gather(*self._dialogues, return_exceptions=True)
        await super().stop()

    @property
    def smtp_port(self) -> int:
        """Where clients connect to.

        Raises:
            RuntimeError: The emulator is not started.
        """
        if self._server is None:
            raise RuntimeError("the emulator has no port before start()")
        return int(self._server.sockets[0].getsockname()[1])

    async def reset(self) -> None:
        """Forget everything that happened and was scripted."""
        await super().reset()
        self._letters.clear()

    # What the base asks for.

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        """Return the paths where a mail is read as it came."""
        return [
            web.get("/mails/{id}", self._show_source),
            web.get("/mails/{id}/html", self._show_html),
        ]

    def magic(self, recipient: str) -> Do | None:
        """Return what always happens to this recipient."""
        return magic(recipient, self.settings.stall)

    # What a dialogue asks for.

    def account(self, credentials: Credentials) -> AccountSettings | None:
        """Return whose credentials they are; None: nobody's."""
        for account in self.settings.accounts:
            if account.username == credentials.username:
                given = credentials.password.encode()
                right = hmac.compare_digest(account.password.encode(), given)
                return account if right else None
        return None

    def queue(self, letter: Letter) -> str:
        """Keep a mail and return its id."""
        self._queued += 1
        serial = f"{self._queued:010X}"
        self._letters[serial] = letter
        if len(self._letters) > self.settings.keep:
            self._letters.popitem(last=False)
        return serial

    def note_refusal(self, reply: str, *, to: str = "") -> None:
        """Remember a mail that was refused before it was transmitted."""
        code, enhanced, text = reply.split(" ", 2)
        self.received += 1
        self.submissions.append(
            Submission(at=self.clock(), to=to, code=f"{code} {enhanced}", answer=text)
        )

    # The wire.

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = cast("asyncio.Task[None]", asyncio.current_task())
        self._dialogues.add(task)
        try:
            await Dialogue(Lines(reader, writer, self.settings.idle), self).hold()
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            self._dialogues.discard(task)
            writer.close()
            with suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _show_source(self, request: web.Request) -> web.Response:
        letter = self._letter(request)
        return web.Response(body=letter.source, content_type="text/plain")

    async def _show_html(self, request: web.Request) -> web.Response:
        letter = self._letter(request)
        return web.Response(
            text=letter.html, content_type="text/html", headers=_HTML_HEADERS
        )

    def _letter(self, request: web.Request) -> Letter:
        letter = self._letters.get(request.match_info["id"])
        if letter is None:
            raise web.HTTPNotFound(text="no such mail\n")
        return letter
