"""Checks templates: their parameters, texts and bindings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from notify_core.config.document import Node
from notify_core.config.schema_faults import schema_faults
from notify_core.config.settings_schema import Shape
from notify_core.config.wording import shown
from notify_core.errors import Problem
from notify_core.names import nearest
from notify_core.provider import ProviderType
from notify_core.template.rendering import TextTemplate


@attrs.frozen
class TemplateCheck:
    """What the templates of a configuration may name."""

    #: Type of each configured provider; None where it is not installed.
    providers: Mapping[str, ProviderType | None]
    types: Mapping[str, ProviderType]

    def problems(self, node: Node) -> Iterator[Problem]:
        """Yield what is wrong with a template, beside what the schema says."""
        yield from _params_problems(node["params"])
        declared = _declared(node["params"])
        yield from _text_problems(node["text"], declared)
        for name, binding in node["bindings"].entries():
            yield from self._key_problems(name, binding)
            yield from _mode_problems(binding, has_text=node["text"].text is not None)
            yield from _binding_params_problems(binding["params"], declared)

    def _key_problems(self, name: str, binding: Node) -> Iterator[Problem]:
        known = {**self.types, **self.providers}
        if name not in known:
            near = nearest(name, known)
            why = f"names no provider and no installed provider type; {near}"
            yield binding.key_problem(why)
            return
        type_ = known[name]
        if type_ and not type_.capabilities.templates and _sends_id(binding):
            why = f"type {type_.name!r} takes no template ids; write mode: text"
            yield binding.key_problem(why)


def _params_problems(node: Node) -> Iterator[Problem]:
    if isinstance(node.value, dict):
        for fault in schema_faults(node.value):
            pointer = node.pointer + fault.pointer
            yield node.document.problem(pointer, fault.message, at_key=fault.at_key)


def _declared(node: Node) -> tuple[str, ...]:
    if not isinstance(node.value, dict):
        return ()
    return Shape.of(node.value, node.value).names


def _text_problems(node: Node, declared: tuple[str, ...]) -> Iterator[Problem]:
    if node.text is None:
        return
    try:
        names = TextTemplate(node.text).names
    except (ValueError, SyntaxError, RecursionError, OverflowError) as error:
        yield node.problem(f"is no template: {error}")
        return
    for name in sorted(names.difference(declared)):
        near = nearest(name, declared)
        yield node.problem(f"uses {shown(name)}, which params does not declare; {near}")


def _mode_problems(binding: Node, *, has_text: bool) -> Iterator[Problem]:
    if _sends_id(binding):
        if binding["template_id"].value is None:
            yield binding.key_problem("has no template_id; give it one, or mode: text")
        return
    for name in ("template_id", "params"):
        if binding[name].value is not None:
            yield binding[name].key_problem("has no meaning with mode: text")
    if not has_text:
        why = "sends the text of the template, which has none; give it text"
        yield binding["mode"].problem(why)


def _sends_id(binding: Node) -> bool:
    return binding["mode"].value in (None, "id")


def _binding_params_problems(
    node: Node, declared: tuple[str, ...]
) -> Iterator[Problem]:
    named = [*node.elements(), *(child for _, child in node.entries())]
    for child in named:
        if child.text is not None and child.text not in declared:
            near = nearest(child.text, declared)
            yield child.problem(f"{shown(child.text)} is no parameter; {near}")
