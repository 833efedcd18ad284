"""Trees to choose routes in, and messages to choose them for."""

from typing import Any

from notify_core.config.routes import routing_tree
from notify_core.model.channel import Kind
from notify_core.model.checked import CheckedMessage
from notify_core.model.recipient import Recipient
from notify_core.policy.policy_set import PolicySet
from notify_core.routing.pool import Pool
from notify_core.routing.tree import RoutingTree
from tests.builders import NOON, PHONE, code


def facts(
    *, recipient: Recipient = PHONE, kind: Kind = Kind.OTP, **fields: Any
) -> CheckedMessage:
    """Return a checked message, by default a code to `NUMBER`."""
    return CheckedMessage(
        message=code(**fields), recipient=recipient, kind=kind, accepted_at=NOON
    )


def tree(*routes: dict[str, Any], **root: Any) -> RoutingTree:
    """Return a tree as a configuration writes it; pools are providers here."""
    written = {"pool": "main", **root, "routes": list(routes)}
    return routing_tree(written, _AnyPool(), _policies)


class _AnyPool(dict[str, Pool]):
    """A provider of every name, each a pool of one."""

    def __missing__(self, name: str) -> Pool:
        return Pool.of(name, name)


def _policies(name: str | None, pool: Pool) -> PolicySet:
    return PolicySet(name=name or "default")


def chosen(given: RoutingTree, **fields: Any) -> str:
    """Return the name of the route that a message takes."""
    return given.choose(facts(**fields)).name
