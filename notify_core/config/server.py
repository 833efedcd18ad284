"""Reads how the HTTP service listens, whom it lets in, and what it bears."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any

import attrs

from notify_core.config.document import Node
from notify_core.config.wording import shown
from notify_core.errors import Problem
from notify_core.model.duration import parse_duration
from notify_core.model.rate import Rate

Network = IPv4Network | IPv6Network

_ADDRESS = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})")
_LAST_PORT = 65535


@attrs.frozen
class Address:
    """Where a server listens."""

    host: str
    #: 0: a free one.
    port: int

    @classmethod
    def parse(cls, text: str) -> Address:
        """Return the address that a text says: `127.0.0.1:8080`, `[::1]:8080`.

        Raises:
            ValueError: It says none; the text tells how one is written.
        """
        written = _ADDRESS.fullmatch(text)
        if written is None or int(written[2]) > _LAST_PORT:
            how = "write host and port, as 127.0.0.1:8080 or [::1]:8080"
            raise ValueError(f"{shown(text)} is no address to listen on: {how}")
        return cls(written[1].strip("[]"), int(written[2]))

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


@attrs.frozen(kw_only=True)
class ServerLimits:
    """What the service bears of one caller."""

    #: Requests with keys of one name; bursts may have those of one second at once.
    rate: Rate = attrs.field(factory=lambda: Rate(1000, "s"))
    #: Bytes of a body, and of a line of NDJSON.
    body: int = 1024 * 1024
    #: Seconds that a client may take for the head of a request, for its body, and to
    #: take a piece of the answer; and that a connection is kept without a request.
    patience: float = 30.0


@attrs.frozen(kw_only=True)
class ServerSettings:
    """How the HTTP service runs."""

    listen: Address = Address("127.0.0.1", 8080)
    #: Where metrics are served without a key; None: only at the address above.
    metrics_listen: Address | None = None
    #: The file of the API keys; None: there are none, and nobody is let in.
    keys_file: Path | None = None
    #: Who may say on whose behalf it asks.
    trusted_proxies: tuple[Network, ...] = ()
    limits: ServerLimits = attrs.field(factory=ServerLimits)


def keys_file(root: Node) -> Path | None:
    """Return the path of the file of API keys that a configuration names."""
    name = root["server"]["keys_file"].text
    return root.document.folder / name if name else None


def server_settings(root: Node) -> ServerSettings:
    """Return how the service runs, of a configuration without problems."""
    node = root["server"]
    networks = node["trusted_proxies"].elements()
    found: dict[str, Any] = {
        "trusted_proxies": tuple(ip_network(n.value) for n in networks),
        "keys_file": keys_file(root),
        "limits": _limits(node["limits"]),
    }
    for name in ("listen", "metrics_listen"):
        if (text := node[name].text) is not None:
            found[name] = Address.parse(text)
    return ServerSettings(**found)


def _limits(node: Node) -> ServerLimits:
    found: dict[str, Any] = {}
    if (rate := node["rate"].text) is not None:
        found["rate"] = Rate.parse(rate)
    if (body := node["body"].value) is not None:
        found["body"] = body
    if (patience := node["patience"].text) is not None:
        found["patience"] = parse_duration(patience).total_seconds()
    return ServerLimits(**found)


def server_problems(root: Node) -> list[Problem]:
    """Return what is wrong with the service, beside what the schema says."""
    node = root["server"]
    problems = [
        problem
        for name in ("listen", "metrics_listen")
        if (problem := _address_problem(node[name])) is not None
    ]
    return [*problems, *_network_problems(node["trusted_proxies"])]


def _network_problems(node: Node) -> Iterator[Problem]:
    for network in node.elements():
        if network.text is not None and (fault := _network_fault(network.text)):
            yield network.problem(fault)


def _address_problem(node: Node) -> Problem | None:
    try:
        if node.text is not None:
            Address.parse(node.text)
    except ValueError as error:
        return node.problem(str(error))
    return None


def _network_fault(text: str) -> str | None:
    try:
        ip_network(text)
    except ValueError:
        return f"{shown(text)} is no network; write for example 10.0.0.0/8"
    return None
