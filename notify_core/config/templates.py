"""Checks templates and compiles them: parameters, texts, bindings, providers."""

from __future__ import annotations

from collections.abc import Iterator

from notify_core.config.accounts import Accounts
from notify_core.config.bindings import binding_problems, binding_warnings
from notify_core.config.document import Node
from notify_core.config.template_fit import fit_findings
from notify_core.config.template_model import template_of
from notify_core.config.template_params import (
    Texts,
    doubtful_uses,
    impossible,
    schema_problems,
    undeclared,
)
from notify_core.config.texts import (
    PARTS,
    language_problems,
    language_warnings,
    said,
)
from notify_core.errors import Problem
from notify_core.template.catalogue import CompiledTemplate, compiled
from notify_core.template.rendering import TextTemplate
from notify_core.template.wording import compiled_text, has_line_break


class TemplateReader:
    """One reading of the templates of one configuration.

    Args:
        accounts: Whom a template may be bound to.

    Attributes:
        templates: Those with nothing wrong.
        problems: What was found, beside what the schema says.
        warnings: What is allowed and probably not meant.
    """

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self.templates: dict[str, CompiledTemplate] = {}
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []

    def read(self, name: str, node: Node, *, is_sound: bool) -> None:
        """Check a template, and compile it.

        Args:
            name: Its name.
            node: What is written.
            is_sound: It keeps to the schema.
        """
        before = len(self.problems)
        texts = self._texts(node)
        self.problems += language_problems(node)
        faulty = list(schema_problems(node["params"]))
        self.problems += faulty or [
            *impossible(node["params"]),
            *undeclared(node, texts),
        ]
        if not faulty:
            for key, binding in node["bindings"].entries():
                self.problems += binding_problems(node, key, binding, self._accounts)
        if is_sound and len(self.problems) == before:
            self._compile(name, node, texts)

    def _texts(self, template: Node) -> Texts:
        found: dict[str, tuple[Node, TextTemplate]] = {}
        for part in PARTS:
            for _, node in said(template[part]):
                if part == "subject" and has_line_break(node.text or ""):
                    why = "has a line break, and a subject is one line"
                    self.problems.append(node.problem(why))
                text = self._text(node, escaped=part == "html")
                if text is not None:
                    found[node.pointer] = node, text
        return found

    def _text(self, node: Node, *, escaped: bool) -> TextTemplate | None:
        try:
            return compiled_text(node.text or "", escaped=escaped)
        except (ValueError, SyntaxError, RecursionError, OverflowError) as error:
            self.problems.append(node.problem(f"is no template: {error}"))
            return None

    def _compile(self, name: str, node: Node, texts: Texts) -> None:
        made = template_of(name, node.value)
        providers = self._accounts.ready.values()
        for problem, is_warning in fit_findings(made, node, providers):
            (self.warnings if is_warning else self.problems).append(problem)
        self.warnings += self._doubts(node, texts)
        self.templates[name] = compiled(made)

    def _doubts(self, node: Node, texts: Texts) -> Iterator[Problem]:
        yield from language_warnings(node)
        yield from doubtful_uses(node, texts)
        for key, binding in node["bindings"].entries():
            yield from binding_warnings(node, key, binding, self._accounts, texts)
