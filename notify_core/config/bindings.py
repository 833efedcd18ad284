"""Checks how templates are bound to providers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from notify_core.config.document import Node
from notify_core.errors import Problem
from notify_core.names import nearest
from notify_core.provider import ProviderType


def binding_problems(
    key: str,
    binding: Node,
    bound: Mapping[str, ProviderType | None],
    *,
    has_text: bool,
) -> Iterator[Problem]:
    """Yield what is wrong with a binding, beside what the schema says."""
    if key not in bound:
        why = "names no provider and no installed provider type"
        yield binding.key_problem(f"{why}; {nearest(key, bound)}")
    if not isinstance(binding.value, dict):
        return
    match binding["mode"].value:
        case None | "id":
            yield from _id_problems(binding, bound.get(key))
        case "text":
            yield from _text_problems(binding, has_text=has_text)


def _id_problems(binding: Node, type_: ProviderType | None) -> Iterator[Problem]:
    if type_ is not None and not type_.capabilities.templates:
        why = f"type {type_.name!r} takes no template ids; write mode: text"
        yield binding.key_problem(why)
    elif binding["template_id"].value is None:
        yield binding.key_problem("has no template_id; give it one, or mode: text")


def _text_problems(binding: Node, *, has_text: bool) -> Iterator[Problem]:
    for name in ("template_id", "params"):
        if binding[name].value is not None:
            yield binding[name].key_problem("has no meaning with mode: text")
    if not has_text:
        why = "sends the text of the template, which has none; give it text"
        yield binding["mode"].problem(why)
