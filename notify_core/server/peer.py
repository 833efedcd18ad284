"""Who asks, and what for: behind proxies too, where they are trusted."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address

import attrs
from aiohttp import web

from notify_core.config.server import Network

_Ip = IPv4Address | IPv6Address
_SCHEMES = ("http", "https")


@attrs.frozen
class Proxies:
    """The proxies that are believed."""

    trusted: tuple[Network, ...] = ()

    def source(self, request: web.Request) -> str | None:
        """Return the address of who asks: the last that no trusted proxy has."""
        peer = request.remote
        if not self._is_trusted(peer):
            return peer
        named = ",".join(request.headers.getall("X-Forwarded-For", ())).split(",")
        for hop in reversed([hop.strip() for hop in named]):
            if (address := _address(hop)) is None:
                break  # what a trusted proxy wrote is read up to here
            peer = str(address)
            if not self._is_trusted(peer):
                break
        return peer

    def url(self, request: web.Request) -> str:
        """Return the address that was asked for, as its public side has it."""
        scheme, host = request.scheme, request.host
        if self._is_trusted(request.remote):
            scheme = _first(request, "X-Forwarded-Proto", _SCHEMES) or scheme
            host = _first(request, "X-Forwarded-Host") or host
        return f"{scheme}://{host}{request.raw_path}"

    def _is_trusted(self, peer: str | None) -> bool:
        if not self.trusted or (address := _address(peer or "")) is None:
            return False
        return any(address in network for network in self.trusted)


def _first(
    request: web.Request, header: str, known: Iterable[str] | None = None
) -> str | None:
    value = request.headers.get(header, "").split(",")[0].strip()
    return value if value and (known is None or value in known) else None


def _address(text: str) -> _Ip | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    # A server that listens on both families sees ::ffff:192.0.2.1.
    return getattr(address, "ipv4_mapped", None) or address
