"""Opens a connection: greeted, encrypted, logged in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from aiosmtplib import SMTP, SMTPResponseException

from notify_core.model.outcome import Reason
from notify_core.secret import Secret
from notify_smtp.connection import Connection
from notify_smtp.replies import NotOffered, Refused, Reply, Step
from notify_smtp.server import Security, Server


async def connect(server: Server) -> Connection:
    """Open a connection that can take a mail.

    Raises:
        Refused: The server does not want us.
        NotOffered: It does not offer encryption, or no way to log in.
        SMTPException: There is no connection.
        OSError: Likewise.
    """
    client = SMTP(
        hostname=server.host,
        port=server.port,
        timeout=None,  # the submission's own time-outs are the only ones
        use_tls=server.security is Security.TLS,
        start_tls=False,
        tls_context=server.trust,
        local_hostname="localhost",  # else a look-up; replaced below
    )
    connection = Connection(client)
    try:
        await _open(client, server)
    except BaseException:
        connection.abort()
        raise
    return connection


async def _open(client: SMTP, server: Server) -> None:
    with _at(Step.GREETING):
        await client.connect()
    client.local_hostname = server.client_name or _address_literal(client)
    with _at(Step.EHLO):
        await client.ehlo()
    if server.security is Security.STARTTLS:
        await _encrypt(client)
    if server.username is not None and server.password is not None:
        await _log_in(client, server.username, server.password)


async def _encrypt(client: SMTP) -> None:
    if not client.supports_extension("starttls"):
        why = "the server offers no STARTTLS, and nothing is sent without"
        raise NotOffered(Reason.CONNECT_FAILED, why)
    try:
        await client.starttls()
    except SMTPResponseException as error:
        why = f"the server refused STARTTLS: {error.code}"
        raise NotOffered(Reason.CONNECT_FAILED, why) from None
    with _at(Step.EHLO):
        await client.ehlo()


async def _log_in(client: SMTP, username: str, password: Secret) -> None:
    methods = {"plain": client.auth_plain, "login": client.auth_login}
    offered = [name for name in methods if name in client.server_auth_methods]
    if not offered:
        why = "the server offers neither AUTH PLAIN nor AUTH LOGIN"
        raise NotOffered(Reason.AUTH_FAILED, why)
    with _at(Step.AUTH):
        await methods[offered[0]](username, password.reveal())


@contextmanager
def _at(step: Step) -> Iterator[None]:
    """Raise what the library calls an error response as `Refused`."""
    try:
        yield
    except SMTPResponseException as error:
        if error.code < 0:  # no reply of a mail server at all
            raise
        raise Refused(Reply(step=step, code=error.code, text=error.message)) from None


def _address_literal(client: SMTP) -> str:
    """Return the connection's own address as RFC 5321, 4.1.3 writes it."""
    address = client.get_transport_info("sockname")[0].partition("%")[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
