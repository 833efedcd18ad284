"""Warns of outcomes that would stay unknown, though a policy set wants them settled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from notify_core.config.document import Node
from notify_core.config.routes import routes_by_name
from notify_core.config.snapshot import ProviderSettings, Snapshot
from notify_core.errors import Problem
from notify_core.model.channel import Kind
from notify_core.model.duration import format_duration
from notify_core.policy.policy_set import PolicySet, Settling, Then
from notify_core.provider import Capabilities, QueryMode, ReceiptMode
from notify_core.routing.tree import PlacedRoute

#: What one provider is wanted to keep to, by name.
_Policies = Mapping[str, PolicySet]


def settling_warnings(snapshot: Snapshot, root: Node) -> Iterator[Problem]:
    """Yield what keeps a provider from settling as the routes to it want."""
    for name, policies in _policies(snapshot).items():
        provider, node = snapshot.providers[name], root["providers"][name]
        yield from _webhook_warnings(provider, policies, node)
    for name, policies in _asked_for(snapshot, root).items():
        provider, node = snapshot.providers[name], root["providers"][name]
        yield from _unsettled(provider, policies, node)
    for name, policy in _named(snapshot).items():
        yield from _late_failover(policy, root["policies"][name])
        yield from _late_receipt(policy, root["policies"][name])


def _late_failover(policy: PolicySet, node: Node) -> Iterator[Problem]:
    """Yield a failover after an unknown for which the deadline leaves no time."""
    if policy.on_unknown.then is not Then.FAILOVER:
        return
    left = policy.deadline - policy.shortest_attempt
    late = [kind for kind in Kind if policy.on_unknown.window(kind) > left]
    if late:
        whose = "" if len(late) == len(Kind) else f" for {' and '.join(late)}"
        within = format_duration(policy.on_unknown.window(late[-1]))
        why = f"never comes{whose}: within is {within}, and deadline leaves no time"
        yield node["on_unknown"]["then"].problem(f"{why} after it; shorten within")


def _late_receipt(policy: PolicySet, node: Node) -> Iterator[Problem]:
    """Yield a failover after a missing receipt for which no time is left."""
    said = policy.receipt_deadline
    if said is None or said.then is not Then.FAILOVER:
        return
    if said.within > policy.deadline - policy.shortest_attempt:
        within = format_duration(said.within)
        why = f"never comes: within is {within}, and deadline leaves no time after it"
        yield node["receipt_deadline"]["then"].problem(f"{why}; shorten within")


def _named(snapshot: Snapshot) -> Mapping[str, PolicySet]:
    """Return the policy sets that routes name."""
    sets = (placed.route.policy for placed in snapshot.routes.routes)
    return {policy.name: policy for policy in sets if policy.origins}


def _webhook_warnings(
    provider: ProviderSettings, policies: _Policies, node: Node
) -> Iterator[Problem]:
    can = provider.capabilities
    is_pushed = can.receipts is ReceiptMode.PUSH
    if provider.webhook is not None:
        if not is_pushed and not can.inbound:
            yield node["webhook"].key_problem("is of no use: nothing is pushed here")
        return
    for policy in policies.values():
        if is_pushed and Settling.RECEIPT in policy.on_unknown.settle:
            why = "has no webhook, so its receipts cannot settle an unknown outcome"
            yield node.key_problem(f"{why}, as policy {policy.name!r} wants")


def _unsettled(
    provider: ProviderSettings, policies: _Policies, node: Node
) -> Iterator[Problem]:
    for policy in policies.values():
        if _ways(provider.capabilities).isdisjoint(policy.on_unknown.settle):
            ways = ", ".join(policy.on_unknown.settle)
            why = f"has none of the ways to settle an unknown outcome: {ways}"
            yield node.key_problem(f"{why} (policy {policy.name!r})")


def _policies(snapshot: Snapshot) -> Mapping[str, _Policies]:
    """Return the policy sets of the routes to each provider."""
    found: dict[str, dict[str, PolicySet]] = {}
    for placed in snapshot.routes.routes:
        for name in placed.route.pool.providers:
            policy = placed.route.policy
            found.setdefault(name, {}).setdefault(policy.name, policy)
    return found


def _asked_for(snapshot: Snapshot, root: Node) -> Mapping[str, _Policies]:
    """Return them without those that nobody asked for and no provider there has."""
    nodes = routes_by_name(root["routes"])
    found: dict[str, dict[str, PolicySet]] = {}
    for placed in snapshot.routes.routes:
        policy, names = placed.route.policy, placed.route.pool.providers
        offered = [_ways(snapshot.providers[name].capabilities) for name in names]
        if _names_policy(placed, nodes) or any(offered):
            for name in names:
                found.setdefault(name, {}).setdefault(policy.name, policy)
    return found


def _names_policy(placed: PlacedRoute, nodes: Mapping[str, Node]) -> bool:
    origin = placed.origins.get("policy")
    return origin is not None and nodes[origin]["policy"].text is not None


def _ways(can: Capabilities) -> set[Settling]:
    ways = {
        Settling.REFERENCE: can.idempotent_reference is not None,
        Settling.QUERY: can.query is not QueryMode.NONE,
        Settling.RECEIPT: can.receipts is not ReceiptMode.NONE,
    }
    return {way for way, is_offered in ways.items() if is_offered}
