"""Checks whether configured providers can send a template, by their own rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from notify_core.config.document import Node
from notify_core.config.snapshot import ProviderSettings
from notify_core.errors import Problem
from notify_core.model.template import Binding, Template
from notify_core.provider import TemplateFault
from notify_core.template.catalogue import can_send

#: A problem, and whether it is only a warning.
Finding = tuple[Problem, bool]

_OWN = "/binding"


def fit_findings(
    template: Template, node: Node, providers: Iterable[ProviderSettings]
) -> Iterator[Finding]:
    """Yield what keeps a template, or some messages of it, from being sent."""
    is_sendable = False
    for provider in providers:
        binding = template.binding_for(provider.name, provider.type.name)
        if can_send(provider.capabilities, template, binding):
            is_sendable = True
            yield from _own_findings(template, node, provider, binding)
    if not is_sendable:
        why = "can be sent by no provider; it lacks text or a binding"
        yield node.key_problem(why), True


def _own_findings(
    template: Template, node: Node, provider: ProviderSettings, binding: Binding | None
) -> Iterator[Finding]:
    """Yield what the provider's type says."""
    for fault in _faults(template, provider, binding):
        pointer = fault.pointer
        if pointer == _OWN or pointer.startswith(f"{_OWN}/"):
            pointer = f"/bindings/{_key(template, provider)}{pointer[len(_OWN) :]}"
        message = f"{fault.message} (provider {provider.name!r})"
        place = node.pointer + pointer
        yield node.document.problem(place, message), fault.is_partial


def _faults(
    template: Template, provider: ProviderSettings, binding: Binding | None
) -> list[TemplateFault]:
    check = provider.type.template_faults
    if check is None:
        return []
    try:
        return list(check(provider.settings, template, binding))
    except Exception as error:  # noqa: BLE001 (a stranger's code must not end a check)
        why = f"was not checked: the plugin raised {type(error).__name__}"
        return [TemplateFault(pointer="", message=why, is_partial=True)]


def _key(template: Template, provider: ProviderSettings) -> str:
    by_name = provider.name in template.bindings
    return provider.name if by_name else provider.type.name
