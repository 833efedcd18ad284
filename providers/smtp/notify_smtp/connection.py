"""One connection to the mail server, which carries one mail at a time."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import cast

from aiosmtplib import SMTP, SMTPException, SMTPResponse, SMTPServerDisconnected

from notify_core.model.outcome import Reason
from notify_core.transmission import Wire
from notify_smtp.mail import Mail
from notify_smtp.replies import NotOffered, Refused, Reply, Step

#: Seconds that a server may take to say goodbye.
_GOODBYE = 1.0
#: A line of the mail that begins with a dot.
_DOT = re.compile(rb"(?m)^\.")
_END = b".\r\n"


class Connection:
    """One connection; it carries one mail at a time."""

    def __init__(self, client: SMTP) -> None:
        self._client = client

    @property
    def is_open(self) -> bool:
        """Whether neither side has closed it."""
        return self._client.is_connected

    async def is_ready(self) -> bool:
        """Forget what was begun, and tell whether the server still answers.

        RSET does both: it costs what NOOP costs (RFC 5321, 4.1.1.5).
        """
        try:
            await self._client.rset()
        except (SMTPException, OSError):
            self.abort()
        except BaseException:
            self.abort()
            raise
        return self.is_open

    async def send(self, mail: Mail, wire: Wire) -> Reply:
        """Transmit one mail and return the server's reply to it.

        Raises:
            Refused: The server did not let it be transmitted.
            NotOffered: The server cannot take it.
            SMTPException: The connection broke; *wire* tells how far it was.
            OSError: Likewise.
        """
        try:
            return await self._transmitted(mail, wire)
        except (Refused, NotOffered):
            raise
        except BaseException:
            self.abort()
            raise

    async def _transmitted(self, mail: Mail, wire: Wire) -> Reply:
        await self._ask(Step.MAIL, f"MAIL FROM:<{mail.sender}>", *self._options(mail))
        await self._ask(Step.RCPT, f"RCPT TO:<{mail.recipient}>")
        await self._ask(Step.DATA, "DATA")
        return await self._content(mail.content, wire)

    async def _ask(self, step: Step, *words: str) -> None:
        response = await self._client.execute_command(*(w.encode() for w in words))
        reply = _reply(step, response)
        if reply.severity != (3 if step is Step.DATA else 2):
            raise Refused(reply)

    def _options(self, mail: Mail) -> Iterator[str]:
        if mail.needs_utf8:
            if not self._client.supports_extension("smtputf8"):
                why = "the server takes no addresses with other characters than ASCII"
                raise NotOffered(Reason.UNSUPPORTED, why)
            yield "SMTPUTF8 BODY=8BITMIME"
        if self._client.supports_extension("size"):
            yield f"SIZE={len(mail.content)}"

    async def _content(self, content: bytes, wire: Wire) -> Reply:
        """Write the mail with its final dot, in one piece.

        Up to here the server has to forget the mail when the connection is lost (RFC
        5321, 4.1.1.10). From here on it may have taken it.
        """
        protocol = self._client.protocol
        if protocol is None or not protocol.is_connected:
            raise SMTPServerDisconnected("closed before the mail")
        wire.begin()
        protocol.write(_DOT.sub(b"..", content) + _END)
        return _reply(Step.CONTENT, await protocol.read_response())

    async def quit(self) -> None:
        """Say goodbye, as RFC 5321 (4.1.1.10) wants it, and close."""
        with suppress(SMTPException, OSError):
            async with asyncio.timeout(_GOODBYE):
                await self._client.execute_command(b"QUIT")
        self.abort()

    def abort(self) -> None:
        """Close it now, whatever is under way."""
        transport = self._client.transport
        if transport is not None:
            cast("asyncio.WriteTransport", transport).abort()
        self._client.close()


def _reply(step: Step, response: SMTPResponse) -> Reply:
    return Reply(step=step, code=response.code, text=response.message)
