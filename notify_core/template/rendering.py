"""Renders template texts in a sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

import jinja2
from jinja2 import StrictUndefined, TemplateSyntaxError, UndefinedError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import escape


def _environment(*, escaped: bool) -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        autoescape=escaped,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        optimized=False,  # constants are computed when rendered, not when loaded
    )


_PLAIN = _environment(escaped=False)
_HTML = _environment(escaped=True)
_OTHER_FILES = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)
_DEFAULTS = ("default", "d")
_ASKING = ("defined", "undefined")


class TextTemplate:
    """A compiled text.

    Args:
        text: Jinja2.
        escaped: It is HTML: values are escaped.

    Raises:
        ValueError: The text is no template; says what and in which of its lines.
    """

    def __init__(self, text: str, *, escaped: bool = False) -> None:
        self._text = text
        self._environment = _HTML if escaped else _PLAIN
        self._written: Callable[[str], str] | None = escape if escaped else None
        try:
            tree = self._environment.parse(text)
            #: Names that the text uses.
            self.names = frozenset(meta.find_undeclared_variables(tree))
            self._parts = _plain_parts(tree)
            #: Its own words in order; None stands for what depends on the values.
            self.words = tuple(_words(tree))
            if self._parts is None:
                _check_files(tree)
                _ = self._template
        except TemplateSyntaxError as error:
            raise ValueError(f"{error.message} (line {error.lineno})") from error
        #: Names without a value for which nothing can be rendered.
        self.needed = self.names.intersection(_needed(tree))

    @cached_property
    def _template(self) -> jinja2.Template:
        # Kept back for plain texts: it takes most of the time of reading one.
        return self._environment.from_string(self._text)

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
        words, written = [], self._written
        for part, is_name in self._parts:
            word = params.get(part) if is_name else part
            if type(word) is not str:
                return None
            words.append(written(word) if is_name and written else word)
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


def _words(tree: nodes.Template) -> Iterator[str | None]:
    for statement in tree.body:
        if isinstance(statement, nodes.Output):
            for node in statement.nodes:
                yield node.data if isinstance(node, nodes.TemplateData) else None
        else:
            yield None


def _check_files(tree: nodes.Template) -> None:
    for node in tree.find_all(_OTHER_FILES):
        why = "another template cannot be taken in: write its text here"
        raise TemplateSyntaxError(why, node.lineno)


def _needed(node: nodes.Node) -> Iterator[str]:
    """Yield the names that are evaluated whatever the values are."""
    match node:
        case nodes.Name():
            yield node.name
        case nodes.Filter(name=name, node=nodes.Name()) if name in _DEFAULTS:
            return
        case nodes.Test(name=name, node=nodes.Name()) if name in _ASKING:
            return
        case _:
            for child in _certain(node):
                yield from _needed(child)


def _certain(node: nodes.Node) -> Iterator[nodes.Node]:
    """Yield what is evaluated in any case when *node* is."""
    match node:
        case nodes.If() | nodes.CondExpr():
            yield node.test
        case nodes.And() | nodes.Or():
            yield node.left
        case nodes.For():
            yield node.iter
        case nodes.Macro() | nodes.CallBlock():
            return
        case _:
            yield from node.iter_child_nodes()
