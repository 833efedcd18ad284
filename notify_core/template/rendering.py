"""Renders template texts in a sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

_ENVIRONMENT = ImmutableSandboxedEnvironment(
    autoescape=False,  # plain text
    undefined=StrictUndefined,
    keep_trailing_newline=True,
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
        except TemplateSyntaxError as error:
            raise ValueError(f"{error.message} (line {error.lineno})") from error

    def render(self, params: Mapping[str, Any]) -> str:
        """Fill the text.

        Raises:
            ValueError: A name is missing, or the text does what the sandbox forbids.
        """
        try:
            return self._template.render(params)
        except (TemplateError, TypeError, ArithmeticError) as error:
            raise ValueError(str(error)) from error
