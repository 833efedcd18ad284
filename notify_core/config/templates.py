"""Reads templates: their parameters, texts and bindings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from notify_core.config.bindings import binding_problems
from notify_core.config.document import Node
from notify_core.config.schema_faults import schema_faults
from notify_core.config.shape import Shape
from notify_core.config.wording import shown
from notify_core.errors import Problem
from notify_core.names import nearest
from notify_core.provider import ProviderType
from notify_core.template.rendering import TextTemplate


class TemplateReader:
    """One reading of the templates of one configuration.

    Args:
        bound: What a binding may be for: provider types and providers, with the type
            of each; None where that is not installed.

    Attributes:
        texts: The compiled text of each template that has one.
        problems: What was found, beside what the schema says.
    """

    def __init__(self, bound: Mapping[str, ProviderType | None]) -> None:
        self._bound = bound
        self.texts: dict[str, TextTemplate] = {}
        self.problems: list[Problem] = []

    def read(self, name: str, node: Node) -> None:
        """Check a template, and compile its text."""
        text = self._text(node["text"])
        if text is not None:
            self.texts[name] = text
        faulty = list(_params_problems(node["params"]))
        self.problems += faulty or _undeclared(node, text)
        for key, binding in node["bindings"].entries():
            self.problems += binding_problems(
                key, binding, self._bound, has_text=node["text"].text is not None
            )

    def _text(self, node: Node) -> TextTemplate | None:
        if node.text is None:
            return None
        try:
            return TextTemplate(node.text)
        except (ValueError, SyntaxError, RecursionError, OverflowError) as error:
            self.problems.append(node.problem(f"is no template: {error}"))
            return None


def _params_problems(node: Node) -> Iterator[Problem]:
    if isinstance(node.value, dict):
        for fault in schema_faults(node.value):
            pointer = node.pointer + fault.pointer
            yield node.document.problem(pointer, fault.message, at_key=fault.at_key)


def _undeclared(node: Node, text: TextTemplate | None) -> Iterator[Problem]:
    """Yield every use of a parameter that the template does not declare."""
    declared = Shape.of(node["params"].value, node["params"].value).names
    for used in sorted(text.names.difference(declared)) if text else ():
        why = f"uses {shown(used)}, which params does not declare"
        yield node["text"].problem(f"{why}; {nearest(used, declared)}")
    for _, binding in node["bindings"].entries():
        for param in binding["params"].inside():
            if param.text is not None and param.text not in declared:
                why = f"{shown(param.text)} is no parameter"
                yield param.problem(f"{why}; {nearest(param.text, declared)}")
