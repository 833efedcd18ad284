"""One account at a mail server: submits."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from functools import partial

from aiosmtplib import SMTPException

from notify_core.model.attempt import Answer
from notify_core.model.duration import parse_duration
from notify_core.provider import Account, Submission
from notify_core.transmission import RequestLost, lost_answer
from notify_smtp.mail import Mail, compose
from notify_smtp.opening import connect
from notify_smtp.pool import Pool
from notify_smtp.replies import (
    NotOffered,
    Refused,
    Reply,
    not_offered_answer,
    reply_answer,
)
from notify_smtp.server import server_of


class SmtpProvider:
    """One configured account at a mail server."""

    def __init__(self, account: Account) -> None:
        self._settings = account.settings
        self._now = account.now
        self._pool = Pool(
            partial(connect, server_of(account.settings)),
            size=account.settings["max_connections"],
            keepalive=parse_duration(account.settings["keepalive"]).total_seconds(),
        )

    async def submit(self, submission: Submission) -> Answer:
        """Transmit one mail and say what the server said."""
        mail = compose(self._settings, submission, self._now())
        try:
            reply = await self._sent(mail, submission)
        except Refused as refused:
            reply = refused.reply
        except NotOffered as lacking:
            return not_offered_answer(lacking)
        except RequestLost as lost:
            return lost_answer(lost)
        return reply_answer(reply, self._now())

    async def aclose(self) -> None:
        """Take leave of the server."""
        await self._pool.aclose()

    async def _sent(self, mail: Mail, submission: Submission) -> Reply:
        """Transmit *mail* within the submission's time-outs."""
        timeouts, wire = submission.timeouts, submission.wire
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeouts.connect) as limit:
                wire.on_begin(lambda: limit.reschedule(loop.time() + timeouts.read))
                async with self._pool.connection() as connection:
                    return await connection.send(mail, wire)
        except TimeoutError:
            step = "no reply to the mail" if wire.begun else "the mail not transmitted"
            seconds = timeouts.read if wire.begun else timeouts.connect
            why = f"{step} within {seconds:g} s"
        except (SMTPException, OSError) as error:
            why = _described(error)
        # Raised here and without a cause: the library's errors show the host.
        raise RequestLost(written=wire.begun, why=why)


def _described(error: BaseException) -> str:
    """Name what went wrong without the host, whose name may be nobody's business."""
    match error:
        case SMTPException(__cause__=BaseException() as cause):
            return _described(cause)
        case socket.gaierror():
            return "the host's name does not resolve"
        case ssl.SSLError():
            return "no trusted TLS connection"
        case OSError(errno=int(number)):
            return f"the connection failed: {os.strerror(number)}"
    return f"the connection or a reply broke ({type(error).__name__})"
