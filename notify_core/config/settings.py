"""Reads a provider's settings: references followed, defaults filled in, checked."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from notify_core.config.base_url import base_url_fault
from notify_core.config.document import Node
from notify_core.config.secrets import (
    Referenced,
    References,
    is_reference,
    meant_reference,
)
from notify_core.config.settings_schema import closed, fill_defaults
from notify_core.config.shape import Shape
from notify_core.config.wording import faults
from notify_core.errors import Problem
from notify_core.provider import ProviderType, Settings
from notify_core.schemas import validator
from notify_core.secret import Secret

#: The setting that says where a vendor is, in every provider type that has one.
_BASE_URL = "base_url"
_PLAIN = (
    "is a secret, which never stands in a configuration; "
    "write {env: NAME} or {file: path}"
)
#: Stands where a reference led nowhere; what the schema says of it is not told.
_UNRESOLVED = Referenced("", "nothing", is_secret=False)


class SettingsReader:
    """One reading of one provider's settings.

    Args:
        type_: Whose schema they follow.
        references: Where references lead.

    Attributes:
        problems: What was found.
    """

    def __init__(self, type_: ProviderType, references: References) -> None:
        self._schema = type_.settings_schema
        self._references = references
        self.problems: list[Problem] = []

    def read(self, node: Node) -> Settings | None:
        """Return the settings as a provider gets them; None after problems."""
        if not isinstance(node.value, dict | None):
            return None  # the schema of configurations complains
        shape = Shape.of(self._schema, self._schema)
        settings = self._resolved(node, shape, is_secret=False) or {}
        fill_defaults(self._schema, self._schema, settings)
        self._check(settings, node)
        self._check_base_url(settings.get(_BASE_URL), node[_BASE_URL])
        return None if self.problems else MappingProxyType(_sealed(settings))

    def _resolved(self, node: Node, shape: Shape, *, is_secret: bool) -> Any:
        is_secret = is_secret or shape.is_secret
        if shape.schemas and shape.is_single:
            return self._single(node, is_secret=is_secret)
        if isinstance(node.value, dict):
            return {
                key: self._resolved(child, shape.below(key), is_secret=is_secret)
                for key, child in node.entries()
            }
        if isinstance(node.value, list):
            return [
                self._resolved(child, shape.below(index), is_secret=is_secret)
                for index, child in enumerate(node.elements())
            ]
        return node.value

    def _single(self, node: Node, *, is_secret: bool) -> Any:
        if is_reference(node.value):
            return self._followed(node, is_secret=is_secret)
        if is_secret:
            return self._secret(node)
        meant = meant_reference(node.value)
        return self._unresolved(node, meant) if meant else node.value

    def _followed(self, node: Node, *, is_secret: bool) -> Referenced:
        try:
            return self._references.follow(node.value, is_secret=is_secret)
        except ValueError as error:
            return self._unresolved(node, str(error))

    def _secret(self, node: Node) -> Referenced:
        """Return a secret that a program gave; a file never holds one itself."""
        if not isinstance(node.value, Secret):
            return self._unresolved(node, meant_reference(node.value) or _PLAIN)
        text = node.value.reveal()
        if not text.strip():
            return self._unresolved(node, "is empty: the Secret given holds nothing")
        return Referenced(text, "the Secret given", is_secret=True)

    def _unresolved(self, node: Node, why: str) -> Referenced:
        self.problems.append(node.problem(why))
        return _UNRESOLVED

    def _check(self, settings: Any, node: Node) -> None:
        for error in validator(closed(self._schema)).iter_errors(settings):
            if error.instance is _UNRESOLVED:
                continue
            for fault in faults(error):
                problem = node.document.problem(
                    node.pointer + fault.pointer, fault.message, at_key=fault.at_key
                )
                self.problems.append(problem)

    def _check_base_url(self, text: Any, node: Node) -> None:
        """Say what the schema did not: it cannot read a URL."""
        is_told = any(problem.pointer == node.pointer for problem in self.problems)
        if isinstance(text, str) and not is_told:
            fault = base_url_fault(text)
            self.problems += [node.problem(fault)] if fault else []


def _sealed(value: Any) -> Any:
    """Return the value with secrets as `Secret` and other references as plain text."""
    match value:
        case Referenced():
            text = str.__str__(value)
            return Secret(text) if value.is_secret else text
        case dict():
            return {key: _sealed(child) for key, child in value.items()}
        case list():
            return [_sealed(child) for child in value]
    return value
