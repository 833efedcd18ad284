"""Where an account's mails go."""

from __future__ import annotations

import ssl
from enum import StrEnum

import attrs

from notify_core.provider import Settings
from notify_core.secret import Secret


class Security(StrEnum):
    """When a connection is encrypted."""

    #: After the first words; never without.
    STARTTLS = "starttls"
    #: From the first byte.
    TLS = "tls"
    #: Never.
    NONE = "none"


_PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}


@attrs.frozen(kw_only=True)
class Server:
    """Where an account's mails go, and who logs in there."""

    host: str
    port: int
    security: Security
    #: What the server's certificate is checked with.
    trust: ssl.SSLContext | None
    username: str | None
    password: Secret | None
    #: What the account calls itself; None: its own address.
    client_name: str | None


def server_of(settings: Settings) -> Server:
    """Return the server that the settings name."""
    return Server(
        host=settings["host"],
        port=port_of(settings),
        security=Security(settings["security"]),
        trust=trust_of(settings),
        username=settings.get("username"),
        password=settings.get("password"),
        client_name=settings.get("client_name"),
    )


def trust_of(settings: Settings) -> ssl.SSLContext | None:
    """Return what the server's certificate is checked with; None: there is none.

    Raises:
        SSLError: The setting `ca` holds no certificates.
    """
    if settings["security"] == Security.NONE:
        return None
    return ssl.create_default_context(cadata=settings.get("ca"))


def port_of(settings: Settings) -> int:
    """Return the port: that of the settings, or the usual one."""
    return settings.get("port") or _PORTS[Security(settings["security"])]
