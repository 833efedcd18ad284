"""Warns of providers that never get a message of a route to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import attrs

from notify_core.aside import breathe
from notify_core.config.document import Node
from notify_core.config.routes import routes_by_name
from notify_core.config.snapshot import ProviderSettings, Snapshot
from notify_core.config.unreachable import coming_templates, relations_of
from notify_core.errors import Problem
from notify_core.provider import TextMode
from notify_core.routing.case import Case
from notify_core.routing.tree import PlacedRoute
from notify_core.template.catalogue import CompiledTemplate, can_send


def idle_warnings(snapshot: Snapshot, root: Node) -> Iterator[Problem]:
    """Yield the providers that get no message at all, or none of a route's.

    And the templates that some provider can send, but no route takes to one.
    """
    nodes = routes_by_name(root["routes"])
    traffic = list(_traffic(snapshot))
    idle = dict(_idle_everywhere(traffic))
    for name, why in idle.items():
        yield root["providers"][name].key_problem(f"never gets a message: {why}")
    for each in traffic:
        yield from _idle_here(each, idle, nodes[each.placed.route.name])
    for name in _unsent(snapshot, traffic):
        why = f"take template {name!r} to no provider that can send it"
        yield root["routes"].key_problem(why)


def _traffic(snapshot: Snapshot) -> Iterator[_Traffic]:
    known = relations_of(snapshot)
    for placed in snapshot.routes.routes:
        breathe()
        case = Case.of(placed.conditions)
        templates = coming_templates(case, snapshot, known)
        if templates is not None:
            names = placed.route.pool.providers
            yield _Traffic(
                placed=placed,
                templates=templates,
                providers=[snapshot.providers[name] for name in names],
                may_have=partial(case.may_have, relations=known),
            )


def _unsent(snapshot: Snapshot, traffic: Sequence[_Traffic]) -> Iterator[str]:
    sent = {name for each in traffic for name in each.sent}
    for name, template in snapshot.templates.items():
        # What no provider at all can send is told where the template stands.
        can = (_takes(provider, template) for provider in snapshot.providers.values())
        if name not in sent and any(can):
            yield name


def _idle_everywhere(traffic: Sequence[_Traffic]) -> Iterator[tuple[str, str]]:
    whys: dict[str, list[str | None]] = {}
    for each in traffic:
        for name, why in each.why_idle.items():
            whys.setdefault(name, []).append(why)
    for name, found in whys.items():
        if found[0] is not None and None not in found:
            yield name, found[0]


def _idle_here(
    traffic: _Traffic, idle: Mapping[str, str], node: Node
) -> Iterator[Problem]:
    whys = {name: why for name, why in traffic.why_idle.items() if why is not None}
    told = {name: why for name, why in whys.items() if name not in idle}
    if traffic.placed.origins["pool"] == traffic.placed.route.name:
        for name, why in told.items():
            yield node["pool"].problem(
                f"{name!r} gets no message that this matches: {why}"
            )
    elif told and len(whys) == len(traffic.why_idle):
        each = "; ".join(f"{name}: {why}" for name, why in whys.items())
        yield node.problem(f"none of its pool gets a message that this matches: {each}")


@attrs.frozen(kw_only=True)
class _Traffic:
    """What may come to a route, and which of its providers never get any of it."""

    placed: PlacedRoute
    #: The templates that may come.
    templates: Sequence[CompiledTemplate]
    #: The providers that may get them.
    providers: Sequence[ProviderSettings]
    #: Whether one of the messages may have a value of a field.
    may_have: Callable[[str, str | None], bool]

    #: By provider; None: it may get a message.
    why_idle: Mapping[str, str | None] = attrs.field(init=False)

    @why_idle.default
    def _asked(self) -> Mapping[str, str | None]:
        return {
            p.name: self._channel(p) or self._country(p) or self._text(p)
            for p in self.providers
        }

    @property
    def sent(self) -> Iterator[str]:
        """The names of the templates that some provider here can send."""
        for template in self.templates:
            if any(_takes(provider, template) for provider in self.providers):
                yield template.template.name

    def _channel(self, provider: ProviderSettings) -> str | None:
        served = provider.capabilities.channels
        if any(self.may_have("channel", channel) for channel in served):
            return None
        return f"it serves only {', '.join(sorted(served))}"

    def _country(self, provider: ProviderSettings) -> str | None:
        served = provider.capabilities.countries
        if served is None or any(self.may_have("country", c) for c in served):
            return None
        return f"it serves only {', '.join(sorted(served))}"

    def _text(self, provider: ProviderSettings) -> str | None:
        if self._takes_free_text(provider):
            return None
        if any(_takes(provider, template) for template in self.templates):
            return None
        return _REMEDIES[provider.capabilities.text]

    def _takes_free_text(self, provider: ProviderSettings) -> bool:
        if not self.may_have("template", None):
            return False
        mode = provider.capabilities.text
        is_let = mode is TextMode.APPROVED and self.placed.route.free_text
        return mode is TextMode.FREE or is_let


def _takes(provider: ProviderSettings, template: CompiledTemplate) -> bool:
    binding = template.binding_for(provider.name, provider.type.name)
    return can_send(provider.capabilities, template.template, binding)


_REMEDIES = {
    TextMode.FREE: "no template that comes here has a text or a binding for it",
    TextMode.APPROVED: "it takes filed texts only; bind a template to it, or set "
    "free_text: true on the route",
    TextMode.NONE: "it takes template ids only; bind a template to it",
}
