"""Renders template texts in a sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, UndefinedError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

_ENVIRONMENT = ImmutableSandboxedEnvironment(
    autoescape=False,  # plain text
    undefined=StrictUndefined,
    keep_trailing_newline=True,
    optimized=False,  # constants are computed when rendered, not when loaded
)


class TextTemplate:
    """A compiled text.

    Raises:
        ValueError: The text is no template; says what and in which of its lines.
    """

    def __init__(self, text: str) -> None:
        try:
            #: Names that the text uses.
            self.names: frozenset[str] = frozenset(
                meta.find_undeclared_variables(_ENVIRONMENT.parse(text))
            )
            self._template = _ENVIRONMENT.from_string(text)
            self._parts = _plain_parts(_ENVIRONMENT.parse(text))
        except TemplateSyntaxError as error:
            raise ValueError(f"{error.message} (line {error.lineno})") from error

    def render(self, params: Mapping[str, Any]) -> str:
        """Fill the text.

        Raises:
            ValueError: A name is missing, or the text does what the sandbox forbids.
        """
        plain = self._filled(params)
        if plain is not None:
            return plain
        try:
            return self._template.render(params)
        except Exception as error:  # noqa: BLE001 (what a text does may raise anything)
            # Without the cause and its text, which may tell a value.
            raise ValueError(self._described(error, params)) from None

    def _described(self, error: Exception, params: Mapping[str, Any]) -> str:
        missing = sorted(self.names - params.keys())
        if isinstance(error, UndefinedError) and missing:
            named = ", ".join(missing)
            return f"it uses {named}, not given: give it, or write a default for it"
        return f"it raises {type(error).__name__}"

    def _filled(self, params: Mapping[str, Any]) -> str | None:
        """Fill a text of plain names with strings; None where it takes more."""
        if self._parts is None:
            return None
        words = []
        for part, is_name in self._parts:
            word = params.get(part) if is_name else part
            if type(word) is not str:
                return None
            words.append(word)
        return "".join(words)


def _plain_parts(tree: nodes.Template) -> tuple[tuple[str, bool], ...] | None:
    """Return (text or name, whether a name) in order, if there is nothing else.

    Most texts are such; filling them by hand takes a fifth of rendering them.
    """
    parts: list[tuple[str, bool]] = []
    for output in tree.body:
        if not isinstance(output, nodes.Output):
            return None
        for node in output.nodes:
            if isinstance(node, nodes.TemplateData):
                parts.append((node.data, False))
            elif isinstance(node, nodes.Name):
                parts.append((node.name, True))
            else:
                return None
    return tuple(parts)
