"""Two mail servers on loopback: a real one, and one that answers as scripted."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import attrs
import pytest
import trustme
from aiosmtpd import smtp as aiosmtpd
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session
from notify_smtp.provider import SmtpProvider
from notify_smtp.provider_type import SMTP

from notify_core.http import HttpClient
from notify_core.model.channel import Channel, Kind
from notify_core.model.message import Content
from notify_core.model.recipient import Email
from notify_core.provider import Account, Submission
from notify_core.secret import Secret
from notify_core.testing.faults import local_session
from notify_core.transmission import Timeouts

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
PASSWORD = "a-password-of-the-tests"  # noqa: S105 (nobody's)
_FIXTURES = Path(__file__).parent / "fixtures"
_HOST = "127.0.0.1"
#: With it, closing resets the connection instead of ending it in good order.
_NO_LINGER = struct.pack("ii", 1, 0)


# A real mail server.


@attrs.frozen
class Caught:
    """One mail as the server took it."""

    sender: str
    recipients: list[str]
    options: list[str]
    source: bytes
    is_encrypted: bool
    username: str | None

    @property
    def message(self) -> EmailMessage:
        source = self.source.replace(b"\r\n", b"\n")
        return message_from_bytes(source, EmailMessage, policy=policy.default)


@attrs.define
class MailServer:
    """aiosmtpd with a handler that keeps the mails."""

    port: int = 0
    mails: list[Caught] = attrs.field(factory=list)
    connections: int = 0
    #: What is said to a mail.
    reply: str = "250 2.0.0 Ok: queued as 12345"

    def only(self) -> Caught:
        [mail] = self.mails
        return mail

    async def handle_DATA(  # noqa: N802 (the library's name)
        self, server: aiosmtpd.SMTP, session: Session, envelope: Envelope
    ) -> str:
        login = session.auth_data
        self.mails.append(
            Caught(
                envelope.mail_from or "",
                envelope.rcpt_tos,
                envelope.mail_options,
                envelope.original_content or b"",
                session.ssl is not None
                or server.transport.get_extra_info("sslcontext") is not None,
                login.login.decode() if login else None,
            )
        )
        return self.reply

    def authenticate(
        self, _: aiosmtpd.SMTP, __: Session, ___: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        right = isinstance(data, LoginPassword) and data.password == PASSWORD.encode()
        return AuthResult(success=right, handled=False, auth_data=data)


OpenMailServer = Callable[..., Any]


@pytest.fixture
async def open_mail_server() -> AsyncIterator[OpenMailServer]:
    """Start a mail server: `await open_mail_server(enable_SMTPUTF8=False)`."""
    # The library logs addresses; what is tested is what the provider logs.
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    async with AsyncExitStack() as stack:

        async def open_one(
            implicit_tls: ssl.SSLContext | None = None, **options: Any
        ) -> MailServer:
            loop = asyncio.get_running_loop()
            catcher = MailServer()

            def protocol() -> aiosmtpd.SMTP:
                catcher.connections += 1
                usual = {"enable_SMTPUTF8": True, "authenticator": catcher.authenticate}
                return aiosmtpd.SMTP(
                    catcher, loop=loop, hostname="mx.test", **usual | options
                )

            server = await loop.create_server(protocol, _HOST, 0, ssl=implicit_tls)
            stack.callback(server.close)
            catcher.port = server.sockets[0].getsockname()[1]
            return catcher

        yield open_one


@pytest.fixture
async def mail_server(open_mail_server: OpenMailServer) -> MailServer:
    """Start a mail server that takes everything."""
    server: MailServer = await open_mail_server()
    return server


# Certificates.


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Make a certificate authority."""
    return trustme.CA()


@pytest.fixture(scope="session")
def ca(authority: trustme.CA) -> str:
    """Return the authority's certificate as the setting takes it."""
    return authority.cert_pem.bytes().decode()


@pytest.fixture(scope="session")
def certified(authority: trustme.CA) -> Callable[..., ssl.SSLContext]:
    """Make a server's TLS for a host name."""

    def make(host: str = _HOST) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(host).configure_cert(context)
        return context

    return make


# A scripted mail server.


EHLO = "250-mx.test\r\n250-SIZE 1000000\r\n250-AUTH PLAIN\r\n250 SMTPUTF8"
_USUAL = {
    "GREETING": "220 mx.test",
    "EHLO": EHLO,
    "AUTH": "235 2.7.0 Ok",
    "MAIL": "250 2.1.0 Ok",
    "RCPT": "250 2.1.5 Ok",
    "DATA": "354 Go ahead",
    "CONTENT": "250 2.0.0 Ok: queued as 12345",
    "RSET": "250 2.0.0 Ok",
    "QUIT": "221 2.0.0 Bye",
}


class ScriptedServer:
    """Answers each step as scripted, the usual otherwise.

    A script is a reply, or what happens instead: `!close`, `!reset`, `!stall`, each
    with the piece of a reply that comes before.
    """

    def __init__(self) -> None:
        self.port = 0
        self.said: list[str] = []
        self.contents: list[bytes] = []
        self.connections = self.open = self.most_open = 0
        #: Called with each step before its reply.
        self.watch: Callable[[str], None] = lambda _: None
        #: While it is not set, the reply to a mail waits.
        self.gate = asyncio.Event()
        self.gate.set()
        self._replies = dict(_USUAL)
        self._changed = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def answers(self, **replies: str) -> None:
        self._replies |= replies

    async def reached(self, step: str, times: int = 1) -> None:
        """Wait until the client has come so far."""
        while len([said for said in self.said if said.startswith(step)]) < times:
            await self._changed.wait()

    async def drop(self) -> None:
        """Close every connection, and let the client notice."""
        for task in list(self._tasks):
            task.cancel()
        await self.left()
        for _ in range(3):
            await asyncio.sleep(0)

    async def left(self) -> None:
        """Wait until no connection is open."""
        while self.open:
            await self._changed.wait()

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        self._tell()
        with suppress(asyncio.CancelledError, ConnectionError, EOFError):
            await self._converse(reader, writer)
        writer.close()
        with suppress(OSError, asyncio.CancelledError):
            await writer.wait_closed()
        self._tasks.discard(task)
        self.open -= 1
        self._tell()

    async def _converse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        step = "GREETING"
        self.said.append(step)
        while await self._play(step, reader, writer):
            if step == "QUIT":
                return
            if step == "DATA" and self._replies["DATA"].startswith("3"):
                content = await reader.readuntil(b"\r\n.\r\n")
                self.contents.append(content)
                step = "CONTENT"
                self.said.append(step)
            else:
                line = (await reader.readuntil(b"\r\n"))[:-2].decode()
                self.said.append(line)
                step = line.partition(" ")[0]
            self._tell()

    async def _play(
        self, step: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        self.watch(step)
        if step == "CONTENT":
            await self.gate.wait()
        reply = self._replies.get(step, "502 5.5.1 Command not implemented")
        if not reply.startswith("!"):
            writer.write(reply.encode("utf-8", "surrogateescape") + b"\r\n")
            await writer.drain()
            return True
        end, _, piece = reply.partition(" ")
        writer.write(piece.encode())
        if end == "!stall":
            await reader.read()
        if end == "!reset":
            sock = writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        return False

    def _tell(self) -> None:
        self._changed.set()
        self._changed.clear()


OpenScripted = Callable[..., Awaitable[ScriptedServer]]


@pytest.fixture
async def open_scripted() -> AsyncIterator[OpenScripted]:
    """Start a mail server that is scripted: `await open_scripted(tls)`."""
    async with AsyncExitStack() as stack:

        async def open_one(tls: ssl.SSLContext | None = None) -> ScriptedServer:
            scripted = ScriptedServer()
            server = await asyncio.start_server(scripted.serve, _HOST, 0, ssl=tls)
            stack.push_async_callback(scripted.drop)
            stack.callback(server.close)
            scripted.port = server.sockets[0].getsockname()[1]
            return scripted

        yield open_one


@pytest.fixture
async def scripted(open_scripted: OpenScripted) -> ScriptedServer:
    """Start a mail server that is scripted, without encryption."""
    return await open_scripted()


# An account, and messages for it.


@pytest.fixture
def settings() -> Callable[..., dict[str, Any]]:
    """Make settings as the core does: the schema's defaults, secrets wrapped."""

    def make(**given: Any) -> dict[str, Any]:
        properties = SMTP.settings_schema["properties"]
        defaults = {k: v["default"] for k, v in properties.items() if "default" in v}
        usual = {
            "host": _HOST,
            "security": "none",
            "sender": "Example <no-reply@example.com>",
            "subject": "A message from Example",
        }
        return defaults | usual | given

    return make


@pytest.fixture
async def account(
    settings: Callable[..., dict[str, Any]],
) -> AsyncIterator[Callable[..., SmtpProvider]]:
    """Make an account: `account(server.port, security="tls")`."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(local_session())

        def make(port: int, **given: Any) -> SmtpProvider:
            made = SMTP.create(
                Account(
                    name="mail",
                    settings=settings(port=port, **given),
                    http=HttpClient(session),
                    now=lambda: NOW,
                )
            )
            assert isinstance(made, SmtpProvider)
            stack.push_async_callback(made.aclose)
            return made

        yield make


@pytest.fixture
def submission() -> Callable[..., Submission]:
    """Make a submission; `subject` and `html` go into its content."""

    def make(**given: Any) -> Submission:
        text = given.pop("text", "Your code is 2546.")
        to = given.pop("to", "jane@example.org")
        written = {name: given.pop(name, None) for name in ("subject", "html")}
        facts: dict[str, Any] = {
            "message": "01KDWV0C000000000000000000",
            "reference": "01KDWV0C000000000000000000",
            "recipient": Email(to),
            "channel": Channel.EMAIL,
            "kind": Kind.NOTICE,
            "text": text,
            "content": Content(text=text or "", **written),
            "timeouts": Timeouts(connect=2, read=2),
        }
        return Submission(**facts | given)

    return make


@pytest.fixture
def login() -> dict[str, Any]:
    """Return the settings of who logs in."""
    return {"username": "mailer", "password": Secret(PASSWORD)}


@pytest.fixture
def golden() -> Callable[[str], bytes]:
    """Read a golden file."""
    return lambda name: (_FIXTURES / name).read_bytes()


@pytest.fixture
def dialogue(golden: Callable[[str], bytes]) -> Callable[[str], Iterator[list[str]]]:
    """Read a golden dialogue: the lines of each turn, `S:` and `C:` alternately."""

    def read(name: str) -> Iterator[list[str]]:
        turn: list[str] = []
        side = "S"
        for line in golden(name).decode().splitlines():
            if line[0] != side:
                yield turn
                turn, side = [], line[0]
            turn.append(line[3:])
        yield turn

    return read


@pytest.fixture
async def unresolved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no name resolve: no look-up leaves the machine."""

    async def getaddrinfo(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)


@pytest.fixture(scope="session")
def now() -> datetime:
    """Return the time of the account's clock."""
    return NOW
