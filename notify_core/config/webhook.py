"""Reads who may push for a provider."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network

from notify_core.config.document import Node
from notify_core.config.secrets import References, is_reference
from notify_core.config.snapshot import WebhookSettings
from notify_core.config.wording import shown
from notify_core.errors import Problem
from notify_core.secret import Secret

#: A token is all that keeps strangers out where a vendor signs nothing.
_SHORTEST_TOKEN = 16


class WebhookReader:
    """One reading of one provider's `webhook`.

    Attributes:
        problems: What was found, beside what the schema says.
    """

    def __init__(self, references: References) -> None:
        self._references = references
        self.problems: list[Problem] = []

    def read(self, node: Node) -> WebhookSettings | None:
        """Return who may push, of no use after problems; None: nobody."""
        if node.value is None:
            return None
        tokens = [self._token(token) for token in node["tokens"].elements()]
        networks = [self._network(network) for network in node["allow_from"].elements()]
        return WebhookSettings(
            tokens=tuple(token for token in tokens if token is not None),
            public_url=node["public_url"].text,
            allow_from=tuple(network for network in networks if network is not None),
        )

    def _token(self, node: Node) -> Secret | None:
        try:
            return _long_enough(self._secret(node))
        except ValueError as error:
            self.problems.append(node.problem(str(error)))
            return None

    def _secret(self, node: Node) -> Secret | None:
        if is_reference(node.value):
            return Secret(str(self._references.follow(node.value, is_secret=True)))
        return node.value if isinstance(node.value, Secret) else None

    def _network(self, node: Node) -> IPv4Network | IPv6Network | None:
        if node.text is None:
            return None
        try:
            return ip_network(node.text)
        except ValueError:
            self.problems.append(node.problem(_no_network(node.text)))
            return None


def _no_network(text: str) -> str:
    try:
        meant = ip_network(text, strict=False)
    except ValueError:
        return f"{shown(text)} is no network; write for example 203.0.113.0/24"
    return f"{shown(text)} is an address in a network; did you mean '{meant}'?"


def _long_enough(token: Secret | None) -> Secret | None:
    length = _SHORTEST_TOKEN if token is None else len(token.reveal().encode())
    if length < _SHORTEST_TOKEN:
        at_least = f"a token needs {_SHORTEST_TOKEN} or more, made at random"
        raise ValueError(f"leads to {length} bytes; {at_least}")
    return token
