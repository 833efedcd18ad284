"""Connects to public addresses only.

The URL of an endpoint is the operator's, but what its name resolves to is decided by
whoever runs the name's zone, and anew for each look-up. So every address that a name
resolves to is checked, and then the very address that a socket is made for: no
packet leaves for any other.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from notify_core.errors import NotifyError
from notify_core.http import new_session
from notify_webhook.addresses import is_public

Allows = Callable[[str], bool]


class ForbiddenAddress(NotifyError):
    """A name leads to an address that is not public. Nothing was sent there."""

    def __init__(self) -> None:
        # The address is not told: it may be what somebody wants to find out.
        super().__init__(
            "the endpoint's host leads to an address that is not public:"
            " set allow_private where that is meant"
        )


class GuardedResolver(AbstractResolver):
    """Refuses a name if any of its addresses is not allowed."""

    def __init__(self, resolver: AbstractResolver, allows: Allows) -> None:
        self._resolver = resolver
        self._allows = allows

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of *host*.

        Raises:
            ForbiddenAddress: One of them is not allowed.
        """
        found = await self._resolver.resolve(host, port, family)
        if not all(self._allows(one["host"]) for one in found):
            raise ForbiddenAddress
        return found

    async def close(self) -> None:
        """Release what the resolver inside holds."""
        await self._resolver.close()


def guarded_session(
    *, resolver: AbstractResolver | None = None, allows: Allows = is_public
) -> aiohttp.ClientSession:
    """Open a session as the core's, whose sockets go to allowed addresses only.

    It takes no proxy from the environment: a proxy would connect in its place.

    Args:
        resolver: Looks up names; None: the machine's own.
        allows: Whether an address may be connected to.
    """
    # One that holds nothing: a connector does not close a resolver that it was given.
    inner = resolver or aiohttp.ThreadedResolver()
    return new_session(
        resolver=GuardedResolver(inner, allows), socket_factory=_socket_factory(allows)
    )


def _socket_factory(allows: Allows) -> aiohttp.SocketFactoryType:
    def open_socket(target: aiohttp.AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = target
        if not allows(str(address[0])):
            # An error of connecting, so that the other addresses are still tried.
            raise PermissionError(errno.EACCES, "this address is not allowed")
        return socket.socket(family, kind, protocol)

    return open_socket
