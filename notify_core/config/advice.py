"""Warns of what is allowed and probably not meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from notify_core.config.document import Document, Node, by_place
from notify_core.config.snapshot import ProviderSettings, Snapshot
from notify_core.errors import Problem
from notify_core.model.template import BindingMode
from notify_core.policy.policy_set import PolicySet, Settling
from notify_core.provider import (
    Capabilities,
    QueryMode,
    ReceiptMode,
    SenderMode,
    TextMode,
)
from notify_core.template.catalogue import CompiledTemplate


def advice(snapshot: Snapshot, document: Document) -> tuple[Problem, ...]:
    """Return the warnings, in the order of the file."""
    found = [problem for warn in _WARNINGS for problem in warn(snapshot, document.root)]
    return tuple(sorted(found, key=by_place))


def _unused(snapshot: Snapshot, root: Node) -> Iterator[Problem]:
    route = snapshot.root
    used = {
        "providers": route.pool.members,
        "pools": (route.pool.name,),
        "policies": (root["routes"]["policy"].value,),
    }
    for section, names in used.items():
        for name, node in root[section].entries():
            if name not in names:
                yield node.key_problem("is used by no route")


def _unused_bindings(snapshot: Snapshot, root: Node) -> Iterator[Problem]:
    types = {provider.type.name for provider in snapshot.providers.values()}
    for _, template in root["templates"].entries():
        for name, binding in template["bindings"].entries():
            if name not in types and name not in snapshot.providers:
                yield binding.key_problem("is of no use: no provider has this type")


def _idle_providers(snapshot: Snapshot, root: Node) -> Iterator[Problem]:
    templates = snapshot.templates.values()
    for provider in _routed(snapshot):
        can = provider.capabilities.text
        if can is TextMode.FREE or (
            can is TextMode.APPROVED and snapshot.root.free_text
        ):
            continue
        if not any(_takes(provider, template) for template in templates):
            node = root["providers"][provider.name]
            yield node.key_problem(f"never gets a message: {_REMEDIES[can]}")


def _unsendable_templates(snapshot: Snapshot, root: Node) -> Iterator[Problem]:
    for name, template in snapshot.templates.items():
        if not any(_takes(provider, template) for provider in _routed(snapshot)):
            why = "can be sent by no provider of the route; it lacks text or a binding"
            yield root["templates"][name].key_problem(why)


def _takes(provider: ProviderSettings, template: CompiledTemplate) -> bool:
    binding = template.binding_for(provider.name, provider.type.name)
    if binding is not None and binding.mode is BindingMode.ID:
        return True
    needs_binding = provider.capabilities.text is not TextMode.FREE
    if provider.capabilities.text is TextMode.NONE or (needs_binding and not binding):
        return False
    return template.text is not None


def _foreign_senders(snapshot: Snapshot, root: Node) -> Iterator[Problem]:
    """Yield each sender of a binding that none of its providers may use."""
    for template in snapshot.templates.values():
        bound = [
            (p, template.binding_for(p.name, p.type.name)) for p in _routed(snapshot)
        ]
        for key, binding in template.template.bindings.items():
            fixed = [p.capabilities for p, its in bound if its is binding]
            if (
                binding.sender
                and fixed
                and not any(_may_use(can, binding.sender) for can in fixed)
            ):
                own = " or ".join(sorted({repr(can.sender_name) for can in fixed}))
                node = root["templates"][template.template.name]["bindings"][key]
                why = f"is fixed to {own} there: with another the template is not sent"
                yield node["sender"].problem(why)


def _may_use(can: Capabilities, sender: str) -> bool:
    return can.sender is SenderMode.FREE or sender == can.sender_name


def _webhooks(snapshot: Snapshot, root: Node) -> Iterator[Problem]:
    policy = snapshot.root.policy
    for provider in _routed(snapshot):
        node, can = root["providers"][provider.name], provider.capabilities
        is_pushed = can.receipts is ReceiptMode.PUSH
        if provider.webhook is not None and not is_pushed and not can.inbound:
            yield node["webhook"].key_problem("is of no use: nothing is pushed here")
        if provider.webhook is None and is_pushed and _waits(policy):
            why = "has no webhook, so its receipts cannot settle an unknown outcome"
            yield node.key_problem(f"{why}, as policy {policy.name!r} wants")


def _waits(policy: PolicySet) -> bool:
    return Settling.RECEIPT in policy.on_unknown.settle


def _unsettled(snapshot: Snapshot, root: Node) -> Iterator[Problem]:
    policy = snapshot.root.policy
    offered = [_ways(provider.capabilities) for provider in _routed(snapshot)]
    if root["routes"]["policy"].value is None and not any(offered):
        return  # nobody asked for what nobody has
    for provider in _routed(snapshot):
        if _ways(provider.capabilities).isdisjoint(policy.on_unknown.settle):
            ways = ", ".join(policy.on_unknown.settle)
            why = f"has none of the ways to settle an unknown outcome: {ways}"
            node = root["providers"][provider.name]
            yield node.key_problem(f"{why} (policy {policy.name!r})")


def _ways(can: Capabilities) -> set[Settling]:
    ways = {
        Settling.REFERENCE: can.idempotent_reference is not None,
        Settling.QUERY: can.query is not QueryMode.NONE,
        Settling.RECEIPT: can.receipts is not ReceiptMode.NONE,
    }
    return {way for way, is_offered in ways.items() if is_offered}


def _routed(snapshot: Snapshot) -> list[ProviderSettings]:
    return [snapshot.providers[name] for name in snapshot.root.pool.members]


_REMEDIES = {
    TextMode.APPROVED: "it takes filed texts only; bind a template to it, or set "
    "free_text: true on the route",
    TextMode.NONE: "it takes template ids only; bind a template to it",
}

_WARNINGS: tuple[Callable[[Snapshot, Node], Iterator[Problem]], ...] = (
    _unused,
    _unused_bindings,
    _idle_providers,
    _unsendable_templates,
    _foreign_senders,
    _webhooks,
    _unsettled,
)
